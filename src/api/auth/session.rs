//! Starting the session of a person who has proved who they are.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use entity::user;
use serde::Serialize;

use crate::domain::audit::Action;
use crate::domain::identity_provider::ProviderNames;
use crate::domain::sign_in;
use crate::edge::audit::{About, Refused};
use crate::edge::shape::User;
use crate::edge::{ApiError, Call, cookies, envelope};

/// A session that was started, with its cookies.
pub struct Session {
    /// The token that the client uses.
    pub token: String,
    cookies: Vec<Cookie<'static>>,
}

impl Session {
    /// Adds the cookies to the answer.
    pub fn set_cookies(self, response: &mut HttpResponse) -> Result<(), ApiError> {
        cookies::add(response, self.cookies)
    }
}

/// Starts a session for an account whose owner has proved who they are.
pub async fn start_session(
    call: &Call,
    user: &user::Model,
    authenticator: &str,
) -> Result<Session, ApiError> {
    let app = &call.app;
    let authenticator =
        sign_in::session_authenticator(&app.store, &app.providers, authenticator).await?;
    let (token, life) = app
        .sessions
        .issue(&app.store, user.id, &authenticator)
        .await?;
    let held = app.store.held_roles_of(user.id).await?;
    let role = call.session_role(&held).await?;
    let cookies = call
        .cookies()
        .of_session(&token, &authenticator, role.as_deref(), life);
    Ok(Session { token, cookies })
}

#[derive(Serialize)]
struct SignedIn<'a> {
    user: User<'a>,
    token: &'a str,
    /// The page to go to; only for a client that named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<&'a str>,
}

/// Starts a session and answers with it.
pub async fn hand_over_session(
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

/// Starts a session for the account that a password or a provider proved, and records the outcome.
pub async fn finish_sign_in(
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
