//! Signing in through an identity provider, and binding one's own account to a person there:
//! everything that is the same for every provider. The table of actions passes the provider in; its
//! names, its options and what it says about people are data.

mod account;
mod authenticator;
mod by_code;
mod connection_test;
mod in_app;
mod landing;
mod login_state;
mod options_schema;
mod redirect;
mod self_service;
mod sign_in;

pub use by_code::{sign_in, sign_in_through};
pub use connection_test::test_connection;
pub(super) use connection_test::{ConnectionTestResult, count_test, unusable};
pub(super) use in_app::InAppSignIn;
pub use in_app::in_app_sign_in;
pub use options_schema::options_schema;
pub use redirect::redirect;
pub(super) use self_service::{Bind, CallerBinding, Unbind};
pub use self_service::{bind, binding, unbind};
pub(super) use sign_in::GetAuthUrl;
pub use sign_in::get_auth_url;

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};

use crate::config::Origin;
use crate::domain::identity_provider::{IdentityProvider, ProviderNames};
use crate::edge::cross_origin::{refuse_cross_origin, server_origin};
use crate::edge::{ApiError, Call};
use authenticator::{UsableAuthenticator, enabled_authenticator};

/// The provider of an action.
pub type Provider = Arc<dyn IdentityProvider>;

/// The authenticator that the request names, ready to be used. Requests from pages of other sites
/// are refused before they learn anything about it.
pub(super) async fn asked_by_same_origin(
    call: &Call,
    provider: &dyn IdentityProvider,
    name: &str,
) -> Result<UsableAuthenticator, ApiError> {
    let app = &call.app;
    let usable = match enabled_authenticator(app, provider, name).await {
        Ok(row) => UsableAuthenticator::of(app, provider, &row).await,
        Err(refusal) => Err(refusal),
    };
    // An origin that an administrator configured counts as this server's own, even behind a proxy
    // that reports another.
    let named = usable.as_ref().ok();
    let named = named.and_then(|usable| usable.provider.redirect_origin());
    refuse_cross_origin(app, &call.request, named)?;
    usable.map_err(|refusal| refusal.of(provider.names()))
}

/// The Redirect URL, which the administrator registers at the provider. It must always be the same,
/// because providers compare it. Both the form and the sign-ins take it from here.
fn redirect_url(
    call: &Call,
    provider: &ProviderNames,
    redirect_origin: Option<&Origin>,
) -> Result<String, ApiError> {
    let origin = match redirect_origin {
        Some(origin) => origin.clone(),
        // A browser never reaches the server under a host name that is not valid.
        None => server_origin(&call.app, &call.request)?,
    };
    let api_path = call.app.config.http.api_path();
    Ok(format!("{origin}{api_path}{}:redirect", provider.resource))
}

/// Redirects the browser. No `Referer` is sent, because the current address holds a code.
fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
