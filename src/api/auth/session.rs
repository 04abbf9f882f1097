//! Sessions of browsers: start, look at, end.

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use entity::user;
use serde::Serialize;

use crate::api::audit::About;
use crate::api::shape::UserWithRoles;
use crate::api::{ApiError, Call, cookies, envelope};
use crate::domain::audit::Action;
use crate::domain::sign_in;

/// A session that was started, with its cookies.
pub(in crate::api) struct Session {
    /// The token that the client keeps.
    pub token: String,
    cookies: Vec<Cookie<'static>>,
}

impl Session {
    /// Gives the cookies to the browser.
    pub fn set_cookies(self, response: &mut HttpResponse) -> Result<(), ApiError> {
        cookies::add(response, self.cookies)
    }
}

/// Starts a session of an account that proved who it is.
pub(in crate::api) async fn start_session(
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

/// `auth:check`: who am I?
pub async fn check(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    Ok(envelope::data(UserWithRoles::new(
        &caller.user,
        &caller.roles,
    )))
}

/// `auth:signOut`: the token is no longer good for anybody.
pub async fn sign_out(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    call.app
        .sessions
        .end(&call.app.store, &caller.token, &caller.claims)
        .await?;
    call.record(Action::SignOut, About::user(caller.user.id))
        .await;
    let mut response = envelope::empty();
    cookies::add(&mut response, call.cookies().removal())?;
    Ok(response)
}

#[derive(Serialize)]
struct Synced {
    synced: bool,
}

/// `auth:syncCookies`: gives a browser that holds only the token the cookies too.
pub async fn sync_cookies(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let policy = call.app.sessions.policy(&call.app.store).await?;
    let name = call.authenticator_name();
    let role = Some(caller.role.name());
    let made = call
        .cookies()
        .of_session(&caller.token, &name, role, policy.session);
    let mut response = envelope::data(Synced { synced: true });
    cookies::add(&mut response, made)?;
    Ok(response)
}
