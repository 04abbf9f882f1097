//! `auth:changePassword`.

use actix_web::HttpResponse;
use serde::Deserialize;

use crate::api::auth::guess_caller_password;
use crate::domain::audit::Action;
use crate::domain::password_change::{self, PasswordChange};
use crate::edge::audit::About;
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

/// `auth:changePassword`: sets a new password for a caller who knows the old one. All sessions of
/// the account end, including this one.
pub async fn change_password(call: Call) -> Result<HttpResponse, ApiError> {
    let caller = call.caller()?;
    let form: ChangeForm = call.body.parse()?;
    let change = PasswordChange {
        old: form.old.map(Text::into_string).unwrap_or_default(),
        new: form.new.map(Text::into_string).unwrap_or_default(),
        confirmation: form.confirmation.map(Text::into_string).unwrap_or_default(),
    };
    let outcome = change_caller_password(&call, change).await;
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

async fn change_caller_password(call: &Call, change: PasswordChange) -> Result<(), ApiError> {
    change.check(&call.app.store).await?;
    let attempt = guess_caller_password(call)?;
    password_change::change(&call.app.store, call.caller()?.user.id, change).await?;
    attempt.succeeded();
    Ok(())
}
