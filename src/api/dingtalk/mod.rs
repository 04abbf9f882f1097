//! `dingtalk:*` — signing in through DingTalk's login page, there and back, and inside DingTalk.

mod binding;
mod connection_test;
mod identified;
mod in_app;
mod in_use;
mod inspect;
mod options_in_use;
mod options_schema;
mod sign_out_everywhere;

pub use binding::{bind, binding, unbind};
pub use connection_test::test_connection;
pub use in_app::in_app_sign_in;
pub use inspect::{Inspected, inspect};
pub use options_in_use::options_in_use;
pub use options_schema::options_schema;
pub use sign_out_everywhere::sign_out_everywhere;

use identified::{account_of_code, identify, rules_of};
use in_use::{enabled_authenticator, is_own_type, options_of, refuse_unless_enabled};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use entity::{authenticator, user};
use serde::Deserialize;
use url::form_urlencoded;

use super::audit::About;
use super::error::DingTalkRefusal;
use super::login_state::LoginState;
use super::query::Query;
use super::{ApiError, Call, auth, envelope, landing, peer};
use crate::config::Origin;
use crate::domain::audit::Action;
use crate::domain::handshake::{HandshakeError, PendingSignIn};
use crate::domain::redirect::Target;
use crate::provider::dingtalk::{Code, DingTalkOptions};

#[derive(Default, Deserialize)]
struct GetAuthUrl {
    redirect: Option<String>,
}

/// `dingtalk:getAuthUrl`: begins a sign-in in this browser and gives the address of DingTalk's
/// login page.
pub async fn get_auth_url(call: Call) -> Result<HttpResponse, ApiError> {
    let http = &call.app.config.http;
    let (authenticator, options) = asked_by_own_page(&call, &call.authenticator_name()).await?;
    let asked: GetAuthUrl = call.body.parse()?;
    let target = Target::choose(asked.redirect.as_deref(), &http.app_public_path);
    let redirect_url = redirect_url(&call, options.callback_origin.as_ref())?;

    let browser = LoginState::of(&call.request);
    let mut pending = browser.load();
    let state = pending.begin(&authenticator.name, target.as_str(), call.app.clock.now());
    browser.save(&pending).map_err(|error| {
        log::error!("the sign-in cookie cannot be written: {error}");
        ApiError::Internal
    })?;
    let url = call
        .app
        .dingtalk
        .authorization_url(&options, &redirect_url, &state);
    Ok(envelope::data(url.as_str()))
}

/// The authenticator that is asked for, and its options. Pages of other sites are refused before
/// they learn anything of it.
async fn asked_by_own_page(
    call: &Call,
    name: &str,
) -> Result<(authenticator::Model, DingTalkOptions), ApiError> {
    let authenticator = enabled_authenticator(&call.app, name).await;
    let options = match &authenticator {
        Ok(authenticator) => options_of(&call.app, authenticator).await,
        Err(refusal) => Err(*refusal),
    };
    // What an administrator named as our address is ours, also behind a proxy that says otherwise.
    let named = options.as_ref().ok();
    let named = named.and_then(|options| options.callback_origin.as_ref());
    if peer::is_foreign(&call.request, &call.app.config.http, named) {
        return Err(ApiError::ForeignOrigin);
    }
    Ok((authenticator?, options?))
}

/// The Redirect URL, which the administrator registers at DingTalk. It never varies: DingTalk
/// compares it. The form shows what sign-ins use, because both come from here.
fn redirect_url(call: &Call, callback_origin: Option<&Origin>) -> Result<String, ApiError> {
    let http = &call.app.config.http;
    let origin = match callback_origin {
        Some(origin) => origin.clone(),
        // No browser comes by a host that could be none.
        None => peer::origin(call.request.head(), http).ok_or(ApiError::ForeignOrigin)?,
    };
    Ok(format!("{origin}{}dingtalk:redirect", http.api_path()))
}

/// `dingtalk:redirect`: where DingTalk sends the browser back to. Never answers with an error
/// body: a person looks at it.
pub async fn redirect(call: Call) -> Result<HttpResponse, ApiError> {
    let browser = LoginState::of(&call.request);
    let mut pending = browser.load();
    let state = call.query.get("state");
    let remembered = state.and_then(|state| pending.find(state)).cloned();
    let taken = if call.query.count("state") > 1 {
        Err(HandshakeError::Unknown)
    } else {
        pending
            .take(state, &call.app.store, call.app.clock.now())
            .await
    };
    if let Err(error) = browser.save(&pending) {
        log::error!("the sign-in cookie cannot be written: {error}");
    }
    let refusal = match taken {
        // A reload, or the back button: the first return already led here.
        Err(HandshakeError::Repeated { target }) => return Ok(see_other(&target)),
        Err(error) => {
            log::warn!("a return from DingTalk is refused: {error}");
            DingTalkRefusal::from(&error)
        }
        Ok(pending) => {
            if let Some(session) = &pending.binds {
                return Ok(binding::complete(&call, &pending, session).await);
            }
            match complete(&call, &pending).await {
                Ok(page) => return Ok(page),
                Err(refusal) => refusal,
            }
        }
    };
    Ok(refused(&call, remembered.as_ref(), refusal).await)
}

