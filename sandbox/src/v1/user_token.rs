//! Issues tokens of people (DingTalk's page "Obtain user token").

use actix_web::{
    HttpRequest,
    web::{Bytes, Data, Json},
};
use serde::Serialize;

use super::{fields::Fields, refusal::Refusal};
use crate::state::{
    platform::Platform,
    tokens::{LIFETIME_SECONDS, UserGrant},
};

/// The answer. The field for the lifetime really has the name `expireIn`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserToken {
    access_token: String,
    refresh_token: String,
    expire_in: i64,
    /// Present only when the scope contained `corpid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    corp_id: Option<String>,
}

impl From<UserGrant> for UserToken {
    fn from(grant: UserGrant) -> Self {
        Self {
            access_token: grant.access_token,
            refresh_token: grant.refresh_token,
            expire_in: LIFETIME_SECONDS,
            corp_id: grant.corp_id,
        }
    }
}

enum Proof<'a> {
    Code(&'a str),
    RefreshToken(&'a str),
}

/// `POST /v1.0/oauth2/userAccessToken`: exchanges a code, or renews a token.
pub async fn exchange(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<Json<UserToken>, Refusal> {
    let fields = Fields::read(&request, &body)?;
    let client_id = fields.required("clientId")?;
    let client_secret = fields.required("clientSecret")?;
    let proof = match fields.required("grantType")? {
        "authorization_code" => Proof::Code(fields.required("code")?),
        "refresh_token" => Proof::RefreshToken(fields.required("refreshToken")?),
        _ => return Err(Refusal::InvalidGrantType),
    };
    let mut state = platform.lock();
    // The credentials are checked first, so that a wrong secret does not use up the code.
    state
        .authenticate(client_id, client_secret)
        .ok_or(Refusal::InvalidCredentials)?;
    let now = state.clock.now();
    let grant = match proof {
        Proof::Code(code) => state
            .codes
            .redeem_oauth(code, client_id, now)
            .map(|consent| state.tokens.grant(consent, client_id, now)),
        Proof::RefreshToken(token) => state.tokens.refresh(token, client_id, now),
    };
    // An invalid refresh token is refused like an invalid code.
    grant
        .map(|grant| Json(grant.into()))
        .ok_or(Refusal::InvalidCode)
}
