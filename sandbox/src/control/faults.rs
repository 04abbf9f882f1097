//! Failures on demand.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde::Deserialize;

use super::error::ControlError;
use crate::{
    endpoint::Endpoint,
    faults::{Fault, Kind},
    platform::Platform,
};

/// A failure to come.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRequest {
    endpoint: String,
    fault: Kind,
    /// Once, if not said; `null` for every call until cleared.
    #[serde(default = "once")]
    times: Option<u32>,
    #[serde(default)]
    delay_ms: u64,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a default has the type of its field"
)]
fn once() -> Option<u32> {
    Some(1)
}

/// `POST /_sandbox/faults`.
pub async fn add(
    platform: Data<Platform>,
    request: Json<FaultRequest>,
) -> Result<HttpResponse, ControlError> {
    let endpoint = Endpoint::serving(&request.endpoint)
        .ok_or_else(|| ControlError::NotFound(format!("endpoint: {}", request.endpoint)))?;
    if !request.fault.suits(endpoint) {
        let message = "the login page has no tokens and permissions that could fail";
        return Err(ControlError::Request(message.to_owned()));
    }
    if request.times == Some(0) {
        return Err(ControlError::Request(
            "times must be at least 1, or null".to_owned(),
        ));
    }
    platform.lock().faults.add(Fault {
        endpoint,
        kind: request.fault,
        times: request.times,
        delay: Duration::from_millis(request.delay_ms),
    });
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /_sandbox/faults`.
pub async fn clear(platform: Data<Platform>) -> HttpResponse {
    let mut state = platform.lock();
    state.faults.clear();
    state.webview_faults.clear();
    HttpResponse::NoContent().finish()
}
