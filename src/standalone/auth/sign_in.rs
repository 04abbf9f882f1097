//! `auth:signIn`, by a password or through a provider.

use actix_web::HttpResponse;
use entity::user;
use serde::Deserialize;

use crate::api::{auth, provider_actions};
use crate::domain::password;
use crate::edge::audit::Refused;
use crate::edge::cross_origin::refuse_cross_origin;
use crate::edge::run_to_completion::run_to_completion;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call};

/// `auth:signIn`: signs in with the type of authenticator that the request names.
pub async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    refuse_cross_origin(&call.app, &call.request, None)?;
    let authenticator = auth::authenticator(&call).await?;
    if authenticator.auth_type != password::AUTH_TYPE {
        return provider_actions::sign_in_through(call, authenticator).await;
    }
    // When the client disconnects while its password waits to be hashed, the request is cancelled
    // and nothing is hashed.
    let signed_in = by_password(&call).await;
    let end = auth::finish_sign_in(call, authenticator.name, None, signed_in);
    run_to_completion(end).await?
}

#[derive(Default, Deserialize)]
struct PasswordSignIn {
    account: Option<Text>,
    email: Option<Text>,
    password: Option<Text>,
}

/// The account with this name and password.
async fn by_password(call: &Call) -> Result<user::Model, Refused> {
    let values: PasswordSignIn = call.body.parse()?;
    let account = values.account.or(values.email).map(Text::into_string);
    let account = account
        .filter(|account| !account.is_empty())
        .ok_or(ApiError::NoAccount)?;
    let attempt = call.app.guess_limits.begin(&account, call.client_address());
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
    // An account without roles gets a session all the same, as in NocoBase.
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
