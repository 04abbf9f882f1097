//! Runs of a directory source and what they found, in the form in which clients receive them.

use std::collections::{HashMap, HashSet};

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use entity::{directory_finding, directory_run};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::finding_texts::{COUNTED, detail_in, text_of, text_of_intention};
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
    /// The changes and findings among them, in the language of the request.
    tally: Vec<RunCount>,
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
pub(in crate::api) struct RunCount {
    text: String,
    count: u64,
}

impl RunCount {
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
            tally: RunCount::of(&row, locale),
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
    /// What these accounts are called today, in the same order; `#` and the id of one that is gone.
    account_names: Vec<String>,
    detail: Option<String>,
}

impl FindingRow {
    /// A finding, in this language. `is_intended` says that nothing of the run was done.
    fn told(
        row: directory_finding::Model,
        names: &HashMap<i64, String>,
        is_intended: bool,
        locale: Locale,
    ) -> Self {
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
            account_names: ids_in(&row.accounts)
                .filter_map(|id| names.get(&id).cloned())
                .collect(),
            accounts: row.accounts,
            detail,
        }
    }
}

/// The ids of the accounts that a finding concerns.
fn ids_in(accounts: &Value) -> impl Iterator<Item = i64> {
    let ids = accounts.as_array().into_iter().flatten();
    ids.filter_map(Value::as_i64)
}

/// `dingtalkDirectory:findings`: the changes and findings of runs.
pub async fn findings(call: Call) -> Result<HttpResponse, ApiError> {
    let store = &call.app.store;
    let listing = call.query.listing()?;
    let found = store.list::<directory_finding::Entity>(&listing).await?;
    let mut ids: Vec<_> = found.rows.iter().map(|row| row.run_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let runs = store.directory_runs(&ids).await?.into_iter();
    let accounts = found.rows.iter().flat_map(|row| ids_in(&row.accounts));
    let names = store.account_names(accounts.collect()).await?;
    let intended: HashSet<_> = runs
        .filter(directory_run::Model::only_tells)
        .map(|run| run.id)
        .collect();
    let told = |row: directory_finding::Model| {
        let is_intended = intended.contains(&row.run_id);
        FindingRow::told(row, &names, is_intended, call.locale)
    };
    let rows = found.rows.into_iter().map(told);
    rows::page::<directory_finding::Entity, _>(&call, &listing, rows, found.count).await
}
