//! `dingtalk:inAppSignIn` — signing in where DingTalk's client itself says who is there.

use actix_web::{HttpMessage, HttpResponse};
use entity::user;
use serde::Deserialize;

use super::{account_of_code, asked_by_own_page};
use crate::api::audit::About;
use crate::api::error::DingTalkRefusal;
use crate::api::{ApiError, Call, auth};
use crate::domain::audit::Action;
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
    if call.request.content_type() != "application/json" {
        return Err(ApiError::BodyNotJson);
    }
    let outcome = identified(&call).await;
    if let Err(error) = &outcome {
        let name = call.authenticator_name();
        let about = About::authenticator(&name);
        call.record_refusal(Action::InAppSignIn, error, about).await;
    }
    let (user, name, target) = outcome?;
    let outcome = auth::hand_over_session(&call, &user, &name, Some(target.as_str())).await;
    let about = About::user(user.id).at(&name);
    call.record_outcome(Action::InAppSignIn, &outcome, about)
        .await;
    outcome
}

/// Whose code it is, at which authenticator, and where they want to go.
async fn identified(call: &Call) -> Result<(user::Model, String, Target), ApiError> {
    let (authenticator, options) = asked_by_own_page(call, &call.authenticator_name()).await?;
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
    Ok((user, authenticator.name, target))
}
