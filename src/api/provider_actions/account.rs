//! From an authorization code to a person, and from the person to an account.

use std::fmt::{self, Display, Formatter};

use entity::user;

use super::authenticator::UsableAuthenticator;
use crate::chain::Chain;
use crate::domain::audit::Action;
use crate::domain::identity::Identity;
use crate::domain::identity_provider::{Code, ProviderNames};
use crate::domain::sign_in::{self, AccountSource};
use crate::edge::Call;
use crate::edge::audit::{About, Refused};
use crate::edge::error::SignInRefusal;
use crate::edge::query::Query;

/// What somebody went to a provider for, as the log names it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Signing in.
    SignIn,
    /// Binding this account, which is their own.
    Binding(i64),
}

impl Display for Purpose {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn => f.write_str("sign-in"),
            Self::Binding(account) => write!(f, "binding of account {account}"),
        }
    }
}

/// The account of the person for whom the provider issued this code.
pub(super) async fn account_of_code(
    call: &Call,
    names: &'static ProviderNames,
    authenticator: &UsableAuthenticator,
    code: Code<'_>,
) -> Result<user::Model, Refused> {
    let name = &authenticator.name;
    let identity = identify(call, authenticator, code, Purpose::SignIn).await;
    let identity = identity.map_err(|refusal| refusal.of(names))?;
    let store = &call.app.store;
    let outcome = sign_in::account_of(store, name, &identity, &authenticator.rules).await;
    let outcome = outcome.map_err(|error| {
        // Identifiers of the provider show who the person was; they are not secret.
        log::warn!(
            "sign-in of {} through {name} is refused: {error}",
            identity.meta,
            error = Chain(&error)
        );
        let refusal = SignInRefusal::from(&error).of(names);
        Refused::of(error.account(), refusal).to(&identity)
    })?;
    let how = match outcome.source {
        AccountSource::Binding => None,
        AccountSource::Linking => Some(Action::Link),
        AccountSource::SignUp => Some(Action::SignUp),
    };
    if let Some(how) = how {
        let about = About::user(outcome.user.id).at(name).through(names);
        call.record(how, about).await;
    }
    Ok(outcome.user)
}

/// The person for whom the provider issued this code. Invalid codes, and those of people outside
/// the organization, count as guesses, because each costs a call to the provider. A code on which
/// the provider gave no verdict does not count.
pub(super) async fn identify(
    call: &Call,
    authenticator: &UsableAuthenticator,
    code: Code<'_>,
    purpose: Purpose,
) -> Result<Identity, SignInRefusal> {
    let name = &authenticator.name;
    let attempt = call.app.guess_limits.begin_code(call.client_address());
    let attempt = attempt.inspect_err(|error| {
        log::warn!("a code at {name} is refused: {error}", error = Chain(error));
    })?;
    let identity = authenticator.provider.identify(code).await;
    let is_guess = matches!(&identity, Err(error) if error.is_the_visitors());
    if !is_guess {
        attempt.does_not_count();
    }
    identity.map_err(|error| {
        log::warn!(
            "{purpose} through {name} is refused: {error}",
            error = Chain(&error)
        );
        SignInRefusal::from(&error)
    })
}

/// The authorization code in the query, and a line in the log if there is none.
pub(super) fn authorization_code<'a>(
    query: &'a Query,
    provider: &ProviderNames,
    purpose: Purpose,
) -> Result<&'a str, SignInRefusal> {
    let code = code_in(query, provider);
    match &code {
        Err(SignInRefusal::CodeRejected) => log::warn!(
            "{}'s return carries several authorization codes",
            provider.title
        ),
        Err(_) => log::info!("the {purpose} was cancelled at {}", provider.title),
        Ok(_) => {}
    }
    code
}

/// The authorization code in the query. Where a provider sends it under several names, all of them
/// must be the same.
pub(super) fn code_in<'a>(
    query: &'a Query,
    provider: &ProviderNames,
) -> Result<&'a str, SignInRefusal> {
    if query.get("error").is_some() {
        return Err(SignInRefusal::Denied);
    }
    let names = provider.code_parameters;
    if names.iter().any(|name| query.count(name) > 1) {
        return Err(SignInRefusal::CodeRejected);
    }
    let mut codes = names.iter().filter_map(|name| query.get(name));
    let code = codes.next().ok_or(SignInRefusal::Denied)?;
    if codes.any(|other| other != code) {
        return Err(SignInRefusal::CodeRejected);
    }
    Ok(code)
}
