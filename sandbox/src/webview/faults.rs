//! Makes DingTalk's client fail on demand.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde::Deserialize;

use crate::state::{platform::Platform, webview_faults::Fault};

/// A failure to add.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRequest {
    fault: Kind,
    #[serde(default)]
    delay_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Never,
    Cancelled,
    NotTheAppsPage,
    Delay,
    OtherApp,
}

/// `POST /_sandbox/webview/faults`.
pub async fn add_fault(platform: Data<Platform>, request: Json<FaultRequest>) -> HttpResponse {
    let fault = match request.fault {
        Kind::Never => Fault::Never,
        Kind::Cancelled => Fault::Cancelled,
        Kind::NotTheAppsPage => Fault::NotTheAppsPage,
        Kind::Delay => Fault::Delay(Duration::from_millis(request.delay_ms)),
        Kind::OtherApp => Fault::OtherApp,
    };
    platform.lock().webview_faults.add(fault);
    HttpResponse::NoContent().finish()
}
