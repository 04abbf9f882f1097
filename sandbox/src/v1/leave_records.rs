//! Lists people who have left the organization (DingTalk's page "Query the list of resignation
//! records").

use std::collections::BTreeMap;

use actix_web::{
    HttpMessage, HttpRequest,
    web::{Data, Json},
};
use chrono::{DateTime, SecondsFormat};
use serde::Serialize;
use url::form_urlencoded;

use super::{app_call, refusal::Refusal};
use crate::{
    paging::{Page, StuckCursor},
    state::{directory::Leave, endpoint::Endpoint, platform::Platform},
};

/// The most rows that a page may have.
const LARGEST_PAGE: usize = 50;

/// A page. `nextToken` is absent on the last page, like the cursors of the old family.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
    records: Vec<Record>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    user_id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
    leave_time: String,
    leave_reason: String,
}

impl From<&Leave> for Record {
    fn from(leave: &Leave) -> Self {
        Self {
            user_id: leave.userid.clone(),
            name: leave.name.clone(),
            state_code: leave.state_code.clone(),
            mobile: leave.mobile.clone(),
            leave_time: DateTime::from_timestamp(leave.at, 0)
                .unwrap_or_default()
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            leave_reason: leave.reason.clone(),
        }
    }
}

/// `GET /v1.0/contact/empLeaveRecords`. Start, token and size are required; the first token is `0`.
/// The contact scope does not matter, as far as is known.
pub async fn list(platform: Data<Platform>, request: HttpRequest) -> Result<Json<Answer>, Refusal> {
    let query: BTreeMap<_, _> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let given = |name: &str| query.get(name).filter(|value| !value.is_empty());
    let required = |name| given(name).ok_or(Refusal::MissingField(name));
    let start = instant("startTime", required("startTime")?)?;
    let cursor = required("nextToken")?;
    let size = required("maxResults")?;
    let end = given("endTime").map(|end| instant("endTime", end));
    let end = end.transpose()?.unwrap_or(i64::MAX);
    let cursor = cursor
        .parse()
        .map_err(|_| Refusal::InvalidParameter("nextToken"))?;
    let size = size
        .parse()
        .ok()
        .filter(|size| (1..=LARGEST_PAGE).contains(size))
        .ok_or(Refusal::InvalidParameter("maxResults"))?;
    let state = platform.lock();
    let app = app_call::admit(&state, &request, Endpoint::LeaveRecords)?;
    let leaves = state.directory.leaves(&app.corp_id);
    let within = leaves.filter(|leave| (start..=end).contains(&leave.at));
    let stuck = request.extensions().get::<StuckCursor>().is_some();
    let page = Page::of(within.map(Record::from), cursor, size, stuck);
    Ok(Json(Answer {
        next_token: page.next.map(|next| next.to_string()),
        records: page.rows,
    }))
}

fn instant(name: &'static str, text: &str) -> Result<i64, Refusal> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.timestamp())
        .map_err(|_| Refusal::InvalidParameter(name))
}
