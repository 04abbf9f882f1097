//! Issues tokens of apps, by two calls of the new family.

use actix_web::{
    HttpRequest,
    web::{Bytes, Data, Json, Path},
};
use serde::Serialize;

use super::{fields::Fields, refusal::Refusal};
use crate::state::{platform::Platform, tokens::LIFETIME_SECONDS};

/// DingTalk's page "Obtain the access token of an internal app".
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppToken {
    access_token: String,
    expire_in: i64,
}

/// The answer on DingTalk's page on the token of an organization. It is the only one of this family
/// with `snake_case` names.
#[derive(Serialize)]
pub struct OrganizationToken {
    access_token: String,
    expires_in: i64,
}

/// `POST /v1.0/oauth2/accessToken`.
pub async fn issue(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<Json<AppToken>, Refusal> {
    let fields = Fields::read(&request, &body)?;
    let app_key = fields.required("appKey")?;
    let app_secret = fields.required("appSecret")?;
    let mut state = platform.lock();
    state
        .authenticate(app_key, app_secret)
        .ok_or(Refusal::InvalidCredentials)?;
    let now = state.clock.now();
    Ok(Json(AppToken {
        access_token: state.tokens.for_app(app_key, now),
        expire_in: LIFETIME_SECONDS,
    }))
}

/// `POST /v1.0/oauth2/{corpId}/token`. An organization that does not exist leads to an unknown
/// error.
pub async fn issue_for_organization(
    platform: Data<Platform>,
    corp_id: Path<String>,
    request: HttpRequest,
    body: Bytes,
) -> Result<Json<OrganizationToken>, Refusal> {
    let fields = Fields::read(&request, &body)?;
    let client_id = fields.required("client_id")?;
    let client_secret = fields.required("client_secret")?;
    let grant_type = fields.required("grant_type")?;
    let mut state = platform.lock();
    if !state.directory.has_organization(&corp_id) {
        return Err(Refusal::UnknownError);
    }
    if grant_type != "client_credentials" {
        return Err(Refusal::UnsupportedGrantType);
    }
    let app = state
        .authenticate(client_id, client_secret)
        .ok_or(Refusal::InvalidClient)?;
    if app.corp_id != *corp_id {
        return Err(Refusal::UnauthorizedClient);
    }
    let now = state.clock.now();
    Ok(Json(OrganizationToken {
        access_token: state.tokens.for_app(client_id, now),
        expires_in: LIFETIME_SECONDS,
    }))
}
