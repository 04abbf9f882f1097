//! The profile of the person who signed in (DingTalk's page on retrieving user information).

use actix_web::{
    HttpRequest,
    web::{Data, Json, Path},
};
use serde::Serialize;

use super::{app_call::TOKEN_HEADER, refusal::Refusal};
use crate::state::{
    app::App,
    endpoint::Endpoint,
    person::Person,
    platform::{Platform, State},
    tokens::TokenRefusal,
};

/// The profile of the account. No value in it comes from an organization, and empty values are
/// absent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    nick: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    open_id: String,
    union_id: String,
    visitor: bool,
}

impl Profile {
    fn of(person: &Person, app: &App) -> Self {
        let personal = person.personal.clone();
        let shows_phone = app.may("Contact.User.mobile");
        Self {
            nick: personal.nick,
            avatar_url: personal.avatar_url,
            mobile: personal.mobile.filter(|_| shows_phone),
            state_code: personal.state_code.filter(|_| shows_phone),
            email: personal.email,
            open_id: person.open_id_for(&app.client_id),
            union_id: person.unionid.clone(),
            visitor: false,
        }
    }
}

/// `GET /v1.0/contact/users/{unionId}`, where `me` stands for the owner of the token. The unionId
/// of anybody else is answered as unknown.
pub async fn show(
    platform: Data<Platform>,
    union_id: Path<String>,
    request: HttpRequest,
) -> Result<Json<Profile>, Refusal> {
    let state = platform.lock();
    refuse_app_without_permission(&state, &request)?;
    let (person, app) = signed_in(&state, &request)?;
    let permission = Endpoint::ContactUser.permission();
    if let Some(missing) = permission.filter(|permission| !app.may(permission)) {
        return Err(Refusal::PermissionMissing(missing));
    }
    let own = ["me", person.unionid.as_str()];
    if !own.contains(&union_id.as_str()) {
        return Err(Refusal::UnknownUser);
    }
    Ok(Json(Profile::of(person, app)))
}

/// The token of an app does not belong to a person. A missing permission is reported first, as for
/// people.
fn refuse_app_without_permission(state: &State, request: &HttpRequest) -> Result<(), Refusal> {
    let token = request.headers().get(TOKEN_HEADER);
    let token = token.and_then(|value| value.to_str().ok()).unwrap_or("");
    let client_id = state.tokens.app_of(token, state.clock.now()).ok();
    let app = client_id.and_then(|client_id| state.apps.get(client_id));
    let permission = Endpoint::ContactUser.permission();
    match (app, permission) {
        (Some(app), Some(missing)) if !app.may(missing) => Err(Refusal::PermissionMissing(missing)),
        _ => Ok(()),
    }
}

fn signed_in<'a>(
    state: &'a State,
    request: &HttpRequest,
) -> Result<(&'a Person, &'a App), Refusal> {
    let token = request
        .headers()
        .get(TOKEN_HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(|token| !token.is_empty())
        .ok_or(Refusal::MissingToken)?;
    let grant =
        state
            .tokens
            .grant_of(token, state.clock.now())
            .map_err(|refusal| match refusal {
                TokenRefusal::Unknown => Refusal::InvalidToken,
                TokenRefusal::Expired => Refusal::ExpiredToken,
            })?;
    let person = state.person(&grant.person).ok_or(Refusal::UnknownUser)?;
    let app = state
        .apps
        .get(&grant.client_id)
        .ok_or(Refusal::InvalidToken)?;
    Ok((person, app))
}
