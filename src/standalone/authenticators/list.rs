//! Reading authenticators.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::authenticator::Entity;
use entity::{authenticator, user, user_authenticator};
use serde::Serialize;
use serde_json::Value;

use super::shape::Authenticator;
use crate::domain::audit::Action;
use crate::domain::binding::by_hand::{self, HandBindingError};
use crate::edge::audit::About;
use crate::edge::shape::{User, date};
use crate::edge::{ApiError, Call, envelope, rows};

/// `authenticators:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let providers = &call.app.providers;
    rows::list_as::<Entity, _>(&call, |row| Authenticator::of(providers, row)).await
}

/// `authenticators:get`: the row with this key, or the first that matches the filter.
pub async fn get(call: Call) -> Result<HttpResponse, ApiError> {
    let providers = &call.app.providers;
    rows::get_as::<Entity, _>(&call, |row| Authenticator::of(providers, row)).await
}

/// A bound account.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BoundUser<'a> {
    #[serde(flatten)]
    user: User<'a>,
    users_authenticators: Binding<'a>,
    #[serde(rename = "_pivot_")]
    pivot: (),
}

/// Its binding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Binding<'a> {
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    uuid: &'a str,
    nickname: &'a str,
    avatar: &'a str,
    meta: Option<&'a Value>,
    created_by_id: Option<i64>,
    updated_by_id: Option<i64>,
    authenticator: &'a str,
    user_id: i64,
}

impl<'a> From<&'a user_authenticator::Model> for Binding<'a> {
    fn from(row: &'a user_authenticator::Model) -> Self {
        Self {
            created_at: row.created_at,
            updated_at: row.updated_at,
            uuid: &row.uuid,
            nickname: &row.nickname,
            avatar: &row.avatar,
            meta: row.meta.as_ref(),
            created_by_id: row.created_by_id,
            updated_by_id: row.updated_by_id,
            authenticator: &row.authenticator,
            user_id: row.user_id,
        }
    }
}

/// `authenticators/<name or id>/users`: the accounts that are bound.
pub async fn users(call: Call) -> Result<HttpResponse, ApiError> {
    let store = &call.app.store;
    let found = parent(&call).await?;
    let listing = call.query.listing()?;
    let page = listing.page;
    let Some(authenticator) = found else {
        return Ok(envelope::page(Vec::new(), 0, page));
    };
    let found = store.bound_users(&authenticator.name, &listing).await?;
    let rows = found.rows.iter().map(|(user, binding)| BoundUser {
        user: user.into(),
        users_authenticators: binding.into(),
        pivot: (),
    });
    Ok(envelope::page(
        call.query.selection().of_all::<user::Entity, _>(rows)?,
        found.count,
        page,
    ))
}

/// The authenticator whose accounts the request asks for: by id, else by name.
async fn parent(call: &Call) -> Result<Option<authenticator::Model>, ApiError> {
    let store = &call.app.store;
    let parent = call.address.parent_key.as_deref().unwrap_or_default();
    let by_id = match parent.parse() {
        Ok(id) => store.authenticator_by_id(id).await?,
        Err(_) => None,
    };
    Ok(match by_id {
        Some(found) => Some(found),
        None => store.authenticator(parent).await?,
    })
}

/// `authenticators/<name or id>/users:remove`: removes the bindings of the accounts with these
/// keys.
pub async fn remove_users(call: Call) -> Result<HttpResponse, ApiError> {
    let ids = call.key_numbers(ApiError::NothingToDestroy)?;
    let Some(authenticator) = parent(&call).await? else {
        return Err(ApiError::NotFound);
    };
    let name = &authenticator.name;
    let by = call.administrator()?;
    let removed = by_hand::unbind_all(&call.app.store, name, &ids, by).await;
    let removed = removed.map_err(refused);
    if let Err(error) = &removed {
        let about = About::authenticator(name);
        call.record_refusal(Action::Unbind, error, about).await;
    }
    for id in removed? {
        let about = About::user(id).at(name);
        call.record(Action::Unbind, about).await;
    }
    Ok(envelope::empty())
}

/// The error for bindings that were not removed. NocoBase has no words of its own for this.
fn refused(error: HandBindingError) -> ApiError {
    match error {
        HandBindingError::Store(error) => error.into(),
        _ => ApiError::Forbidden,
    }
}
