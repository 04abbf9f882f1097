//! `users/<id>/roles` — the roles of an account.

use actix_web::HttpResponse;

use super::edit::{administrator, role_names};
use crate::api::shape::RoleOfUser;
use crate::api::{ApiError, Call, envelope};
use crate::domain::account::{self, RoleChange};
use crate::store::query::Page;

/// `users/<id>/roles:list`.
pub async fn list_roles(call: Call) -> Result<HttpResponse, ApiError> {
    let held = call.app.store.roles_of(user_id(&call)?).await?;
    let page = call.query.listing()?.page;
    let count = held.len() as u64;
    let (skipped, size) = page.map_or((0, u64::MAX), |page: Page| {
        ((page.number - 1).saturating_mul(page.size), page.size)
    });
    let take = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rows = held
        .iter()
        .skip(take(skipped))
        .take(take(size))
        .map(RoleOfUser::from);
    let rows = call
        .query
        .selection()
        .of_all::<entity::role::Entity, _>(rows)?;
    Ok(envelope::page(rows, count, page))
}

/// `users/<id>/roles:add`.
pub async fn add_roles(call: Call) -> Result<HttpResponse, ApiError> {
    change(&call, RoleChange::Add).await
}

/// `users/<id>/roles:remove`.
pub async fn remove_roles(call: Call) -> Result<HttpResponse, ApiError> {
    change(&call, RoleChange::Remove).await
}

/// `users/<id>/roles:set`.
pub async fn set_roles(call: Call) -> Result<HttpResponse, ApiError> {
    change(&call, RoleChange::Set).await
}

async fn change(call: &Call, change: RoleChange) -> Result<HttpResponse, ApiError> {
    let names = role_names(call.body.value())?;
    let by = administrator(call)?;
    account::change_roles(&call.app.store, user_id(call)?, &names, change, by).await?;
    Ok(envelope::empty())
}

fn user_id(call: &Call) -> Result<i64, ApiError> {
    let id = call
        .address
        .parent_key
        .as_deref()
        .and_then(|id| id.parse().ok());
    id.ok_or(ApiError::InvalidReference)
}
