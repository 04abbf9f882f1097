//! Checking and ending sessions.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::domain::audit::Action;
use crate::edge::audit::About;
use crate::edge::shape::UserWithRoles;
use crate::edge::{ApiError, Call, cookies, envelope};

/// `auth:check`: answers with the caller's account.
pub async fn check(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    Ok(envelope::data(UserWithRoles::new(
        &caller.user,
        &caller.roles,
    )))
}

/// `auth:signOut`: invalidates the token.
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

/// `auth:syncCookies`: gives the cookies to a browser that has only the token.
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