/// A return from DingTalk that leads nowhere else: back to where it began.
async fn refused(
    call: &Call,
    pending: Option<&PendingSignIn>,
    refusal: DingTalkRefusal,
) -> HttpResponse {
    let error = ApiError::from(refusal);
    if let Some(pending) = pending
        && let Some(session) = &pending.binds
    {
        let response = binding::refused(call, pending, &error);
        binding::record(call, &Err(error), pending, session).await;
        return response;
    }
    let name = pending.map(|pending| pending.authenticator.as_str());
    let about = About {
        authenticator: name,
        ..About::default()
    };
    call.record_refusal(Action::SignIn, &error, about).await;
    back_to_sign_in(call, pending, refusal)
}

/// Signs in whoever DingTalk sent back with a state that was ours.
async fn complete(call: &Call, pending: &PendingSignIn) -> Result<HttpResponse, DingTalkRefusal> {
    let authenticator = enabled_authenticator(&call.app, &pending.authenticator).await?;
    let code = authorization_code(&call.query)?;
    let user = account_of_code(call, &authenticator, Code::LoginPage(code)).await?;
    let session = auth::start_session(call, &user, &authenticator.name).await;
    let session = session.map_err(|_| DingTalkRefusal::Failed)?;
    log::info!(
        "account {} signed in through {}",
        user.id,
        authenticator.name
    );
    let about = About::user(user.id).at(&authenticator.name);
    call.record(Action::SignIn, about).await;
    // Under its own name also in front of a NocoBase, which gets another: inside DingTalk the browser
    // half knows by it that this session began through DingTalk.
    let mut page = landing::page(&session.token, &authenticator.name, &pending.target);
    session
        .set_cookies(&mut page)
        .map_err(|_| DingTalkRefusal::Failed)?;
    Ok(page)
}

/// The code that DingTalk brought: under two names, which must agree (page "Obtain user personal
/// information").
fn authorization_code(query: &Query) -> Result<&str, DingTalkRefusal> {
    if query.get("error").is_some() {
        log::info!("the sign-in was cancelled at DingTalk");
        return Err(DingTalkRefusal::Denied);
    }
    if query.count("code") > 1 || query.count("authCode") > 1 {
        return Err(DingTalkRefusal::CodeRejected);
    }
    match (query.get("authCode"), query.get("code")) {
        (Some(one), Some(other)) if one != other => {
            log::warn!("DingTalk's return carries two different authorization codes");
            Err(DingTalkRefusal::CodeRejected)
        }
        (Some(code), _) | (None, Some(code)) => Ok(code),
        (None, None) => Err(DingTalkRefusal::Denied),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CodeSignIn {
    auth_code: Option<String>,
}

/// `auth:signIn` at a DingTalk authenticator: for programs that did the walk to DingTalk's login
/// page themselves.
pub(super) async fn sign_in_with_code(
    call: &Call,
    authenticator: &authenticator::Model,
) -> Result<user::Model, ApiError> {
    refuse_unless_enabled(&call.app).await?;
    let values: CodeSignIn = call.body.parse()?;
    let code = values.auth_code.filter(|code| !code.is_empty());
    let code = code.ok_or(DingTalkRefusal::CodeRejected)?;
    Ok(account_of_code(call, authenticator, Code::LoginPage(&code)).await?)
}

/// Back to the sign-in page, with a code from which the browser half makes the message. Text in
/// an address could be anybody's.
fn back_to_sign_in(
    call: &Call,
    pending: Option<&PendingSignIn>,
    refusal: DingTalkRefusal,
) -> HttpResponse {
    let public_path = &call.app.config.http.app_public_path;
    let target = Target::choose(pending.map(|pending| pending.target.as_str()), public_path);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("redirect", target.as_redirect_parameter(public_path));
    if let Some(pending) = pending {
        query.append_pair("authenticator", &pending.authenticator);
    }
    query.append_pair("dingtalkError", refusal.code());
    see_other(&format!(
        "{}?{}",
        target.sign_in_page(public_path),
        query.finish()
    ))
}

/// Sends the browser on; the address it came by holds a code, which goes nowhere else.
fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
