//! The list of bound people, and the search for accounts that could be bound.

use std::collections::HashSet;

use actix_web::HttpResponse;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{user, user_authenticator};
use schemars::JsonSchema;
use serde::Serialize;

use super::who::authenticator_of;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::query::Page;

/// The largest page, in rows.
const MOST_ROWS: u64 = 200;
/// Rows on a page, unless the request says how many.
const ROWS: u64 = 20;
/// An account that was created within this time before its binding was created for it.
const TOGETHER: TimeDelta = TimeDelta::seconds(10);

/// How a binding came about, as far as its row tells.
#[derive(Clone, Copy, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
enum How {
    /// An existing account was found for the person, or they bound it themselves.
    Linked,
    /// The account was created for the person.
    SignedUp,
    /// An administrator bound it.
    ByHand,
    /// The account was created for the person by a synchronization of the directory.
    Directory,
}

impl How {
    /// `is_copied` says that the directory has recorded the account for somebody.
    fn of(
        binding: &user_authenticator::Model,
        user: Option<&user::Model>,
        is_copied: bool,
    ) -> Self {
        if binding.created_by_id.is_some() {
            return Self::ByHand;
        }
        let created = user.and_then(|user| Some((user.created_at?, user.created_by_id)));
        match created {
            Some((at, by)) if (binding.created_at - at).abs() <= TOGETHER => match by {
                None => Self::SignedUp,
                // A synchronization creates accounts in the name of somebody.
                Some(_) if is_copied => Self::Directory,
                Some(_) => Self::Linked,
            },
            _ => Self::Linked,
        }
    }
}

/// A bound person.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct PersonRow {
    authenticator: String,
    /// The account.
    user_id: i64,
    /// The names of the account; null when it no longer exists.
    account: Option<Account>,
    /// The person's name at the provider.
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

impl PersonRow {
    fn of(
        binding: user_authenticator::Model,
        user: Option<user::Model>,
        copied: &HashSet<i64>,
    ) -> Self {
        let is_copied = copied.contains(&binding.user_id);
        Self {
            how: How::of(&binding, user.as_ref(), is_copied),
            authenticator: binding.authenticator,
            user_id: binding.user_id,
            account: user.map(Account::from),
            name: binding.nickname,
            subject: binding.uuid,
            bound_at: binding.created_at,
        }
    }
}

/// `dingtalkPeople:list`: the people who are bound at an authenticator, newest accounts first.
/// `search` finds them by their account, or by their exact identifier.
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
    let ids: Vec<_> = found.iter().map(|(binding, _)| binding.user_id).collect();
    let copied = store.mirrored_accounts(&ids).await?;
    let copied = copied.iter().filter_map(|row| row.user_id).collect();
    let people = found
        .into_iter()
        .map(|(binding, user)| PersonRow::of(binding, user, &copied));
    let people = rows::whole(people)?;
    Ok(envelope::page(people, count, Some(page)))
}

/// An account that a person can be bound to.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct AccountRow {
    user_id: i64,
    nickname: Option<String>,
    username: Option<String>,
    /// Whether it is already bound at the authenticator that the request names.
    bound: bool,
}

/// `dingtalkPeople:accounts`: up to a few accounts that match `search`.
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
    // The order of the search is kept, in which exact matches come first.
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
