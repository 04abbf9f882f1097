//! `auth:signIn` with an authorization code that a program obtained from the provider.

use actix_web::HttpResponse;
use entity::authenticator;

use super::sign_in::sign_in_with_code;
use crate::api::auth;
use crate::edge::cross_origin::refuse_cross_origin;
use crate::edge::run_to_completion::run_to_completion;
use crate::edge::{ApiError, Call};

/// `auth:signIn` for a server on which people sign in only through providers.
pub async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    refuse_cross_origin(&call.app, &call.request, None)?;
    let authenticator = auth::authenticator(&call).await?;
    sign_in_through(call, authenticator).await
}

/// Signs in the person for whom the provider issued the code.
pub async fn sign_in_through(
    call: Call,
    authenticator: authenticator::Model,
) -> Result<HttpResponse, ApiError> {
    let Some(provider) = call.app.providers.of_type(&authenticator.auth_type) else {
        return Err(ApiError::UnknownAuthenticatorType);
    };
    let provider = provider.clone();
    let signed_in = async move {
        let user = sign_in_with_code(&call, &*provider, &authenticator).await;
        auth::finish_sign_in(call, authenticator.name, Some(provider.names()), user).await
    };
    run_to_completion(signed_in).await?
}
