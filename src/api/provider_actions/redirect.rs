//! `redirect`: the address to which a provider sends the browser back.

use actix_web::HttpResponse;
use url::form_urlencoded;

use super::account::{Purpose, account_of_code, authorization_code, code_in};
use super::authenticator::{UsableAuthenticator, enabled_authenticator};
use super::landing;
use super::login_state::LoginState;
use super::{Provider, see_other, self_service};
use crate::api::auth;
use crate::chain::Chain;
use crate::domain::audit::Action;
use crate::domain::identity_provider::{Code, IdentityProvider, ProviderNames};
use crate::domain::pending_sign_in::{PendingSignIn, PendingSignIns, ReturnError};
use crate::domain::redirect::Target;
use crate::edge::audit::{About, Refused};
use crate::edge::cookies::Cookies;
use crate::edge::cross_origin::note_too_many;
use crate::edge::error::SignInRefusal;
use crate::edge::{ApiError, Call};

/// `redirect`: the address to which a provider sends the browser back. It never answers with an
/// error body, because a person is looking at it.
pub async fn redirect(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    let browser = LoginState::of(&call).await;
    let mut pending = browser.pending();
    let mut response = come_back(&call, &*provider, &mut pending).await;
    if browser.save(&pending, &mut response).await.is_err() {
        log::error!("the cookie of a sign-in that came back cannot be written");
    }
    Ok(response)
}

async fn come_back(
    call: &Call,
    provider: &dyn IdentityProvider,
    pending: &mut PendingSignIns,
) -> HttpResponse {
    let names = provider.names();
    let state = call.query.get("state");
    let remembered = state.and_then(|state| pending.find(state)).cloned();
    let refusal = match take(call, names, pending).await {
        // The page was reloaded, or somebody used the back button. If the first return started a
        // session, the browser goes to the same target again; if not, the person has to see the
        // refusal.
        Err(ReturnError::Repeated { target }) if has_session(call).await => {
            let public_path = &call.app.config.http.app_public_path;
            return see_other(Target::choose(Some(&target), public_path).as_str());
        }
        Err(error) => {
            let bound = remembered.as_ref().and_then(|known| known.binds.as_ref());
            let purpose = bound.map(|session| format!(" to bind account {}", session.user_id));
            log::warn!(
                "a return from {}{} is refused: {error}",
                names.title,
                purpose.unwrap_or_default(),
                error = Chain(&error)
            );
            SignInRefusal::from(&error).of(names).into()
        }
        Ok(pending) => {
            if let Some(session) = &pending.binds {
                return self_service::complete(call, provider, &pending, session).await;
            }
            match complete(call, provider, &pending).await {
                Ok(page) => return page,
                Err(refusal) => refusal,
            }
        }
    };
    refused(call, names, remembered.as_ref(), refusal).await
}

/// Takes the attempt with the state of the query. This writes to the database, and anybody can begin attempts and come
/// back as often as they like. So it counts as a guess at a code, unless there is a code, which counts when it is checked.
async fn take(
    call: &Call,
    names: &ProviderNames,
    pending: &mut PendingSignIns,
) -> Result<PendingSignIn, ReturnError> {
    let app = &call.app;
    let guess = app.guess_limits.begin_code(call.client_address())?;
    let taken = if call.query.count("state") > 1 {
        Err(ReturnError::Unknown)
    } else {
        let state = call.query.get("state");
        pending.take(state, &app.store, app.clock.now()).await
    };
    let counts = match &taken {
        Ok(_) => code_in(&call.query, names).is_err(),
        Err(error) => matches!(error, ReturnError::Replayed),
    };
    if !counts {
        guess.does_not_count();
    }
    taken
}

/// Whether this browser has a session, according to its cookie. That is only a hint: the cookie
/// does not authenticate anybody.
async fn has_session(call: &Call) -> bool {
    let app = &call.app;
    match Cookies::token(&call.request) {
        Some(token) => app.sessions.would_accept(&app.store, &token).await,
        None => false,
    }
}

/// Redirects a refused attempt to the page where it began.
async fn refused(
    call: &Call,
    names: &'static ProviderNames,
    pending: Option<&PendingSignIn>,
    refused: Refused,
) -> HttpResponse {
    note_too_many(&call.app, &call.request, &refused.error);
    if let Some(pending) = pending
        && let Some(session) = &pending.binds
    {
        let response = self_service::refused(call, names, pending, &refused.error);
        self_service::record(call, names, &Err(refused.error), pending, session).await;
        return response;
    }
    let about = About {
        authenticator: pending.map(|pending| pending.authenticator.as_str()),
        ..About::default()
    };
    call.record_refused(Action::SignIn, &refused, about.through(names))
        .await;
    back_to_sign_in(call, names, pending, &refused.error)
}

/// Signs in the person whom the provider sent back with a valid state. An attempt that was begun at
/// another provider has no authenticator here, so one provider's answer cannot be used in place of
/// another's.
async fn complete(
    call: &Call,
    provider: &dyn IdentityProvider,
    pending: &PendingSignIn,
) -> Result<HttpResponse, Refused> {
    let names = provider.names();
    let refuse = |refusal: SignInRefusal| refusal.of(names);
    let app = &call.app;
    let row = enabled_authenticator(app, provider, &pending.authenticator).await;
    let row = row.map_err(refuse)?;
    let code = authorization_code(&call.query, names, Purpose::SignIn).map_err(refuse)?;
    let authenticator = UsableAuthenticator::of(app, provider, &row).await;
    let authenticator = authenticator.map_err(refuse)?;
    let user = account_of_code(call, names, &authenticator, Code::LoginPage(code)).await?;
    let name = &authenticator.name;
    let session = auth::start_session(call, &user, name).await;
    let session = session.map_err(not_started).map_err(refuse)?;
    log::info!("account {} signed in through {name}", user.id);
    let about = About::user(user.id).at(name).through(names);
    call.record(Action::SignIn, about).await;
    // The page keeps the authenticator's own name, also when the NocoBase behind a gateway is told
    // another one: inside the provider's client the browser half needs it to know that the provider
    // started this session.
    let mut page = landing::page(&session.token, name, &pending.target);
    let set = session.set_cookies(&mut page);
    set.map_err(not_started).map_err(refuse)?;
    Ok(page)
}

/// Reports why no session was started. The person is sent back to the sign-in page and sees only the refusal.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn not_started(error: ApiError) -> SignInRefusal {
    error.report();
    SignInRefusal::from(&error)
}

/// Redirects to the sign-in page with a code, from which the browser half chooses the message. A
/// text in the address could be forged.
fn back_to_sign_in(
    call: &Call,
    names: &ProviderNames,
    pending: Option<&PendingSignIn>,
    error: &ApiError,
) -> HttpResponse {
    let public_path = &call.app.config.http.app_public_path;
    let target = Target::choose(pending.map(|pending| pending.target.as_str()), public_path);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("redirect", target.as_redirect_parameter(public_path));
    if let Some(pending) = pending {
        query.append_pair("authenticator", &pending.authenticator);
    }
    let parameter = format!("{}Error", names.resource);
    query.append_pair(&parameter, &error.fixed_code());
    // The request id is in the log, so a person who was refused can tell it to whoever can help.
    query.append_pair(&format!("{}Request", names.resource), &call.request_name());
    see_other(&format!(
        "{}?{}",
        target.sign_in_page(public_path),
        query.finish()
    ))
}
