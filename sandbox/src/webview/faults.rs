//! Failures of the client on demand.

use std::{collections::VecDeque, time::Duration};

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde::Deserialize;

use crate::platform::Platform;

/// How the next call for a code ends.
#[derive(Clone, Copy)]
pub enum Fault {
    /// Never.
    Never,
    /// The person does not want to.
    Cancelled,
    /// The page's domain is not the app's.
    NotTheAppsPage,
    /// As it should, but late.
    Delay(Duration),
    /// With a code of another app.
    OtherApp,
}

/// The failures that are due; each strikes one call.
#[derive(Default)]
pub struct WebviewFaults(VecDeque<Fault>);

impl WebviewFaults {
    /// The one that strikes now.
    pub fn strike(&mut self) -> Option<Fault> {
        self.0.pop_front()
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// A failure to come.
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
    platform.lock().webview_faults.0.push_back(fault);
    HttpResponse::NoContent().finish()
}
