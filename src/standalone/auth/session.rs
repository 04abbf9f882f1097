//! Sessions of browsers: look at, end.

use actix_web::HttpResponse;
use serde::Serialize;

use crate::domain::audit::Action;
use crate::edge::audit::About;
use crate::edge::shape::UserWithRoles;
use crate::edge::{ApiError, Call, cookies, envelope};

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
