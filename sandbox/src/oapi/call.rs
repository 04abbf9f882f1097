//! A call of the old family: its token, its parameters and the envelope of its answer.

use std::collections::BTreeMap;

use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;

use super::{documented_types::documented, refusal::Refusal, request_id::request_id};
use crate::state::{app::App, endpoint::Endpoint, platform::State, tokens::TokenRefusal};

const TOKEN: &str = "access_token";

/// A call whose token and permission have been checked.
pub struct Call {
    /// The app to which the token belongs.
    pub app: App,
    parameters: BTreeMap<String, String>,
}

impl Call {
    /// Makes the checks that come before any parameter is read: there is a token, it is valid, and
    /// the app has the permission. The header of the new family does not count as a token.
    pub fn admit(
        state: &State,
        request: &HttpRequest,
        body: &[u8],
        endpoint: Endpoint,
    ) -> Result<Self, Refusal> {
        let (parameters, form_token) = read_body(request, body);
        let token = query_token(request).or(form_token);
        let token = token
            .filter(|token| !token.is_empty())
            .ok_or(Refusal::MissingToken)?;
        let app = app_of(state, &token)?;
        if let Some(permission) = endpoint
            .permission()
            .filter(|permission| !app.may(permission))
        {
            let client_id = app.client_id.clone();
            return Err(Refusal::PermissionMissing {
                permission,
                client_id,
            });
        }
        Ok(Self {
            app: app.clone(),
            parameters,
        })
    }

    /// A parameter; none if it is absent or empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A required parameter.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.parameter(name).ok_or(Refusal::MissingParameter(name))
    }

    /// A required number.
    pub fn required_number(&self, name: &'static str) -> Result<i64, Refusal> {
        self.number(name)?.ok_or(Refusal::MissingParameter(name))
    }

    /// An optional number.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let parse = |text: &str| text.parse().map_err(|_no_number| Refusal::InvalidParameter);
        self.parameter(name).map(parse).transpose()
    }

    /// A required boolean.
    pub fn required_truth(&self, name: &'static str) -> Result<bool, Refusal> {
        match self.required(name)? {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Refusal::InvalidParameter),
        }
    }

    /// The answer of a success, with its result in the types that this app receives.
    pub fn answer<T: Serialize>(&self, result: T) -> Result<HttpResponse, Refusal> {
        self.answer_beside(Wrapped { result })
    }

    /// The answer of a success whose values stand beside the code and not in `result`.
    pub fn answer_beside<T: Serialize>(&self, values: T) -> Result<HttpResponse, Refusal> {
        let envelope = Envelope {
            errcode: 0,
            errmsg: "ok",
            values,
            request_id: request_id(),
        };
        if self.app.string_types {
            let body = serde_json::to_value(envelope).map_err(|_unserialisable| Refusal::Busy)?;
            return Ok(HttpResponse::Ok().json(documented(body)));
        }
        Ok(HttpResponse::Ok().json(envelope))
    }
}

#[derive(Serialize)]
struct Wrapped<T> {
    result: T,
}

#[derive(Serialize)]
struct Envelope<T> {
    errcode: i32,
    errmsg: &'static str,
    #[serde(flatten)]
    values: T,
    request_id: String,
}

/// The client ID of the app whose valid token is in the query.
pub fn calling_app(state: &State, request: &HttpRequest) -> Option<String> {
    let token = query_token(request)?;
    app_of(state, &token).ok().map(|app| app.client_id.clone())
}

/// Tokens of people are unknown to this family, as far as has been observed.
fn app_of<'a>(state: &'a State, token: &str) -> Result<&'a App, Refusal> {
    let client_id =
        state
            .tokens
            .app_of(token, state.clock.now())
            .map_err(|refusal| match refusal {
                TokenRefusal::Unknown => Refusal::InvalidToken,
                TokenRefusal::Expired => Refusal::ExpiredToken,
            })?;
    state.apps.get(client_id).ok_or(Refusal::InvalidToken)
}

fn query_token(request: &HttpRequest) -> Option<String> {
    query_parameter(request, TOKEN)
}

/// A parameter of the query; none if it is absent or empty.
pub fn query_parameter(request: &HttpRequest, wanted: &str) -> Option<String> {
    form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, value)| name == wanted && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

/// The parameters of a body, as JSON or as a form. A form can contain the token as well.
fn read_body(request: &HttpRequest, body: &[u8]) -> (BTreeMap<String, String>, Option<String>) {
    if request.content_type() == "application/json" {
        let fields: BTreeMap<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let parameters = fields
            .into_iter()
            .map(|(name, value)| (name, as_text(value)));
        return (parameters.collect(), None);
    }
    let mut parameters: BTreeMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
    let token = parameters.remove(TOKEN);
    (parameters, token)
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
