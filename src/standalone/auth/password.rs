//! `auth:changePassword`, `auth:lostPassword` and what follows it.

use actix_web::HttpResponse;
use serde::Deserialize;

use super::password_options;
use crate::api::auth::guess_own;
use crate::domain::audit::Action;
use crate::domain::password_change::{self, PasswordChange};
use crate::domain::password_reset;
use crate::edge::audit::About;
use crate::edge::error::AccountRefusal;
use crate::edge::shape::UserWithRoles;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope};

#[derive(Default, Deserialize)]
struct ChangeForm {
    #[serde(rename = "oldPassword")]
    old: Option<Text>,
    #[serde(rename = "newPassword")]
    new: Option<Text>,
    #[serde(rename = "confirmPassword")]
    confirmation: Option<Text>,
}

/// `auth:changePassword`: a new password for whoever knows the old one. All sessions of the account
/// end, also this one.
pub async fn change_password(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let form: ChangeForm = call.body.parse()?;
    let change = PasswordChange {
        old: form.old.map(Text::into_string).unwrap_or_default(),
        new: form.new.map(Text::into_string).unwrap_or_default(),
        confirmation: form.confirmation.map(Text::into_string).unwrap_or_default(),
    };
    let outcome = change_own(&call, change).await;
    let about = About::user(caller.user.id);
    call.record_outcome(Action::PasswordChange, &outcome, about)
        .await;
    outcome?;
    // NocoBase answers with the account as it was before the change.
    Ok(envelope::data(UserWithRoles::new(
        &caller.user,
        &caller.roles,
    )))
}

async fn change_own(call: &Call, change: PasswordChange) -> Result<(), ApiError> {
    change.check(&call.app.store).await?;
    let attempt = guess_own(call)?;
    password_change::change(&call.app.store, call.caller()?.user.id, change).await?;
    attempt.succeeded();
    Ok(())
}

#[derive(Default, Deserialize)]
struct LostForm {
    email: Option<Text>,
}

/// `auth:lostPassword`: would send a mail with a link, but this server has no mail.
pub async fn lost_password(call: Call) -> Result<HttpResponse, ApiError> {
    // The name has to be in the header here, although everywhere else a cookie would do.
    if call.header("x-authenticator").is_none() {
        return Err(AccountRefusal::NoAuthenticatorHeader.into());
    }
    let options = password_options(&call).await?;
    let form: LostForm = call.body.parse()?;
    // The answer tells which addresses have an account, as in NocoBase; at least not in bulk.
    call.app.attempts.begin_from(call.client_address())?;
    let email = form.email.map(Text::into_string).unwrap_or_default();
    password_reset::request(&call.app.store, &options, &email).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResetForm {
    reset_token: Option<Text>,
    password: Option<Text>,
}

/// `auth:checkResetToken`: whether a link is still good.
pub async fn check_reset_token(call: Call) -> Result<HttpResponse, ApiError> {
    let form: ResetForm = call.body.parse()?;
    let token = form.reset_token.map(Text::into_string).unwrap_or_default();
    password_reset::check(&call.app.store, &call.app.sessions, &token).await?;
    Ok(envelope::data(true))
}

/// `auth:resetPassword`: a new password for whoever has the link, once.
pub async fn reset_password(call: Call) -> Result<HttpResponse, ApiError> {
    let form: ResetForm = call.body.parse()?;
    let token = form.reset_token.map(Text::into_string).unwrap_or_default();
    let password = form.password.map(Text::into_string).unwrap_or_default();
    let outcome = password_reset::reset(&call.app.store, &call.app.sessions, &token, &password);
    let outcome = outcome.await.map_err(ApiError::from);
    let about = About {
        user_id: outcome.as_ref().ok().copied(),
        ..About::default()
    };
    call.record_outcome(Action::PasswordChange, &outcome, about)
        .await;
    outcome?;
    Ok(HttpResponse::NoContent().finish())
}
