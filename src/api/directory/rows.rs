//! Rows of the directory's tables, in the form in which clients receive them.

use std::collections::HashSet;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::{directory_department, directory_finding, directory_member, directory_run};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::texts::{COUNTED, detail_in, text_of, text_of_intention};
use crate::edge::allowed_actions::AllowedActions;
use crate::edge::shape::date;
use crate::edge::{ApiError, Call, envelope, rows};
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
    /// The changes and findings among them, in the language of the request.
    tally: Vec<Tally>,
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

/// How often a run did something, or would do it.
#[derive(JsonSchema, Serialize)]
pub(in crate::api) struct Tally {
    text: String,
    count: u64,
}

impl Tally {
    fn of(run: &directory_run::Model, locale: Locale) -> Vec<Self> {
        let counted = COUNTED.iter().filter_map(|(name, done, intended)| {
            let count = run.counts.get(name).and_then(Value::as_u64)?;
            let text = locale.text(if run.only_tells() { intended } else { done });
            let text = text.to_owned();
            (count > 0).then_some(Self { text, count })
        });
        counted.collect()
    }
}

impl RunRow {
    /// A run, in this language.
    pub(super) fn told(row: directory_run::Model, locale: Locale) -> Self {
        Self {
            tally: Tally::of(&row, locale),
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
    /// A finding, in this language. `is_intended` says that nothing of the run was done.
    fn told(row: directory_finding::Model, is_intended: bool, locale: Locale) -> Self {
        let intention = text_of_intention(&row.kind);
        let text = intention.filter(|_| is_intended).or(text_of(&row.kind));
        let text = text.map(|text| locale.text(text).to_owned());
        let is_of_account = intention.is_some() && row.department_id.is_none();
        let in_words = |detail: String| detail_in(locale, &detail);
        let detail = if is_of_account {
            row.detail.map(in_words)
        } else {
            row.detail
        };
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
            detail,
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
    type Findings = directory_finding::Entity;
    let store = &call.app.store;
    let listing = call.query.listing()?;
    let found = store.list::<Findings>(&listing).await?;
    let mut ids: Vec<_> = found.rows.iter().map(|row| row.run_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let runs = store.directory_runs(&ids).await?.into_iter();
    let intended: HashSet<_> = runs
        .filter(directory_run::Model::only_tells)
        .map(|run| run.id)
        .collect();
    let told = |row: directory_finding::Model| {
        let is_intended = intended.contains(&row.run_id);
        FindingRow::told(row, is_intended, call.locale)
    };
    let rows = rows::whole(found.rows.into_iter().map(told))?;
    let allowed = AllowedActions::of::<Findings>(&call, &rows)?;
    let sent = rows::sent::<Findings>(&call, &rows).await?;
    Ok(envelope::page_with_actions(
        sent,
        found.count,
        listing.page,
        allowed.as_ref(),
    ))
}

/// `dingtalkDirectory:members`: the people of the organization, as they were last read.
pub async fn members(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<directory_member::Entity, MemberRow>(&call).await
}

/// `dingtalkDirectory:departments`: the departments of the organization, as they were last read.
pub async fn departments(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<directory_department::Entity, DepartmentRow>(&call).await
}
