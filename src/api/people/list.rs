//! Who is bound, and which accounts could be.

use actix_web::HttpResponse;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{user, user_authenticator};
use schemars::JsonSchema;
use serde::Serialize;

use super::who::authenticator_of;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::query::Page;

/// Rows on one page at most.
const MOST_ROWS: u64 = 200;
/// Rows on a page, unless the request says how many.
const ROWS: u64 = 20;
/// An account that is as young as its binding was made with it.
const TOGETHER: TimeDelta = TimeDelta::seconds(10);

/// How a binding came about, as far as it says.
#[derive(Clone, Copy, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
enum How {
    /// An account that was there was found for the person, or they bound it themselves.
    Linked,
    /// The account was made for the person.
    SignedUp,
    /// Somebody else bound it.
    ByHand,
}

impl How {
    fn of(binding: &user_authenticator::Model, user: Option<&user::Model>) -> Self {
        if binding.created_by_id.is_some() {
            return Self::ByHand;
        }
        let created = user.filter(|user| user.created_by_id.is_none());
        let created = created.and_then(|user| user.created_at);
        let is_together = |at: DateTime<Utc>| (binding.created_at - at).abs() <= TOGETHER;
        if created.is_some_and(is_together) {
            Self::SignedUp
        } else {
            Self::Linked
        }
    }
}

/// Somebody who is bound.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct PersonRow {
    authenticator: String,
    /// The account.
    user_id: i64,
    /// What the account is called; null when it is gone.
    account: Option<Account>,
    /// What the provider calls the person.
    name: String,
    /// The identifier by which the person is bound.
    subject: String,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    bound_at: DateTime<Utc>,
    how: How,
}

#[derive(JsonSchema, Serialize)]
struct Account {
    nickname: Option<String>,
    username: Option<String>,
}

impl From<user::Model> for Account {
    fn from(user: user::Model) -> Self {
        Self {
            nickname: user.nickname,
            username: user.username,
        }
    }
}

impl From<(user_authenticator::Model, Option<user::Model>)> for PersonRow {
    fn from((binding, user): (user_authenticator::Model, Option<user::Model>)) -> Self {
        Self {
            how: How::of(&binding, user.as_ref()),
            authenticator: binding.authenticator,
            user_id: binding.user_id,
            account: user.map(Account::from),
            name: binding.nickname,
            subject: binding.uuid,
            bound_at: binding.created_at,
        }
    }
}

/// `dingtalkPeople:list`: who is bound at an authenticator, the newest accounts first. With `search`, those whose
/// account it finds, or who have it as their identifier.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let store = &call.app.store;
    let (authenticator, _) = authenticator_of(&call, call.query.get("authenticator")).await?;
    let name = &authenticator.name;
    let among = match call.query.get("search") {
        None => None,
        Some(text) => {
            let mut ids = store.accounts_like(text).await?;
            let bound = store.bindings_of_subject(name, text.trim()).await?;
            ids.extend(bound.into_iter().map(|binding| binding.user_id));
            Some(ids)
        }
    };
    let page = page(&call)?;
    let count = store.count_bound(name, among.as_deref()).await?;
    let found = store.bound_page(name, among.as_deref(), page).await?;
    let people = rows::whole(found.into_iter().map(PersonRow::from))?;
    Ok(envelope::page(people, count, Some(page)))
}

/// An account that somebody can be bound to.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct AccountRow {
    user_id: i64,
    nickname: Option<String>,
    username: Option<String>,
    /// Whether it is bound already at the authenticator that was named.
    bound: bool,
}

/// `dingtalkPeople:accounts`: the accounts that `search` may mean, a few of them.
pub async fn accounts(call: Call) -> Result<HttpResponse, ApiError> {
    let store = &call.app.store;
    let search = call.query.get("search").unwrap_or_default();
    let ids = store.accounts_like(search).await?;
    let bound = match call.query.get("authenticator") {
        None => Vec::new(),
        named => {
            let (authenticator, _) = authenticator_of(&call, named).await?;
            store.bound_among(&authenticator.name, &ids).await?
        }
    };
    let users = store.users_by_id(&ids).await?;
    let mut shown: Vec<_> = users
        .into_iter()
        .map(|user| AccountRow {
            bound: bound.contains(&user.id),
            user_id: user.id,
            nickname: user.nickname,
            username: user.username,
        })
        .collect();
    // In the order in which they were found: who is named exactly comes first.
    shown.sort_by_key(|row| ids.iter().position(|id| *id == row.user_id));
    Ok(envelope::data(shown))
}

fn page(call: &Call) -> Result<Page, ApiError> {
    let asked = call.query.listing()?.page;
    let page = asked.unwrap_or(Page {
        number: 1,
        size: ROWS,
    });
    Ok(Page {
        size: page.size.clamp(1, MOST_ROWS),
        ..page
    })
}
