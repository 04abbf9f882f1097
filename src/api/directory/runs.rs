//! Starts, cancels and lists runs.

use std::sync::Arc;

use actix_web::HttpResponse;
use entity::directory_run;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::RunRow;
use super::sources::source;
use crate::domain::directory::run::Purpose;
use crate::edge::error::DirectoryRefusal;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::state::AppState;
use crate::state::directory_runs::begin_in_background;

/// A request for a run.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct RunRequest {
    /// Name of the authenticator.
    #[serde(default)]
    authenticator: String,
    /// The fingerprint of a run that the safety limit stopped, to confirm what it would remove.
    #[serde(default)]
    agreed: Option<String>,
}

/// A run that has begun.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Begun {
    /// The id of the run.
    run_id: i64,
}

/// A request to cancel a run.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Ending {
    /// The id of the run.
    #[serde(default)]
    run_id: i64,
}

/// `dingtalkDirectory:preview`: starts to compute what a run would do, without any change.
pub async fn preview(call: Call) -> Result<HttpResponse, ApiError> {
    let wanted: RunRequest = call.body.parse()?;
    begin(&call, &wanted, Purpose::Preview).await
}

/// `dingtalkDirectory:run`: starts a run in the background.
pub async fn run(call: Call) -> Result<HttpResponse, ApiError> {
    let mut wanted: RunRequest = call.body.parse()?;
    let agreed = wanted.agreed.take();
    begin(&call, &wanted, Purpose::Run { agreed }).await
}

async fn begin(
    call: &Call,
    wanted: &RunRequest,
    purpose: Purpose,
) -> Result<HttpResponse, ApiError> {
    let by = call.caller()?.user.id;
    let run_id = begin_now(&call.app, &wanted.authenticator, purpose, Some(by)).await?;
    Ok(envelope::data(Begun { run_id }))
}

/// Starts a run of the source of this authenticator, on behalf of this account.
pub async fn run_source(app: &Arc<AppState>, name: &str, by: Option<i64>) -> Result<(), ApiError> {
    let purpose = Purpose::Run { agreed: None };
    begin_now(app, name, purpose, by).await.map(drop)
}

async fn begin_now(
    app: &Arc<AppState>,
    name: &str,
    purpose: Purpose,
    by: Option<i64>,
) -> Result<i64, ApiError> {
    let row = source(app, name).await?;
    // Wrong settings are refused at once, rather than shown as a failed run later.
    app.source_loader().source(&row).await?;
    Ok(begin_in_background(app, row, purpose, by).await?)
}

/// `dingtalkDirectory:cancel`: asks a run to stop. What it has done so far stays.
pub async fn cancel(call: Call) -> Result<HttpResponse, ApiError> {
    let ending: Ending = call.body.parse()?;
    if call.app.store.cancel_directory_run(ending.run_id).await? {
        return Ok(envelope::empty());
    }
    Err(ApiError::Directory(DirectoryRefusal::NotRunning))
}

/// `dingtalkDirectory:runs`: lists runs and previews.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    let shape = |row| RunRow::told(row, call.locale);
    rows::list_as::<directory_run::Entity, RunRow>(&call, shape).await
}
