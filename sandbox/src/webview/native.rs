//! The native half of the client, which issues codes to pages.
//!
//! DingTalk's pages on `requestAuthCode` name the parameters and the answer. Only one number of a
//! failure is known, see `README.md`.

use actix_web::{
    rt::time::sleep,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};

use crate::{
    control_error::ControlError,
    state::{
        codes::Purpose,
        platform::{Platform, State},
        redirect_uri,
        webview_faults::Fault,
    },
};

/// The current form of the call, which names the app.
const BY_APP: &str = "runtime.permission.requestAuthCodeV2";
/// The old form of the call, which does not.
const BY_ORGANIZATION: &str = "runtime.permission.requestAuthCode";

/// A call of a page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NativeCall {
    person: String,
    method: String,
    /// The address of the page.
    page: String,
    parameters: Parameters,
}

/// The parameters that both forms take.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    corp_id: Option<String>,
    client_id: Option<String>,
}

/// The answer to the page. There may be none at all.
#[derive(Default, Serialize)]
pub struct NativeAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<IssuedCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<NativeFailure>,
    never: bool,
}

#[derive(Serialize)]
struct IssuedCode {
    code: String,
}

/// Why the client issues no code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NativeFailure {
    error_code: i32,
    error_message: &'static str,
}

const CANCELLED: NativeFailure = NativeFailure {
    error_code: -1,
    error_message: "user cancelled",
};
const UNKNOWN_METHOD: NativeFailure = NativeFailure {
    error_code: 1,
    error_message: "method not found",
};
const NOT_THE_APPS_PAGE: NativeFailure = NativeFailure {
    error_code: 3,
    error_message: "对应企业没有该域名微应用",
};

/// `POST /_sandbox/webview/call`: the calls of the bridge's script.
pub async fn call(
    platform: Data<Platform>,
    call: Json<NativeCall>,
) -> Result<Json<NativeAnswer>, ControlError> {
    let call = call.into_inner();
    let fault = platform.lock().webview_faults.strike();
    let mut other_app = false;
    match fault {
        Some(Fault::Never) => {
            return Ok(Json(NativeAnswer {
                never: true,
                ..NativeAnswer::default()
            }));
        }
        Some(Fault::Cancelled) => return Ok(failed(CANCELLED)),
        Some(Fault::NotTheAppsPage) => return Ok(failed(NOT_THE_APPS_PAGE)),
        Some(Fault::Delay(delay)) => sleep(delay).await,
        Some(Fault::OtherApp) => other_app = true,
        None => {}
    }
    let mut state = platform.lock();
    let purpose = match purpose(&state, &call) {
        Ok(purpose) => purpose,
        Err(failure) => return Ok(failed(failure)),
    };
    let purpose = match purpose {
        Purpose::InApp { corp_id, .. } if other_app => Purpose::InApp {
            corp_id,
            client_id: Some("dingotherclient".to_owned()),
        },
        purpose => purpose,
    };
    let now = state.clock.now();
    let code = state.codes.issue(purpose, &call.person, now);
    Ok(Json(NativeAnswer {
        result: Some(IssuedCode { code }),
        ..NativeAnswer::default()
    }))
}

/// Checks that the page is registered for the app, and that the person belongs to the app's
/// organization.
fn purpose(state: &State, call: &NativeCall) -> Result<Purpose, NativeFailure> {
    let corp_id = call.parameters.corp_id.as_deref().unwrap_or_default();
    let person = state.person(&call.person);
    if !person.is_some_and(|person| person.is_employee_of(corp_id)) {
        return Err(NOT_THE_APPS_PAGE);
    }
    let client_id = match call.method.as_str() {
        BY_APP => Some(call.parameters.client_id.clone().unwrap_or_default()),
        BY_ORGANIZATION => None,
        _ => return Err(UNKNOWN_METHOD),
    };
    let mut apps = state.apps.values().filter(|app| app.corp_id == corp_id);
    let has_app = apps.any(|app| {
        client_id.as_ref().is_none_or(|id| *id == app.client_id)
            && redirect_uri::is_page_of(&call.page, &app.redirect_uris)
    });
    if !has_app {
        return Err(NOT_THE_APPS_PAGE);
    }
    Ok(Purpose::InApp {
        corp_id: corp_id.to_owned(),
        client_id,
    })
}

fn failed(failure: NativeFailure) -> Json<NativeAnswer> {
    Json(NativeAnswer {
        failure: Some(failure),
        ..NativeAnswer::default()
    })
}
