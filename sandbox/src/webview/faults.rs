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
    fault: WebviewFaultKind,
    #[serde(default)]
    delay_ms: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum WebviewFaultKind {
    Never,
    Cancelled,
    NotTheAppsPage,
    Delay,
    OtherApp,
}

/// `POST /_sandbox/webview/faults`.
pub async fn add_fault(platform: Data<Platform>, request: Json<FaultRequest>) -> HttpResponse {
    let fault = match request.fault {
        WebviewFaultKind::Never => Fault::Never,
        WebviewFaultKind::Cancelled => Fault::Cancelled,
        WebviewFaultKind::NotTheAppsPage => Fault::NotTheAppsPage,
        WebviewFaultKind::Delay => Fault::Delay(Duration::from_millis(request.delay_ms)),
        WebviewFaultKind::OtherApp => Fault::OtherApp,
    };
    platform.lock().webview_faults.add(fault);
    HttpResponse::NoContent().finish()
}
