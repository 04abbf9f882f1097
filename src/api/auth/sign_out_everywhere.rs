//! `dingtalk:signOutEverywhere`: ends all sessions of an account, in all processes.

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::account;
use crate::domain::audit::Action;
use crate::edge::audit::About;
use crate::edge::body::Body;
use crate::edge::error::{BindingRefusal, Problem};
use crate::edge::{Access, ApiError, Call, EndedSessions, cookies, envelope};
use crate::provider::dingtalk::NAMES as DINGTALK;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SignOutEverywhere {
    /// Whether the caller's session goes on, with the new token in `x-new-token`.
    except_current: bool,
    /// The account; without it, the caller's own.
    #[schemars(with = "Option<i64>")]
    user_id: Option<Value>,
}

/// The account whose sessions a request ends: the caller's own when it names none.
fn whose(body: &Body, caller_id: i64) -> Result<i64, ApiError> {
    let unknown = || ApiError::invalid("userId", Problem::WRONG);
    let asked: SignOutEverywhere = body.parse()?;
    match &asked.user_id {
        None | Some(Value::Null) => Ok(caller_id),
        Some(Value::Number(number)) => number.as_i64().ok_or_else(unknown),
        Some(Value::String(text)) => text.parse().map_err(|_| unknown()),
        Some(_) => Err(unknown()),
    }
}

/// The access that a request needs. Anybody may end their own sessions, even without any role.
/// Whether the role allows ending those of others is checked by the action itself, so that a
/// refusal gets into the audit trail.
pub fn who_may_end_sessions(body: &Body, caller_id: i64) -> Result<Access, ApiError> {
    Ok(if whose(body, caller_id)? == caller_id {
        Access::WithoutRole
    } else {
        Access::SignedIn
    })
}

/// `dingtalk:signOutEverywhere`: ends the caller's own sessions or, for administrators of accounts,
/// those of another account. With `exceptCurrent` the caller's session goes on with the new token
/// in `x-new-token`. An API key ends no sessions of its owner, whose other roles it does not have.
pub async fn sign_out_everywhere(call: Call) -> Result<HttpResponse, ApiError> {
    call.only_posted()?;
    let caller_id = call.caller()?.user.id;
    let user_id = whose(&call.body, caller_id)?;
    let outcome = if user_id == caller_id {
        let asked: SignOutEverywhere = call.body.parse()?;
        end_caller_sessions(&call, asked.except_current).await
    } else {
        end_sessions_of(&call, user_id).await
    };
    let about = About::user(user_id);
    call.record_outcome(Action::SignOutEverywhere, &outcome, about)
        .await;
    let mut response = outcome?;
    let of_caller = user_id == caller_id;
    EndedSessions { user_id, of_caller }.mark(&mut response);
    log::info!("account {caller_id} ended all sessions of account {user_id}");
    Ok(response)
}

async fn end_caller_sessions(call: &Call, except_current: bool) -> Result<HttpResponse, ApiError> {
    let app = &call.app;
    let caller = call.caller()?;
    if !caller.claims.is_session() {
        return Err(BindingRefusal::NoSession.of(&DINGTALK));
    }
    // If the caller's token was renewed a moment ago, the session has the new token's claims.
    let current = app.sessions.read(&caller.token);
    let kept = current.as_ref().filter(|_| except_current);
    let renewed = app.sessions.end_all(&app.store, caller.user.id, kept);
    let renewed = renewed.await?;
    let mut response = envelope::empty();
    let Some(renewed) = renewed else {
        cookies::add(&mut response, call.cookies().removal())?;
        return Ok(response);
    };
    let value = HeaderValue::from_str(&renewed.token).map_err(ApiError::internal)?;
    let name = HeaderName::from_static("x-new-token");
    response.headers_mut().insert(name, value);
    let authenticator = call.authenticator_name();
    let made = call
        .cookies()
        .of_token(&renewed.token, &authenticator, renewed.life);
    cookies::add(&mut response, made)?;
    Ok(response)
}

async fn end_sessions_of(call: &Call, user_id: i64) -> Result<HttpResponse, ApiError> {
    if !call.caller()?.may(Access::Administer("update", "pm.users")) {
        return Err(ApiError::Forbidden);
    }
    let by = call.administrator()?;
    account::end_sessions(&call.app.store, user_id, by).await?;
    Ok(envelope::empty())
}
