//! `binding`, `bind`, `unbind`: the binding of the caller's own account to a person at a provider.
//!
//! `bind` begins an attempt in this browser and leads to the provider's login page, as a sign-in
//! does; `redirect` then binds instead of signing in. No token is handed over, because the session
//! goes on.

use actix_web::{HttpMessage, HttpResponse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::{Purpose, authorization_code, identify};
use super::authenticator::{UsableAuthenticator, enabled_authenticator};
use super::login_state::LoginState;
use super::{Provider, asked_by_same_origin, redirect_url, see_other};
use crate::api::auth;
use crate::chain::Chain;
use crate::domain::audit::Action;
use crate::domain::binding::self_service::{self, SelfServiceBinding, SelfServiceError};
use crate::domain::identity_provider::{Code, IdentityProvider, ProviderNames};
use crate::domain::pending_sign_in::PendingSignIn;
use crate::domain::redirect::Target;
use crate::domain::session::SessionMark;
use crate::edge::audit::About;
use crate::edge::error::{BindingRefusal, SignInRefusal};
use crate::edge::shape::Moment;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope};

/// What the caller learns about their binding. The provider's identifiers are not part of it.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallerBinding<'a> {
    authenticator: &'a str,
    bound: bool,
    nickname: Option<&'a str>,
    avatar: Option<&'a str>,
    bound_at: Option<Moment>,
    /// Whether `bind` and `unbind` require the password of the account.
    password_required: bool,
}

/// `binding`: whether the caller is bound, and to whom.
pub async fn binding(call: Call, _: Provider) -> Result<HttpResponse, ApiError> {
    let name = named(&call);
    let user = &call.caller()?.user;
    let store = &call.app.store;
    let row = store.binding_of_user(&name, user.id).await?;
    let row = row.as_ref();
    Ok(envelope::data(CallerBinding {
        authenticator: &name,
        bound: row.is_some(),
        nickname: row.map(|row| row.nickname.as_str()),
        avatar: row.map(|row| row.avatar.as_str()),
        bound_at: row.map(|row| Moment(row.created_at)),
        password_required: self_service::has_password(user),
    }))
}

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Bind {
    #[schemars(with = "Option<String>")]
    password: Option<Text>,
    redirect: Option<String>,
}

/// `bind`: begins an attempt to bind the caller in this browser, and gives the address of the
/// provider's login page.
pub async fn bind(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    only_by_script(&call)?;
    let name = named(&call);
    let begun = begin(&call, &*provider, &name).await;
    if let Err(error) = &begun {
        let about = About::user(call.caller()?.user.id).at(&name);
        let about = about.through(provider.names());
        call.record_refusal(Action::Bind, error, about).await;
    }
    begun
}

async fn begin(
    call: &Call,
    provider: &dyn IdentityProvider,
    name: &str,
) -> Result<HttpResponse, ApiError> {
    let names = provider.names();
    let refuse = |error| ApiError::of_binding(error, names);
    let app = &call.app;
    let caller = call.caller()?;
    let session = app.sessions.mark(&caller.token);
    let session = session.ok_or_else(|| BindingRefusal::NoSession.of(names))?;
    let authenticator = asked_by_same_origin(call, provider, name).await?;
    let may_begin = self_service::may_begin(&app.store, &authenticator.name, caller.user.id).await;
    may_begin.map_err(refuse)?;
    let asked: Bind = call.body.parse()?;
    confirm(call, names, asked.password).await?;
    let target = Target::choose(asked.redirect.as_deref(), &app.config.http.app_public_path);
    let configured = &authenticator.provider;
    let redirect_url = redirect_url(call, names, configured.redirect_origin())?;
    let browser = LoginState::of(call).await;
    let mut pending = browser.pending();
    let now = app.clock.now();
    let state = pending.begin_binding(&authenticator.name, target.as_str(), session, now);
    let url = configured.authorization_url(&redirect_url, &state);
    let mut response = envelope::data(url.as_str());
    browser.save(&pending, &mut response).await?;
    Ok(response)
}

/// Confirms that the caller is the owner of the account: by the password or, for an account without
/// one, by how recently the session began.
async fn confirm(
    call: &Call,
    provider: &'static ProviderNames,
    password: Option<Text>,
) -> Result<(), ApiError> {
    let app = &call.app;
    let caller = call.caller()?;
    let given = password.map(Text::into_string);
    let attempt = auth::guess_caller_password(call)?;
    let (claims, user_id) = (&caller.claims, caller.user.id);
    let confirmed =
        self_service::confirm(&app.store, &app.sessions, claims, user_id, given.as_deref()).await;
    confirmed.map_err(|error| ApiError::of_binding(error, provider))?;
    attempt.succeeded();
    Ok(())
}

/// Binds the account for which the attempt was begun, and redirects to the page that the caller
/// wanted. That page learns of a refusal by a parameter, which is `dingtalkBindError` for DingTalk.
pub(super) async fn complete(
    call: &Call,
    provider: &dyn IdentityProvider,
    pending: &PendingSignIn,
    session: &SessionMark,
) -> HttpResponse {
    let names = provider.names();
    let outcome = bind_now(call, provider, pending, session).await;
    record(call, names, &outcome, pending, session).await;
    match outcome {
        Ok(()) => see_other(&pending.target),
        Err(error) => {
            error.report();
            refused(call, names, pending, &error)
        }
    }
}

