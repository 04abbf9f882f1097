//! People and departments of an organization, as they were last read from the provider.

use std::collections::HashMap;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::{directory_department, directory_member};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::rows::date_or_null;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, rows};

/// A person of the organization.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct MemberRow {
    source_id: i64,
    /// The person's permanent identifier.
    person: String,
    /// The person's identifier within the organization.
    external_id: String,
    name: String,
    phone: Option<String>,
    email: Option<String>,
    avatar: Option<String>,
    job_title: Option<String>,
    job_number: Option<String>,
    work_place: Option<String>,
    /// The person's departments in the organization, the main one first, each with `department` and
    /// `isOwner`.
    #[schemars(with = "Vec<Value>")]
    departments: Value,
    /// The id of the person's account.
    user_id: Option<i64>,
    /// What the account is called today; `#` and its id when it is gone.
    user_name: Option<String>,
    /// Whether the person has left, or is no longer visible.
    is_gone: bool,
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "date_or_null")]
    gone_at: Option<DateTime<Utc>>,
    /// The roles that the account had before its access ended.
    #[schemars(with = "Vec<String>")]
    roles: Value,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
}

impl MemberRow {
    fn of(row: directory_member::Model, names: &HashMap<i64, String>) -> Self {
        let user_name = row.user_id.and_then(|id| names.get(&id).cloned());
        Self {
            source_id: row.source_id,
            person: row.stable_id,
            external_id: row.external_id,
            name: row.name,
            phone: row.phone,
            email: row.email,
            avatar: row.avatar,
            job_title: row.job_title,
            job_number: row.job_number,
            work_place: row.work_place,
            departments: row.departments,
            user_id: row.user_id,
            user_name,
            is_gone: row.is_gone,
            gone_at: row.gone_at,
            roles: row.roles,
            updated_at: row.updated_at,
        }
    }
}

/// A department of the organization.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct DepartmentRow {
    source_id: i64,
    /// The department's identifier in the organization.
    external_id: String,
    title: String,
    /// The identifier of the parent department in the organization.
    parent_id: Option<String>,
    /// The department's id on this server, if it exists there.
    department_id: Option<i64>,
}

impl From<directory_department::Model> for DepartmentRow {
    fn from(row: directory_department::Model) -> Self {
        Self {
            source_id: row.source_id,
            external_id: row.external_id,
            title: row.title,
            parent_id: row.parent_id,
            department_id: row.department_id,
        }
    }
}

/// `dingtalkDirectory:members`: the people of the organization, as they were last read.
pub async fn members(call: Call) -> Result<HttpResponse, ApiError> {
    let store = &call.app.store;
    let listing = call.query.listing()?;
    let found = store.list::<directory_member::Entity>(&listing).await?;
    let accounts = found.rows.iter().filter_map(|row| row.user_id);
    let names = store.account_names(accounts.collect()).await?;
    let people = found.rows.into_iter().map(|row| MemberRow::of(row, &names));
    rows::page::<directory_member::Entity, _>(&call, &listing, people, found.count).await
}

/// `dingtalkDirectory:departments`: the departments of the organization, as they were last read.
pub async fn departments(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<directory_department::Entity, DepartmentRow>(&call).await
}
