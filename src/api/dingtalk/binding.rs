//! `dingtalk:binding`, `bind`, `unbind` — one's own account and one's DingTalk user.
//!
//! `bind` begins an attempt in this browser and leads to DingTalk's login page, as a sign-in does;
//! `redirect` then binds instead of signing in. No token is handed over: the session goes on.

use actix_web::http::Method;
use actix_web::{HttpMessage, HttpResponse};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    asked_by_own_page, authorization_code, enabled_authenticator, identify, options_of,
    redirect_url, rules_of, see_other,
};
use crate::api::audit::About;
use crate::api::error::BindingRefusal;
use crate::api::login_state::LoginState;
use crate::api::shape::date;
use crate::api::text::Text;
use crate::api::{ApiError, Call, auth, envelope};
use crate::domain::audit::Action;
use crate::domain::handshake::PendingSignIn;
use crate::domain::own_binding::{self, Wanted};
use crate::domain::redirect::Target;
use crate::domain::session::SessionMark;
use crate::provider::dingtalk::Code;

/// What somebody learns of their binding. What DingTalk calls them stays here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    authenticator: &'a str,
    bound: bool,
    nickname: Option<&'a str>,
    avatar: Option<&'a str>,
    bound_at: Option<Moment>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Moment(#[serde(serialize_with = "date")] DateTime<Utc>);

/// `dingtalk:binding`: whether, and as whom, the caller is bound.
pub async fn binding(call: Call) -> Result<HttpResponse, ApiError> {
    let name = named(&call);
    let user_id = call.caller()?.user.id;
    let store = &call.app.store;
    let row = store.binding_of_user(&name, user_id).await?;
    let row = row.as_ref();
    Ok(envelope::data(Shown {
        authenticator: &name,
        bound: row.is_some(),
        nickname: row.map(|row| row.nickname.as_str()),
        avatar: row.map(|row| row.avatar.as_str()),
        bound_at: row.map(|row| Moment(row.created_at)),
    }))
}

#[derive(Default, Deserialize)]
struct Bind {
    password: Option<Text>,
    redirect: Option<String>,
}

/// `dingtalk:bind`: begins to bind the caller in this browser, and gives the address of DingTalk's
/// login page.
pub async fn bind(call: Call) -> Result<HttpResponse, ApiError> {
    only_by_script(&call)?;
    let name = named(&call);
    let begun = begin(&call, &name).await;
    if let Err(error) = &begun {
        let about = About::user(call.caller()?.user.id).at(&name);
        call.record_refusal(Action::Bind, error, about).await;
    }
    begun
}

async fn begin(call: &Call, name: &str) -> Result<HttpResponse, ApiError> {
    let app = &call.app;
    let caller = call.caller()?;
    let session = app.sessions.mark(&caller.token);
    let session = session.ok_or(BindingRefusal::NoSession)?;
    let (authenticator, options) = asked_by_own_page(call, name).await?;
    own_binding::may_begin(&app.store, &authenticator.name, caller.user.id).await?;
    let asked: Bind = call.body.parse()?;
    auth::confirm(call, asked.password).await?;
    let target = Target::choose(asked.redirect.as_deref(), &app.config.http.app_public_path);
    let redirect_url = redirect_url(call, options.callback_origin.as_ref())?;
    let browser = LoginState::of(&call.request);
    let mut pending = browser.load();
    let now = app.clock.now();
    let state = pending.begin_binding(&authenticator.name, target.as_str(), session, now);
    browser.save(&pending).map_err(|error| {
        log::error!("the sign-in cookie cannot be written: {error}");
        ApiError::Internal
    })?;
    let url = app
        .dingtalk
        .authorization_url(&options, &redirect_url, &state);
    Ok(envelope::data(url.as_str()))
}

/// Binds the account for which a return from DingTalk was begun, and goes on to the page that was
/// asked for. That page learns of a refusal by the parameter `dingtalkBindError`.
pub(super) async fn complete(
    call: &Call,
    pending: &PendingSignIn,
    session: &SessionMark,
) -> HttpResponse {
    let outcome = bind_now(call, pending, session).await;
    record(call, &outcome, pending, session).await;
    match outcome {
        Ok(()) => see_other(&pending.target),
        Err(error) => refused(call, pending, &error),
    }
}

/// The same page, with the refusal.
pub(super) fn refused(call: &Call, pending: &PendingSignIn, error: &ApiError) -> HttpResponse {
    let public_path = &call.app.config.http.app_public_path;
    let target = Target::choose(Some(&pending.target), public_path);
    see_other(&target.with_parameter("dingtalkBindError", error.fixed_code()))
}

/// Records what came of it.
pub(super) async fn record(
    call: &Call,
    outcome: &Result<(), ApiError>,
    pending: &PendingSignIn,
    session: &SessionMark,
) {
    let about = About::user(session.user_id).at(&pending.authenticator);
    call.record_outcome(Action::Bind, outcome, about).await;
}

async fn bind_now(
    call: &Call,
    pending: &PendingSignIn,
    session: &SessionMark,
) -> Result<(), ApiError> {
    let app = &call.app;
    let authenticator = enabled_authenticator(app, &pending.authenticator).await?;
    let code = authorization_code(&call.query)?;
    // Before DingTalk is asked, and again when it has answered.
    let policy = app.sessions.policy(&app.store).await?;
    if !app.sessions.stands(&app.store, session, &policy).await? {
        return Err(BindingRefusal::SessionEnded.into());
    }
    let options = options_of(app, &authenticator).await?;
    let identity = identify(call, &authenticator, &options, Code::LoginPage(code)).await?;
    let wanted = Wanted {
        authenticator: &authenticator.name,
        session,
        identity: &identity,
        rules: &rules_of(options),
    };
    let bound = own_binding::bind(&app.store, &app.sessions, wanted).await;
    bound.inspect_err(|error| {
        log::warn!(
            "account {} is not bound to {} at {}: {error}",
            session.user_id,
            identity.meta,
            authenticator.name
        );
    })?;
    log::info!(
        "account {} bound itself at {}",
        session.user_id,
        authenticator.name
    );
    Ok(())
}

#[derive(Default, Deserialize)]
struct Unbind {
    password: Option<Text>,
}

/// `dingtalk:unbind`: removes the caller's binding, if another way in stays.
pub async fn unbind(call: Call) -> Result<HttpResponse, ApiError> {
    only_by_script(&call)?;
    let name = named(&call);
    let outcome = unbind_now(&call, &name).await;
    let about = About::user(call.caller()?.user.id).at(&name);
    call.record_outcome(Action::Unbind, &outcome, about).await;
    outcome.map(|()| envelope::empty())
}

async fn unbind_now(call: &Call, name: &str) -> Result<(), ApiError> {
    let store = &call.app.store;
    let user_id = call.caller()?.user.id;
    // Those of other types are none of DingTalk's business.
    let known = store.authenticator(name).await?;
    let is_own = known.is_some_and(|row| super::is_own_type(&row));
    if !is_own || store.binding_of_user(name, user_id).await?.is_none() {
        return Err(BindingRefusal::NotBound.into());
    }
    let asked: Unbind = call.body.parse()?;
    auth::confirm(call, asked.password).await?;
    own_binding::unbind(store, name, user_id).await?;
    log::info!("account {user_id} removed its binding at {name}");
    Ok(())
}

/// The authenticator that is meant. The web client's header names the one of the session, so a
/// parameter comes before it.
fn named(call: &Call) -> String {
    match call.query.get("authenticator") {
        Some(name) => name.to_owned(),
        None => call.authenticator_name(),
    }
}

/// Refuses what a link, a picture or a form of any site could ask for.
fn only_by_script(call: &Call) -> Result<(), ApiError> {
    if call.request.method() != Method::POST {
        return Err(ApiError::NotFound);
    }
    if call.request.content_type() != "application/json" {
        return Err(ApiError::BodyNotJson);
    }
    Ok(())
}
