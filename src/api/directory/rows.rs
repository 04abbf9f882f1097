//! Rows of the directory's tables, in the form in which clients receive them.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::{directory_department, directory_finding, directory_member, directory_run};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::texts::text_of;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, rows};
use crate::locale::Locale;

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
pub(super) fn date_or_null<S: serde::Serializer>(
    at: &Option<DateTime<Utc>>,
    to: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => date(at, to),
        None => to.serialize_none(),
    }
}

/// A run or a preview.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct RunRow {
    id: i64,
    source_id: i64,
    /// `run` or `preview`.
    kind: String,
    /// `running`, `succeeded`, `failed`, `cancelled`, or `stopped` by the safety limit.
    state: String,
    /// `departments`, `people`, `plan` or `apply`.
    phase: String,
    /// How much of the phase is done.
    done: i64,
    /// How much there is to do in the phase.
    total: i64,
    /// Numbers of people and departments by what was done for them.
    #[schemars(with = "Value")]
    counts: Value,
    /// Identifies what a stopped run would remove. It is sent as `agreed` of
    /// `dingtalkDirectory:run` to confirm that.
    fingerprint: Option<String>,
    /// Why the run failed.
    message: Option<String>,
    requested_by_id: Option<i64>,
    cancel_requested: bool,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    started_at: DateTime<Utc>,
    #[schemars(with = "String")]
    #[serde(serialize_with = "date")]
    updated_at: DateTime<Utc>,
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "date_or_null")]
    finished_at: Option<DateTime<Utc>>,
}

impl From<directory_run::Model> for RunRow {
    fn from(row: directory_run::Model) -> Self {
        Self {
            id: row.id,
            source_id: row.source_id,
            kind: row.kind.name(),
            state: row.state.name(),
            phase: row.phase,
            done: row.done,
            total: row.total,
            counts: row.counts,
            fingerprint: row.fingerprint,
            message: row.message,
            requested_by_id: row.requested_by_id,
            cancel_requested: row.cancel_requested,
            started_at: row.started_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        }
    }
}

/// A change that a run made or would make, or something that it found.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct FindingRow {
    id: i64,
    run_id: i64,
    /// The kind, such as `createAccount` or `phoneTaken`.
    kind: String,
    /// `change`, `note`, `conflict` or `error`.
    severity: String,
    /// The meaning, in the language of the request.
    text: String,
    /// The person's identifier in the organization.
    person_id: Option<String>,
    person_name: Option<String>,
    /// The department's identifier in the organization.
    department_id: Option<String>,
    /// The ids of the accounts concerned.
    #[schemars(with = "Vec<i64>")]
    accounts: Value,
    detail: Option<String>,
}

impl FindingRow {
    fn told(row: directory_finding::Model, locale: Locale) -> Self {
        let text = text_of(&row.kind).map(|text| locale.text(text).to_owned());
        Self {
            id: row.id,
            text: text.unwrap_or_else(|| row.kind.clone()),
            run_id: row.run_id,
            kind: row.kind,
            severity: row.severity,
            person_id: row.person_id,
            person_name: row.person_name,
            department_id: row.department_id,
            accounts: row.accounts,
            detail: row.detail,
        }
    }
}

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

impl From<directory_member::Model> for MemberRow {
    fn from(row: directory_member::Model) -> Self {
        Self {
            source_id: row.source_id,
            person: row.person,
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

/// `dingtalkDirectory:findings`: the changes and findings of runs.
pub async fn findings(call: Call) -> Result<HttpResponse, ApiError> {
    let shape = |row| FindingRow::told(row, call.locale);
    rows::list_as::<directory_finding::Entity, FindingRow>(&call, shape).await
}

/// `dingtalkDirectory:members`: the people of the organization, as they were last read.
pub async fn members(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<directory_member::Entity, MemberRow>(&call).await
}

/// `dingtalkDirectory:departments`: the departments of the organization, as they were last read.
pub async fn departments(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<directory_department::Entity, DepartmentRow>(&call).await
}
