//! Runs: begun, ended, looked at.

use actix_web::HttpResponse;
use entity::directory_run;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::RunRow;
use super::sources::source;
use crate::domain::directory::run::Purpose;
use crate::edge::error::DirectoryRefusal;
use crate::edge::{ApiError, Call, envelope, rows};
use crate::worker::directory::{start, surroundings};

/// What is to run.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct RunRequest {
    /// Name of the authenticator.
    #[serde(default)]
    authenticator: String,
    /// The fingerprint of a run that the safety limit stopped: this one may take away the same.
    #[serde(default)]
    agreed: Option<String>,
}

/// A run that began.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Begun {
    /// Id of the run.
    run_id: i64,
}

/// Which run is to end.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Ending {
    /// Id of the run.
    #[serde(default)]
    run_id: i64,
}

/// `dingtalkDirectory:preview`: begins to find out what a run would do. Nothing is changed by it.
pub async fn preview(call: Call) -> Result<HttpResponse, ApiError> {
    let wanted: RunRequest = call.body.parse()?;
    begin(&call, &wanted, Purpose::Preview).await
}

/// `dingtalkDirectory:run`: begins a run, which goes on by itself.
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
    let row = source(call, &wanted.authenticator).await?;
    // What is wrong with settings is said at once, and not in the list of runs.
    surroundings(&call.app).source(&row).await?;
    let by = call.caller()?.user.id;
    let run_id = start(&call.app, row, purpose, Some(by)).await?;
    Ok(envelope::data(Begun { run_id }))
}

/// `dingtalkDirectory:cancel`: asks a run to end. What it has done stays done.
pub async fn cancel(call: Call) -> Result<HttpResponse, ApiError> {
    let ending: Ending = call.body.parse()?;
    if call.app.store.cancel_directory_run(ending.run_id).await? {
        return Ok(envelope::empty());
    }
    Err(ApiError::Directory(DirectoryRefusal::NotRunning))
}

/// `dingtalkDirectory:runs`: runs and previews.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<directory_run::Entity, RunRow>(&call).await
}
