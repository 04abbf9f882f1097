//! Reading accounts.

use actix_web::HttpResponse;
use entity::user::{Entity, Model};
use serde::Serialize;
use serde_json::Value;

use crate::domain::account;
use crate::domain::role::{self, Scope};
use crate::edge::allowed_actions::AllowedActions;
use crate::edge::shape::{User, UserWithRoles};
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::query::{Filter, Listing, Operator};

/// `users:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let listing = visible_only(&call, call.query.listing()?)?;
    let found = call.app.store.list::<Entity>(&listing).await?;
    let allowed = allowed_actions(&call, &found.rows).await?;
    let shown = shape(&call, &found.rows).await?;
    Ok(envelope::page_with_actions(
        shown,
        found.count,
        listing.page,
        allowed.as_ref(),
    ))
}

/// `users:get`.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    let found: Vec<_> = match rows::listing_of_one::<Entity>(&call)? {
        Some(listing) => {
            let listing = visible_only(&call, listing)?;
            let found = call.app.store.list::<Entity>(&listing).await?;
            found.rows.into_iter().take(1).collect()
        }
        None => Vec::new(),
    };
    let allowed = allowed_actions(&call, &found).await?;
    let user = shape(&call, &found).await?.pop();
    Ok(envelope::row(user.unwrap_or_default(), allowed.as_ref()))
}

/// What the caller may do with these accounts, if the request asks for it. Only root may change
/// accounts with the root role, only who may change roles those of other administrators, and the
/// first account cannot be removed.
async fn allowed_actions(call: &Call, users: &[Model]) -> Result<Option<AllowedActions>, ApiError> {
    let rows = rows::whole(users.iter().map(User::from))?;
    let Some(mut allowed) = AllowedActions::of::<Entity>(call, &rows)? else {
        return Ok(None);
    };
    let (store, by) = (&call.app.store, call.administrator()?);
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    let mut protected = Vec::new();
    if !by.is_root {
        protected = store.holders_of_role(role::ROOT, &ids).await?;
    }
    if !by.may_give_power {
        let roles = store.roles().await?;
        for powerful in roles.iter().filter(|row| role::administers(row)) {
            let holders = store.holders_of_role(&powerful.name, &ids).await?;
            let is_left = |id: &i64| !by.may_change_administrator(*id);
            protected.extend(holders.into_iter().filter(is_left));
        }
    }
    let is_protected = |key: &Value| key.as_i64().is_some_and(|id| protected.contains(&id));
    let stays = |key: &Value| key.as_i64() == Some(account::FIRST) || is_protected(key);
    allowed.refuse(is_protected, stays);
    Ok(Some(allowed))
}

/// The part of a listing that the caller may see, which for some roles is what the caller's own account created. It is a
/// condition of the question: an answer that was made of other rows, or that there is none, would tell something of them.
fn visible_only(call: &Call, mut listing: Listing) -> Result<Listing, ApiError> {
    let caller = call.caller()?;
    if caller.role.scope("view") != Some(Scope::All) {
        let own = Filter::Is {
            column: "createdById".to_owned(),
            operator: Operator::Equal,
            value: Value::from(caller.user.id),
        };
        // The first condition, so that a database spends no time on others for rows that are hidden.
        let filter = [own].into_iter().chain(listing.filter);
        listing.filter = Some(Filter::All(filter.collect()));
    }
    Ok(listing)
}

/// Accounts with the associations that the request appends.
async fn shape(call: &Call, users: &[Model]) -> Result<Vec<Value>, ApiError> {
    let rows = if call.query.words("appends").contains(&"roles") {
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let held = call.app.store.roles_of_each(&ids).await?;
        let none = Vec::new();
        rows::whole(users.iter().map(|user| {
            let held = held.get(&user.id).unwrap_or(&none);
            UserWithRoles::new(user, held)
        }))?
    } else {
        rows::whole(users.iter().map(User::from))?
    };
    rows::sent::<Entity>(call, &rows).await
}

/// An account that was created or changed, with its roles if the request set them.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Changed<'a> {
    /// Without roles.
    Plain(User<'a>),
    /// With roles.
    WithRoles(UserWithRoles<'a>),
}
