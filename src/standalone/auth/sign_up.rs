//! `auth:signUp`.

use actix_web::HttpResponse;
use serde::Deserialize;

use crate::domain::audit::Action;
use crate::domain::sign_up::{self, SignUp};
use crate::edge::audit::About;
use crate::edge::cross_origin::refuse_cross_origin;
use crate::edge::text::Text;
use crate::edge::{ApiError, Call, envelope};

/// The values of the sign-up form. Other values, such as roles, are ignored.
#[derive(Default, Deserialize)]
struct SignUpValues {
    nickname: Option<Text>,
    username: Option<Text>,
    email: Option<Text>,
    password: Option<Text>,
    confirm_password: Option<Text>,
}

/// `auth:signUp`: creates an account with a password. It does not sign in.
pub async fn sign_up(call: Call) -> Result<HttpResponse, ApiError> {
    refuse_cross_origin(&call.app, &call.request, None)?;
    let options = super::password_options(&call).await?;
    let form: SignUpValues = call.body.parse()?;
    // Each sign-up costs a hash and a row, so the number from one address is limited.
    call.app.guess_limits.begin_from(call.client_address())?;
    let values = SignUp {
        nickname: form.nickname.map(Text::into_column).transpose()?,
        username: form.username.map(Text::into_column).transpose()?,
        email: form.email.map(Text::into_column).transpose()?,
        password: form.password.map(Text::into_string),
        confirmation: form.confirm_password.map(Text::into_string),
    };
    let outcome = sign_up::sign_up(&call.app.store, &options, values).await;
    let outcome = outcome.map_err(ApiError::from);
    let name = call.authenticator_name();
    let about = About {
        user_id: outcome.as_ref().ok().copied(),
        ..About::authenticator(&name)
    };
    call.record_outcome(Action::SignUp, &outcome, about).await;
    outcome.map(|_| envelope::empty())
}
