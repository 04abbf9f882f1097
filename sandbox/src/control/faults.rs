//! Makes calls fail on demand.

use std::{net::IpAddr, time::Duration};

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde::Deserialize;

use crate::{
    control_error::ControlError,
    state::{
        bad_day::BadDay,
        chance::Chance,
        endpoint::Endpoint,
        fault::{Fault, FaultKind},
        platform::Platform,
    },
};

/// A failure to add.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRequest {
    /// The path of the calls that fail; `*` stands for every call except the login page.
    endpoint: String,
    fault: FaultKind,
    /// How many calls fail: one by default, and `null` for every call until the failures are
    /// cleared.
    #[serde(default = "once")]
    times: Option<u32>,
    /// How many calls succeed before the first one that fails.
    #[serde(default)]
    after: u32,
    /// From the first failure on, each nth call fails.
    #[serde(default = "each")]
    every: u32,
    #[serde(default)]
    delay_ms: u64,
    /// The error code of `refused`.
    #[serde(default)]
    code: String,
    /// The address that `ipNotAllowed` names; the caller's by default.
    address: Option<IpAddr>,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a default has the type of its field"
)]
fn once() -> Option<u32> {
    Some(1)
}

fn each() -> u32 {
    1
}

/// `POST /_sandbox/faults`.
pub async fn add(
    platform: Data<Platform>,
    request: Json<FaultRequest>,
) -> Result<HttpResponse, ControlError> {
    let endpoint = Endpoint::serving(&request.endpoint);
    if endpoint.is_none() && request.endpoint != "*" {
        let message = format!("endpoint: {}", request.endpoint);
        return Err(ControlError::NotFound(message));
    }
    if endpoint.is_some_and(|endpoint| !request.fault.suits(endpoint)) {
        let message = "this call cannot fail in this way: the login page has no tokens and permissions, \
                       and only lists have cursors";
        return Err(ControlError::Request(message.to_owned()));
    }
    if request.times == Some(0) || request.every == 0 {
        return Err(ControlError::Request(
            "times must be at least 1, or null, and every at least 1".to_owned(),
        ));
    }
    if (request.fault == FaultKind::Refused) == request.code.is_empty() {
        return Err(ControlError::Request(
            "refused needs a code, and no other fault has one".to_owned(),
        ));
    }
    let request = request.into_inner();
    platform.lock().faults.add(Fault {
        endpoint,
        kind: request.fault,
        times: request.times,
        after: request.after,
        every: request.every,
        delay: Duration::from_millis(request.delay_ms),
        code: request.code,
        seen: request.address,
        met: 0,
    });
    Ok(HttpResponse::NoContent().finish())
}

/// Failures of random calls, to imitate a bad day.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BadDayRequest {
    probability: f64,
    #[serde(default)]
    seed: u64,
    /// The kinds of failures; by default all that answer at once.
    faults: Option<Vec<FaultKind>>,
    #[serde(default)]
    delay_ms: u64,
}

/// `PUT /_sandbox/faults`.
pub async fn set_bad_day(
    platform: Data<Platform>,
    request: Json<BadDayRequest>,
) -> Result<HttpResponse, ControlError> {
    let request = request.into_inner();
    if !(0.0..=1.0).contains(&request.probability) {
        let message = "probability must be from 0 to 1";
        return Err(ControlError::Request(message.to_owned()));
    }
    let kinds = request
        .faults
        .unwrap_or_else(|| FaultKind::AT_ONCE.to_vec());
    if kinds.is_empty() {
        let message = "faults must name at least one";
        return Err(ControlError::Request(message.to_owned()));
    }
    platform.lock().faults.set_bad_day(BadDay {
        probability: request.probability,
        kinds,
        delay: Duration::from_millis(request.delay_ms),
        chance: Chance::of_seed(request.seed),
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
