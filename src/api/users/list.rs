//! Looking at accounts.

use actix_web::HttpResponse;
use entity::user::{Entity, Model};
use serde::Serialize;
use serde_json::Value;

use crate::api::shape::{User, UserWithRoles};
use crate::api::{ApiError, Call, envelope, rows};
use crate::domain::role::{self, Scope};
use crate::store::query::{Filter, Operator};

/// `users:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let mut listing = call.query.listing()?;
    if let Some(own) = own_only(&call)? {
        listing.filter = Some(Filter::All(
            listing.filter.into_iter().chain([own]).collect(),
        ));
    }
    let found = call.app.store.list::<Entity>(&listing).await?;
    let mut shown = Vec::new();
    for user in &found.rows {
        shown.push(shape(&call, user).await?);
    }
    Ok(envelope::page(shown, found.count, listing.page))
}

/// `users:get`.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    let found = rows::first::<Entity>(&call).await?;
    let caller = call.caller()?;
    let visible = |user: &Model| {
        role::scope(&caller.role, "view") == Some(Scope::All)
            || user.created_by_id == Some(caller.user.id)
    };
    match found.filter(visible) {
        Some(user) => Ok(envelope::data(shape(&call, &user).await?)),
        None => Ok(envelope::data(Value::Null)),
    }
}

/// The condition for a role that sees only what its account created.
fn own_only(call: &Call) -> Result<Option<Filter>, ApiError> {
    let caller = call.caller()?;
    let own = role::scope(&caller.role, "view") != Some(Scope::All);
    Ok(own.then(|| Filter::Is {
        column: "createdById".to_owned(),
        operator: Operator::Equal,
        value: Value::from(caller.user.id),
    }))
}

/// An account, with its roles when the request appends them.
async fn shape(call: &Call, user: &Model) -> Result<Value, ApiError> {
    let selection = call.query.selection();
    if !call.query.words("appends").contains(&"roles") {
        return selection.of::<Entity, _>(&User::from(user));
    }
    let held = call.app.store.roles_of(user.id).await?;
    selection.of::<Entity, _>(&UserWithRoles::new(user, &held))
}

/// An account that was created or changed, with its roles when those were given.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Changed<'a> {
    /// Without roles.
    Plain(User<'a>),
    /// With them.
    WithRoles(UserWithRoles<'a>),
}
