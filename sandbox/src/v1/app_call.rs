//! A call of the new family with the token of an app.

use actix_web::HttpRequest;

use super::refusal::Refusal;
use crate::state::{app::App, endpoint::Endpoint, platform::State, tokens::TokenRefusal};

/// The header of the token, which is the only place where the new family looks for it.
pub const TOKEN_HEADER: &str = "x-acs-dingtalk-access-token";

/// The calling app. Its token is valid, and it has the permission for the call.
pub fn admit<'a>(
    state: &'a State,
    request: &HttpRequest,
    endpoint: Endpoint,
) -> Result<&'a App, Refusal> {
    let token = request
        .headers()
        .get(TOKEN_HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|token| !token.is_empty())
        .ok_or(Refusal::MissingToken)?;
    let client_id =
        state
            .tokens
            .app_of(token, state.clock.now())
            .map_err(|refusal| match refusal {
                TokenRefusal::Unknown => Refusal::InvalidToken,
                TokenRefusal::Expired => Refusal::ExpiredToken,
            })?;
    let app = state.apps.get(client_id).ok_or(Refusal::InvalidToken)?;
    match endpoint.permission() {
        Some(missing) if !app.may(missing) => Err(Refusal::PermissionMissing(missing)),
        _ => Ok(app),
    }
}
