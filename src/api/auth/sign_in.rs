//! `auth:signIn`.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use entity::user;
use serde::{Deserialize, Serialize};

use super::session::start_session;
use crate::api::audit::About;
use crate::api::shape::User;
use crate::api::text::Text;
use crate::api::{ApiError, Call, dingtalk, envelope, peer};
use crate::domain::audit::Action;
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
    let name = &authenticator.name;
    let (action, signed_in) = if authenticator.auth_type == password::AUTH_TYPE {
        (Action::PasswordSignIn, by_password(&call).await)
    } else if authenticator.auth_type == plugin::manifest().auth_type {
        let user = dingtalk::sign_in_with_code(&call, &authenticator).await;
        (Action::SignIn, user.map_err(|error| (error, None)))
    } else {
        return Err(ApiError::UnknownAuthenticatorType);
    };
    let user = match signed_in {
        Ok(user) => user,
        Err((error, user_id)) => {
            let about = About {
                user_id,
                authenticator: Some(name),
            };
            call.record_refusal(action, &error, about).await;
            return Err(error);
        }
    };
    let outcome = hand_over_session(&call, &user, name, None).await;
    let about = About::user(user.id).at(name);
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

/// Whose password this is. A refusal names the account that was meant, for the audit trail alone.
async fn by_password(call: &Call) -> Result<user::Model, (ApiError, Option<i64>)> {
    let nobodys = |error| (error, None);
    let values: PasswordSignIn = call.body.parse().map_err(nobodys)?;
    let account = values.account.or(values.email).map(Text::into_string);
    let account = account
        .filter(|account| !account.is_empty())
        .ok_or((ApiError::NoAccount, None))?;
    let attempt = call.app.attempts.begin(&account, call.client_address());
    let attempt = attempt.map_err(|error| (error.into(), None))?;
    let user = call.app.store.user_by_account(&account).await;
    let user = user.map_err(|error| (error.into(), None))?;
    let id = user.as_ref().map(|user| user.id);
    let stored = user.as_ref().and_then(|user| user.password.as_deref());
    let password = values.password.map(Text::into_string).unwrap_or_default();
    let right = password::verify(&password, stored).await;
    if !right.map_err(|error| (error.into(), id))? {
        return Err((ApiError::WrongPassword, id));
    }
    attempt.succeeded();
    user.ok_or((ApiError::WrongPassword, None))
}
