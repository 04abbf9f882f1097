//! `auth:signIn`.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use entity::user;
use serde::{Deserialize, Serialize};

use super::session::start_session;
use crate::api::shape::User;
use crate::api::text::Text;
use crate::api::{ApiError, Call, dingtalk, envelope, peer};
use crate::domain::plugin;
use crate::provider::password;

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
    if peer::is_foreign(&call.request, &call.app.config.http, None) {
        return Err(ApiError::ForeignOrigin);
    }
    let authenticator = super::authenticator(&call).await?;
    let (provider, user) = if authenticator.auth_type == password::AUTH_TYPE {
        ("password", by_password(&call).await)
    } else if authenticator.auth_type == plugin::manifest().auth_type {
        let user = dingtalk::sign_in_with_code(&call, &authenticator).await;
        ("dingtalk", user)
    } else {
        return Err(ApiError::UnknownAuthenticatorType);
    };
    let outcome = match user {
        Ok(user) => hand_over_session(&call, &user, &authenticator.name, None).await,
        Err(error) => Err(error),
    };
    count_sign_in(&call, provider, &outcome);
    outcome
}

/// Counts a sign-in and what came of it.
pub(in crate::api) fn count_sign_in(
    call: &Call,
    provider: &'static str,
    outcome: &Result<HttpResponse, ApiError>,
) {
    let result = outcome.as_ref().err().map_or("OK", ApiError::label);
    call.app.metrics.sign_in(provider, result);
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

async fn by_password(call: &Call) -> Result<user::Model, ApiError> {
    let values: PasswordSignIn = call.body.parse()?;
    let account = values.account.or(values.email).map(Text::into_string);
    let account = account
        .filter(|account| !account.is_empty())
        .ok_or(ApiError::NoAccount)?;
    let attempt = call.app.attempts.begin(&account, call.client_address())?;
    let user = call.app.store.user_by_account(&account).await?;
    let stored = user.as_ref().and_then(|user| user.password.as_deref());
    let password = values.password.map(Text::into_string).unwrap_or_default();
    if !password::verify(&password, stored).await? {
        return Err(ApiError::WrongPassword);
    }
    attempt.succeeded();
    user.ok_or(ApiError::WrongPassword)
}
