//! `dingtalkAudit:export`: sends rows of the audit trail as a file while they are read.

use std::io;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::stream;

use super::audit_rows::{Row, with_names};
use super::csv::{self, line};
use crate::chain::Chain;
use crate::edge::{ApiError, Call};
use crate::locale::Locale;
use crate::state::AppState;
use crate::store::query::{Filter, QueryError};

/// How many rows are read at a time. No more than these are in memory.
const BATCH: u64 = 1000;

const COLUMNS: [&str; 15] = [
    "id",
    "createdAt",
    "action",
    "result",
    "reason",
    "reasonText",
    "userId",
    "userName",
    "personName",
    "personId",
    "actorId",
    "actorName",
    "authenticator",
    "address",
    "userAgent",
];

/// The position of the export in the table.
struct Reading {
    app: Arc<AppState>,
    filter: Option<Filter>,
    locale: Locale,
    /// The moment and the id of the last row that was sent.
    last: Option<(DateTime<Utc>, i64)>,
    done: bool,
}

impl Reading {
    /// The next rows as lines; none after the last row.
    async fn next(&mut self) -> Result<Option<String>, QueryError> {
        if self.done {
            return Ok(None);
        }
        let store = &self.app.store;
        let found = store
            .audit_batch(self.filter.as_ref(), self.last, BATCH)
            .await?;
        self.done = u64::try_from(found.len()).unwrap_or(BATCH) < BATCH;
        let Some(last) = found.last() else {
            return Ok(None);
        };
        self.last = Some((last.created_at, last.id));
        let rows = with_names(&self.app, found, self.locale).await?;
        Ok(Some(rows.iter().map(line_of).collect()))
    }
}

/// `dingtalkAudit:export`: sends all rows that match the filter, newest first, as CSV.
pub async fn export(call: Call) -> Result<HttpResponse, ApiError> {
    let mut reading = Reading {
        app: call.app.clone(),
        filter: call.query.listing()?.filter,
        locale: call.locale,
        last: None,
        done: false,
    };
    // The first rows are read before anything is sent, so that a wrong filter gets an error.
    let first = reading.next().await?.unwrap_or_default();
    let begin = format!("{}{}{first}", csv::MARK, line(&COLUMNS));
    let pieces = stream::unfold((Some(begin), reading), |(begin, mut reading)| async move {
        if let Some(begin) = begin {
            return Some((Ok(Bytes::from(begin)), (None, reading)));
        }
        match reading.next().await {
            Ok(None) => None,
            Ok(Some(lines)) => Some((Ok(Bytes::from(lines)), (None, reading))),
            // The connection is broken on purpose, so that nobody takes a part of the file for the
            // whole.
            Err(error) => {
                log::error!("an export of the audit trail ends early: {}", Chain(&error));
                reading.done = true;
                Some((
                    Err(io::Error::other("the export broke off")),
                    (None, reading),
                ))
            }
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"dingtalk-sign-ins.csv\"",
        ))
        .streaming(pieces))
}

fn line_of(row: &Row) -> String {
    let number = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let values = [
        row.id.to_string(),
        row.created_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        row.action.clone(),
        row.result.clone(),
        text(&row.reason),
        text(&row.reason_text),
        number(row.user_id),
        text(&row.user_name),
        text(&row.person_name),
        text(&row.person_id),
        number(row.actor_id),
        text(&row.actor_name),
        text(&row.authenticator),
        row.address.clone(),
        text(&row.user_agent),
    ];
    line(&values.each_ref().map(String::as_str))
}
