//! `auth:*` — signing in and out.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use entity::{authenticator, user};
use serde::{Deserialize, Serialize};

use super::shape::{User, UserWithRoles};
use super::{ApiError, Call, cookies, dingtalk, envelope, peer};
use crate::domain::plugin;
use crate::provider::password;

#[derive(Serialize)]
struct SignedIn<'a> {
    user: User<'a>,
    token: &'a str,
}

/// `auth:signIn`: by the kind of authenticator that the request names.
pub async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    if peer::is_foreign(&call.request, &call.app.config.http) {
        return Err(ApiError::ForeignOrigin);
    }
    let authenticator = authenticator(&call).await?;
    let user = if authenticator.auth_type == password::AUTH_TYPE {
        by_password(&call).await?
    } else if authenticator.auth_type == plugin::manifest().auth_type {
        dingtalk::sign_in_with_code(&call, &authenticator).await?
    } else {
        return Err(ApiError::UnknownAuthenticatorType);
    };
    let session = start_session(&call, &user, &authenticator.name).await?;
    let mut response = envelope::data(SignedIn {
        user: (&user).into(),
        token: &session.token,
    });
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    session.set_cookies(&mut response)?;
    Ok(response)
}

/// The authenticator that a request means: NocoBase takes the first enabled one for a name that
/// is unknown or disabled.
async fn authenticator(call: &Call) -> Result<authenticator::Model, ApiError> {
    let name = call.authenticator_name();
    let mut enabled = call.app.store.enabled_authenticators().await?;
    enabled.sort_by_key(|row| (row.name != name, row.id));
    enabled
        .into_iter()
        .next()
        .ok_or(ApiError::UnknownAuthenticatorType)
}

#[derive(Default, Deserialize)]
struct PasswordSignIn {
    account: Option<Text>,
    email: Option<Text>,
    password: Option<Text>,
}

/// A string, or a number that NocoBase reads as one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    String(String),
    Number(serde_json::Number),
}

impl Text {
    fn into_string(self) -> String {
        match self {
            Self::String(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

async fn by_password(call: &Call) -> Result<user::Model, ApiError> {
    let values: PasswordSignIn = call.body.parse()?;
    let account = values.account.or(values.email).map(Text::into_string);
    let account = account
        .filter(|account| !account.is_empty())
        .ok_or(ApiError::NoAccount)?;
    let user = call.app.store.user_by_account(&account).await?;
    let stored = user.as_ref().and_then(|user| user.password.as_deref());
    let password = values.password.map(Text::into_string).unwrap_or_default();
    if !password::verify(&password, stored).await? {
        return Err(ApiError::WrongPassword);
    }
    user.ok_or(ApiError::WrongPassword)
}

/// A session that was started, with its cookies.
pub(super) struct Session {
    /// The token that the client keeps.
    pub token: String,
    cookies: Vec<actix_web::cookie::Cookie<'static>>,
}

impl Session {
    /// Gives the cookies to the browser.
    pub fn set_cookies(self, response: &mut HttpResponse) -> Result<(), ApiError> {
        cookies::add(response, self.cookies)
    }
}

/// Starts a session of an account that proved who it is.
pub(super) async fn start_session(
    call: &Call,
    user: &user::Model,
    authenticator: &str,
) -> Result<Session, ApiError> {
    let app = &call.app;
    let token = app
        .sessions
        .issue(&app.store, user.id, authenticator)
        .await?;
    let held = app.store.roles_of(user.id).await?;
    let role = call.session_role(&held);
    let policy = app.sessions.policy(&app.store).await?;
    let cookies = call
        .cookies()
        .of_session(&token, authenticator, role.as_deref(), policy.session);
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
    let role = Some(caller.role.name.as_str());
    let made = call
        .cookies()
        .of_session(&caller.token, &name, role, policy.session);
    let mut response = envelope::data(Synced { synced: true });
    cookies::add(&mut response, made)?;
    Ok(response)
}
