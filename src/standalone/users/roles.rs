//! `users/<id>/roles`: the roles of an account.

use actix_web::HttpResponse;
use serde_json::Value;

use super::edit::role_names;
use crate::domain::account::{self, RoleChange};
use crate::edge::shape::RoleOfUser;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::store::query::{Filter, Operator};

/// `users/<id>/roles:list`.
pub async fn list_roles(call: Call) -> Result<HttpResponse, ApiError> {
    let held = call.app.store.roles_of(user_id(&call)?).await?;
    let names = held.iter().map(|(role, _)| Value::from(role.name.as_str()));
    let of_user = Filter::Is {
        column: "name".to_owned(),
        operator: Operator::In,
        value: names.collect(),
    };
    let mut listing = call.query.listing()?;
    let filter = [of_user].into_iter().chain(listing.filter);
    listing.filter = Some(Filter::All(filter.collect()));
    let found = call
        .app
        .store
        .list::<entity::role::Entity>(&listing)
        .await?;
    let tied = |row: &entity::role::Model| held.iter().find(|(role, _)| role.name == row.name);
    let rows = rows::whole(found.rows.iter().filter_map(tied).map(RoleOfUser::from))?;
    let sent = rows::sent::<entity::role::Entity>(&call, &rows).await?;
    Ok(envelope::page(sent, found.count, listing.page))
}

/// `users/<id>/roles:get` or `users/<id>/roles/<name>`: one role of the account, or null.
pub async fn get_role(call: Call) -> Result<HttpResponse, ApiError> {
    let held = call.app.store.roles_of(user_id(&call)?).await?;
    let keys = call.keys();
    let asked = held.iter().filter(|(role, _)| keys.contains(&role.name));
    let rows = rows::whole(asked.take(1).map(RoleOfUser::from))?;
    let sent = rows::sent::<entity::role::Entity>(&call, &rows).await?;
    Ok(envelope::data(sent.into_iter().next()))
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
    let by = call.administrator()?;
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
