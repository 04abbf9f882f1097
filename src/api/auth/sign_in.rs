//! `auth:signIn`.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use entity::user;
use serde::{Deserialize, Serialize};

use super::session::start_session;
use crate::api::audit::{About, Refused};
use crate::api::foreign::refuse_foreign;
use crate::api::shape::User;
use crate::api::text::Text;
use crate::api::to_the_end::to_the_end;
use crate::api::{ApiError, Call, envelope, external};
use crate::domain::audit::Action;
use crate::domain::identity_provider::ProviderNames;
use crate::domain::password;

#[derive(Serialize)]
struct SignedIn<'a> {
    user: User<'a>,
    token: &'a str,
    /// Where to go; only to a client that asked with a target.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<&'a str>,
}

/// `auth:signIn`: by the kind of authenticator that the request names.
pub async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    refuse_foreign(&call.app, &call.request, None)?;
    let authenticator = super::authenticator(&call).await?;
    if authenticator.auth_type == password::AUTH_TYPE {
        // Who leaves while their password waits to be hashed is not hashed for.
        let signed_in = by_password(&call).await;
        let end = end(call, authenticator.name, None, signed_in);
        to_the_end(end).await?
    } else if let Some(provider) = call.app.providers.of_type(&authenticator.auth_type) {
        let provider = provider.clone();
        let signed_in = async move {
            let user = external::sign_in_with_code(&call, &*provider, &authenticator).await;
            end(call, authenticator.name, Some(provider.names()), user).await
        };
        to_the_end(signed_in).await?
    } else {
        Err(ApiError::UnknownAuthenticatorType)
    }
}

/// Begins the session of whoever it is by a password or a provider, and records what came of it.
async fn end(
    call: Call,
    name: String,
    provider: Option<&'static ProviderNames>,
    found: Result<user::Model, Refused>,
) -> Result<HttpResponse, ApiError> {
    let action = match provider {
        Some(_) => Action::SignIn,
        None => Action::PasswordSignIn,
    };
    let at = About {
        provider,
        ..About::authenticator(&name)
    };
    let user = match found {
        Ok(user) => user,
        Err(refused) => {
            call.record_refused(action, &refused, at).await;
            return Err(refused.error);
        }
    };
    let outcome = hand_over_session(&call, &user, &name, None).await;
    let about = About {
        user_id: Some(user.id),
        ..at
    };
    call.record_outcome(action, &outcome, about).await;
    outcome
}

/// Starts a session and answers with it.
pub(in crate::api) async fn hand_over_session(
    call: &Call,
    user: &user::Model,
    authenticator: &str,
    redirect: Option<&str>,
) -> Result<HttpResponse, ApiError> {
    let session = start_session(call, user, authenticator).await?;
    let mut response = envelope::data(SignedIn {
        user: user.into(),
        token: &session.token,
        redirect,
    });
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    session.set_cookies(&mut response)?;
    Ok(response)
}

#[derive(Default, Deserialize)]
struct PasswordSignIn {
    account: Option<Text>,
    email: Option<Text>,
    password: Option<Text>,
}

/// Whose password this is.
async fn by_password(call: &Call) -> Result<user::Model, Refused> {
    let values: PasswordSignIn = call.body.parse()?;
    let account = values.account.or(values.email).map(Text::into_string);
    let account = account
        .filter(|account| !account.is_empty())
        .ok_or(ApiError::NoAccount)?;
    let attempt = call.app.attempts.begin(&account, call.client_address());
    let attempt = attempt.map_err(ApiError::from)?;
    let user = call.app.store.user_by_account(&account).await;
    let user = user.map_err(ApiError::from)?;
    let id = user.as_ref().map(|user| user.id);
    let stored = user.as_ref().and_then(|user| user.password.as_deref());
    let password = values.password.map(Text::into_string).unwrap_or_default();
    let right = password::verify(&password, stored).await;
    if !right.map_err(|error| Refused::of(id, error))? {
        return Err(Refused::of(id, ApiError::WrongPassword));
    }
    attempt.succeeded();
    let user = user.ok_or(ApiError::WrongPassword)?;
    // NocoBase gives them a session all the same.
    let account = call.app.store.account(user.id).await;
    let account = account.map_err(ApiError::from)?;
    if account.is_some_and(|account| account.held.roles.is_empty()) {
        log::warn!(
            "account {} has no role: it signed in with a password, and everything else is refused",
            user.id
        );
    }
    Ok(user)
}
