//! `getAuthUrl` and `auth:signIn`: the address of a provider's login page, and the sign-in with a
//! code that a program obtained there.

use actix_web::HttpResponse;
use entity::{authenticator, user};
use schemars::JsonSchema;
use serde::Deserialize;

use super::account::account_of_code;
use super::authenticator::{UsableAuthenticator, refuse_unless_enabled};
use super::login_state::LoginState;
use super::{Provider, asked_by_same_origin, redirect_url};
use crate::domain::identity_provider::{Code, IdentityProvider};
use crate::domain::redirect::Target;
use crate::edge::audit::Refused;
use crate::edge::error::SignInRefusal;
use crate::edge::{ApiError, Call, envelope, prefetch};

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct GetAuthUrl {
    redirect: Option<String>,
}

/// `getAuthUrl`: begins a sign-in in this browser and gives the address of the provider's login page.
pub async fn get_auth_url(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    if prefetch::is_prefetch(&call.request) {
        return Ok(prefetch::answer(&call.request));
    }
    let name = call.authenticator_name();
    let authenticator = asked_by_same_origin(&call, &*provider, &name).await?;
    let asked: GetAuthUrl = call.body.parse()?;
    let target = Target::choose(
        asked.redirect.as_deref(),
        &call.app.config.http.app_public_path,
    );
    let configured = &authenticator.provider;
    let redirect_url = redirect_url(&call, provider.names(), configured.redirect_origin())?;

    let browser = LoginState::of(&call).await;
    let mut pending = browser.pending();
    let state = pending.begin(&authenticator.name, target.as_str(), call.app.clock.now());
    let url = configured.authorization_url(&redirect_url, &state);
    let mut response = envelope::data(url.as_str());
    browser.save(&pending, &mut response).await?;
    Ok(response)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CodeSignIn {
    auth_code: Option<String>,
}

/// `auth:signIn` at an authenticator of a provider, for programs that went through the provider's
/// login page themselves.
pub(crate) async fn sign_in_with_code(
    call: &Call,
    provider: &dyn IdentityProvider,
    row: &authenticator::Model,
) -> Result<user::Model, Refused> {
    let names = provider.names();
    let enabled = refuse_unless_enabled(&call.app).await;
    enabled.map_err(|refusal| refusal.of(names))?;
    let values: CodeSignIn = call.body.parse()?;
    let code = values.auth_code.filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| SignInRefusal::CodeRejected.of(names))?;
    let usable = UsableAuthenticator::of(&call.app, provider, row).await;
    let usable = usable.map_err(|refusal| refusal.of(names))?;
    account_of_code(call, names, &usable, Code::LoginPage(&code)).await
}