/// Redirects to the same page with a refusal.
pub(super) fn refused(
    call: &Call,
    provider: &ProviderNames,
    pending: &PendingSignIn,
    error: &ApiError,
) -> HttpResponse {
    let public_path = &call.app.config.http.app_public_path;
    let target = Target::choose(Some(&pending.target), public_path);
    let refusal = format!("{}BindError", provider.resource);
    let request = format!("{}Request", provider.resource);
    see_other(&target.with_parameters(&[
        (refusal.as_str(), &*error.fixed_code()),
        (request.as_str(), call.request_name().as_str()),
    ]))
}

/// Records the outcome.
pub(super) async fn record(
    call: &Call,
    provider: &'static ProviderNames,
    outcome: &Result<(), ApiError>,
    pending: &PendingSignIn,
    session: &SessionMark,
) {
    let about = About::user(session.user_id).at(&pending.authenticator);
    call.record_outcome(Action::Bind, outcome, about.through(provider))
        .await;
}

async fn bind_now(
    call: &Call,
    provider: &dyn IdentityProvider,
    pending: &PendingSignIn,
    session: &SessionMark,
) -> Result<(), ApiError> {
    let app = &call.app;
    let names = provider.names();
    let refuse = |refusal: SignInRefusal| refusal.of(names);
    let row = enabled_authenticator(app, provider, &pending.authenticator).await;
    let row = row.map_err(refuse)?;
    let purpose = Purpose::Binding(session.user_id);
    let code = authorization_code(&call.query, names, purpose).map_err(refuse)?;
    // This is checked before the provider is asked, and again after it has answered.
    let policy = app.sessions.policy(&app.store).await?;
    if !app.sessions.stands(&app.store, session, &policy).await? {
        return Err(BindingRefusal::SessionEnded.of(names));
    }
    let authenticator = UsableAuthenticator::of(app, provider, &row).await;
    let authenticator = authenticator.map_err(refuse)?;
    let identity = identify(call, &authenticator, Code::LoginPage(code), purpose).await;
    let identity = identity.map_err(refuse)?;
    let wanted = SelfServiceBinding {
        authenticator: &authenticator.name,
        session,
        identity: &identity,
        rules: &authenticator.rules,
    };
    let bound = self_service::bind(&app.store, &app.sessions, wanted).await;
    bound.map_err(|error| {
        // A failure of the server is reported with the answer.
        if !matches!(
            error,
            SelfServiceError::Store(_) | SelfServiceError::Hash(_)
        ) {
            log::warn!(
                "account {} is not bound to {} at {}: {error}",
                session.user_id,
                identity.meta,
                authenticator.name,
                error = Chain(&error)
            );
        }
        ApiError::of_binding(error, names)
    })?;
    log::info!(
        "account {} bound itself at {}",
        session.user_id,
        authenticator.name
    );
    Ok(())
}

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Unbind {
    #[schemars(with = "Option<String>")]
    password: Option<Text>,
}

/// `unbind`: removes the caller's binding, if they can still sign in another way.
pub async fn unbind(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    only_by_script(&call)?;
    let name = named(&call);
    let outcome = unbind_now(&call, &*provider, &name).await;
    let about = About::user(call.caller()?.user.id).at(&name);
    let about = about.through(provider.names());
    call.record_outcome(Action::Unbind, &outcome, about).await;
    outcome.map(|()| envelope::empty())
}

async fn unbind_now(
    call: &Call,
    provider: &dyn IdentityProvider,
    name: &str,
) -> Result<(), ApiError> {
    let names = provider.names();
    let store = &call.app.store;
    let user_id = call.caller()?.user.id;
    // Authenticators of other types do not belong to this provider.
    let known = store.authenticator(name).await?;
    let is_of_provider = known.is_some_and(|row| row.auth_type == names.auth_type);
    if !is_of_provider || store.binding_of_user(name, user_id).await?.is_none() {
        return Err(BindingRefusal::NotBound.of(names));
    }
    let asked: Unbind = call.body.parse()?;
    confirm(call, names, asked.password).await?;
    let unbound = self_service::unbind(store, &call.app.providers, name, user_id).await;
    unbound.map_err(|error| ApiError::of_binding(error, names))?;
    log::info!("account {user_id} removed its binding at {name}");
    Ok(())
}

/// The authenticator that the request names. The parameter has priority, because the web client's
/// header always names the authenticator of the session.
fn named(call: &Call) -> String {
    match call.query.get("authenticator") {
        Some(name) => name.to_owned(),
        None => call.authenticator_name(),
    }
}

/// Refuses requests that a link, an image or a form of another site could send.
fn only_by_script(call: &Call) -> Result<(), ApiError> {
    call.only_posted()?;
    if call.request.content_type() != "application/json" {
        return Err(ApiError::BodyNotJson);
    }
    Ok(())
}
