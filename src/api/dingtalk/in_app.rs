//! `dingtalk:inAppSignIn` — signing in where DingTalk's client itself says who is there.

use actix_web::{HttpMessage, HttpResponse};
use serde::Deserialize;

use super::{account_of_code, asked_by_own_page};
use crate::api::error::DingTalkRefusal;
use crate::api::{ApiError, Call, auth};
use crate::domain::redirect::Target;
use crate::provider::dingtalk::Code;

#[derive(Default, Deserialize)]
struct InAppSignIn {
    code: Option<String>,
    redirect: Option<String>,
}

/// `dingtalk:inAppSignIn`: a session for whom DingTalk's client gave this code, as `auth:signIn`
/// gives one, and where to go with it.
///
/// A form of another site could send a code of its own and sign a visitor in as somebody else, so
/// this takes JSON from our own pages only. Which page a code was made for, DingTalk checks.
pub async fn in_app_sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    let outcome = sign_in(&call).await;
    auth::count_sign_in(&call, "dingtalk_in_app", &outcome);
    outcome
}

async fn sign_in(call: &Call) -> Result<HttpResponse, ApiError> {
    if call.request.content_type() != "application/json" {
        return Err(ApiError::BodyNotJson);
    }
    let (authenticator, options) = asked_by_own_page(call).await?;
    let name = &authenticator.name;
    if options.in_app().is_none() {
        log::warn!("authenticator {name} does not sign people in inside DingTalk");
        return Err(DingTalkRefusal::Disabled.into());
    }
    let asked: InAppSignIn = call.body.parse()?;
    let code = asked.code.filter(|code| !code.is_empty());
    let code = code.ok_or(DingTalkRefusal::CodeRejected)?;
    let user = account_of_code(call, &authenticator, Code::InApp(&code)).await?;
    log::info!("account {} signed in inside DingTalk", user.id);
    let target = Target::choose(
        asked.redirect.as_deref(),
        &call.app.config.http.app_public_path,
    );
    auth::hand_over_session(call, &user, &authenticator.name, Some(target.as_str())).await
}
