//! Signs people in without a browser, and issues codes without the login page.

use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::control_error::ControlError;
use crate::{
    oauth::{self, Choice, Wish},
    state::{codes::Purpose, endpoint::Endpoint, platform::Platform},
};

/// The outcome of a sign-in: exactly one of `person`, `deny` and `error`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignIn {
    authorization_url: String,
    person: Option<String>,
    #[serde(default)]
    deny: bool,
    error: Option<String>,
    #[serde(default)]
    different_codes: bool,
    #[serde(default)]
    without_state: bool,
}

/// The address to which the browser would be sent.
#[derive(Serialize)]
pub struct Redirect {
    location: String,
}

/// `POST /_sandbox/sign-in`.
pub async fn sign_in(
    platform: Data<Platform>,
    request: Json<SignIn>,
) -> Result<Json<Redirect>, ControlError> {
    let request = request.into_inner();
    let path = Endpoint::SignInPage.path();
    let url = Url::parse(&request.authorization_url)
        .ok()
        .filter(|url| url.path().ends_with(path))
        .ok_or_else(|| {
            ControlError::Request(format!(
                "authorizationUrl must be an address that leads to {path}"
            ))
        })?;
    let choice = match (request.person, request.deny, request.error) {
        (Some(person), false, None) => Choice::Person(person),
        (None, true, None) => Choice::Error("access_denied".to_owned()),
        (None, false, Some(error)) => Choice::Error(error),
        _ => {
            let message = "give exactly one of person, deny and error";
            return Err(ControlError::Request(message.to_owned()));
        }
    };
    let wish = Wish {
        choice,
        different_codes: request.different_codes,
        without_state: request.without_state,
    };
    let query = url.query().unwrap_or_default();
    let location = oauth::complete(&mut platform.lock(), query, &wish)?;
    Ok(Json(Redirect {
        location: location.into(),
    }))
}

/// The code to issue.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CodeRequest {
    person: String,
    kind: CodeKind,
    /// For an `oauth` code its app, which may be left out when there is only one. For a `jsapi`
    /// code the app that it is bound to; none imitates the old form of the call.
    client_id: Option<String>,
    /// Whether an `oauth` code has the scope `openid corpid`.
    #[serde(default)]
    with_organization: bool,
}

/// The kinds of codes.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum CodeKind {
    OAuth,
    JsApi,
}

/// The issued code.
#[derive(Serialize)]
pub struct IssuedCode {
    code: String,
}

/// `POST /_sandbox/codes`.
pub async fn issue_code(
    platform: Data<Platform>,
    request: Json<CodeRequest>,
) -> Result<Json<IssuedCode>, ControlError> {
    let mut state = platform.lock();
    let person = state
        .person(&request.person)
        .ok_or_else(|| ControlError::NotFound(format!("person: {}", request.person)))?;
    let corp_id = person.corp_id.clone();
    let is_employee = person.is_employee_of(&corp_id);
    let purpose = match request.kind {
        CodeKind::OAuth => {
            let only_app = state.apps.keys().next().filter(|_| state.apps.len() == 1);
            let client_id = request.client_id.as_ref().or(only_app);
            let client_id = client_id.filter(|id| state.apps.contains_key(*id));
            Purpose::OAuth {
                client_id: client_id
                    .cloned()
                    .ok_or_else(|| ControlError::NotFound("app: give its clientId".to_owned()))?,
                corp_id: request.with_organization.then_some(corp_id),
            }
        }
        CodeKind::JsApi if is_employee => Purpose::InApp {
            corp_id,
            client_id: request.client_id.clone(),
        },
        CodeKind::JsApi => {
            let message =
                "in-app codes are for employees: nobody else can open the organization's apps";
            return Err(ControlError::Request(message.to_owned()));
        }
    };
    let now = state.clock.now();
    let code = state.codes.issue(purpose, &request.person, now);
    Ok(Json(IssuedCode { code }))
}
