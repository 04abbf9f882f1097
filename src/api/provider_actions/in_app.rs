//! `inAppSignIn`: signing in inside the provider's own client, which knows who is using it.

use actix_web::{HttpMessage, HttpResponse};
use entity::user;
use schemars::JsonSchema;
use serde::Deserialize;

use super::account::account_of_code;
use super::{Provider, asked_by_same_origin};
use crate::api::auth;
use crate::domain::audit::Action;
use crate::domain::identity_provider::{Code, IdentityProvider};
use crate::domain::redirect::Target;
use crate::edge::audit::{About, Refused};
use crate::edge::error::SignInRefusal;
use crate::edge::{ApiError, Call};

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct InAppSignIn {
    code: Option<String>,
    redirect: Option<String>,
}

/// `inAppSignIn`: starts a session, as `auth:signIn` does, for the person for whom the provider's
/// client issued this code, and gives the page to go to.
///
/// A form on another site could send a code of its own and sign a visitor in as somebody else, so
/// only JSON from this server's own pages is accepted. The provider checks for which page a code
/// was issued.
pub async fn in_app_sign_in(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    if call.request.content_type() != "application/json" {
        return Err(ApiError::BodyNotJson);
    }
    let names = provider.names();
    let outcome = identified(&call, &*provider).await;
    let (user, name, target) = match outcome {
        Ok(identified) => identified,
        Err(refused) => {
            let name = call.authenticator_name();
            let about = About::authenticator(&name).through(names);
            call.record_refused(Action::InAppSignIn, &refused, about)
                .await;
            return Err(refused.error);
        }
    };
    let outcome = auth::hand_over_session(&call, &user, &name, Some(target.as_str())).await;
    let about = About::user(user.id).at(&name).through(names);
    call.record_outcome(Action::InAppSignIn, &outcome, about)
        .await;
    outcome
}

/// The account of the person, the authenticator, and the page to go to.
async fn identified(
    call: &Call,
    provider: &dyn IdentityProvider,
) -> Result<(user::Model, String, Target), Refused> {
    let names = provider.names();
    let authenticator = asked_by_same_origin(call, provider, &call.authenticator_name()).await?;
    if authenticator.provider.in_app().is_none() {
        log::warn!(
            "authenticator {} does not sign people in inside {}",
            authenticator.name,
            names.title
        );
        return Err(SignInRefusal::Disabled.of(names).into());
    }
    let asked: InAppSignIn = call.body.parse()?;
    let code = asked.code.filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| SignInRefusal::CodeRejected.of(names))?;
    let user = account_of_code(call, names, &authenticator, Code::InApp(&code)).await?;
    log::info!("account {} signed in inside {}", user.id, names.title);
    let target = Target::choose(
        asked.redirect.as_deref(),
        &call.app.config.http.app_public_path,
    );
    Ok((user, authenticator.name, target))
}
