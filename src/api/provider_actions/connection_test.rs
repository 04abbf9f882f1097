//! `testConnection`: tests whether the provider accepts the options in the form.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use entity::authenticator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Provider, redirect_url};
use crate::chain::Chain;
use crate::domain::identity_provider::{
    ConnectionFinding, IdentityProvider, Level, MASK, OptionProblem, ProviderNames,
    UnusableOptions, ready,
};
use crate::domain::reachability::Reachability;
use crate::edge::error::Problem;
use crate::edge::{ApiError, Call, envelope};
use crate::locale::Locale;

#[derive(Default, Deserialize)]
struct TestForm {
    options: Option<Value>,
}

/// The result, as the administrator sees it.
#[derive(JsonSchema, Serialize)]
pub(crate) struct ConnectionTestResult {
    /// Whether people could sign in.
    ok: bool,
    messages: Vec<Message>,
    /// Values that the provider reported for options that are not set, by the keys of the options.
    told: BTreeMap<&'static str, String>,
}

#[derive(JsonSchema, Serialize)]
struct Message {
    /// `success`, `warning` or `error`.
    level: &'static str,
    /// What was tested, such as a permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    text: String,
}

/// `testConnection`: tests the options in the form, which need not be saved. `filterByTk` names the
/// authenticator if there is one. A problem at the provider is an answer, not an error.
pub async fn test_connection(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    let form: TestForm = call.body.parse()?;
    let mut options = form.options.unwrap_or_default();
    put_stored_secrets(&call, &*provider, &mut options).await?;
    let problems = provider.problems(&options);
    if !problems.is_empty() {
        return Err(ApiError::Invalid(
            problems.into_iter().map(Problem::from).collect(),
        ));
    }
    let app = &call.app;
    let names = provider.names();
    let configured = match ready(&app.store, &app.vault, &*provider, &options).await {
        Ok(configured) => configured,
        Err(error) => {
            let found = unusable(error, names)?;
            return Ok(envelope::data(ConnectionTestResult::of(
                &found,
                call.locale,
            )));
        }
    };
    count_test(&call, names)?;
    let mut tested = configured.test_connection().await;
    let address = redirect_url(&call, names, configured.redirect_origin())?;
    tested.findings.push(of_address(&address));
    let result = ConnectionTestResult::of(&tested.findings, call.locale);
    Ok(envelope::data(ConnectionTestResult {
        told: tested.told.into_iter().collect(),
        ..result
    }))
}

/// Replaces the mask by the stored secret of the edited authenticator. The secret is sent only to
/// the address for which it was stored.
async fn put_stored_secrets(
    call: &Call,
    provider: &dyn IdentityProvider,
    options: &mut Value,
) -> Result<(), ApiError> {
    let is_masked = |secret: &&str| options.get(*secret).and_then(Value::as_str) == Some(MASK);
    if !provider.secrets().iter().any(is_masked) {
        return Ok(());
    }
    // The authenticator is found by its id, else by its name, which is all that the second
    // generation of the client knows.
    let stored = match call.keys().first() {
        None => None,
        Some(key) => match key.parse() {
            Ok(id) => call.app.store.authenticator_by_id(id).await?,
            Err(_) => call.app.store.authenticator(key).await?,
        },
    };
    let auth_type = provider.names().auth_type;
    let of_provider = |row: &authenticator::Model| row.auth_type == auth_type;
    let stored = stored.filter(of_provider).map(|row| row.options);
    if let Some(stored) = &stored
        && let Some(problem) = provider.problem_of_stored_secrets(options, stored)
    {
        return Err(ApiError::Invalid(vec![problem.into()]));
    }
    let providers = &call.app.providers;
    providers.keep_masked(auth_type, options, stored.as_ref());
    Ok(())
}

impl From<OptionProblem> for Problem {
    fn from(problem: OptionProblem) -> Self {
        Self {
            field: problem.title,
            rule: problem.rule,
        }
    }
}

/// Whether people outside can come back to this server, judging by its address.
fn of_address(redirect_url: &str) -> ConnectionFinding {
    let reachability =
        Url::parse(redirect_url).map_or(Reachability::Machine, |url| Reachability::of(&url));
    let (level, key) = match reachability {
        Reachability::Everywhere => (
            Level::Success,
            "The address begins with https and can be one that everybody reaches.",
        ),
        Reachability::Plain => (
            Level::Warning,
            "The address begins with http. Without https anybody on the way can read what is sent.",
        ),
        Reachability::Network => (
            Level::Warning,
            "The address is one of an internal network. Who is outside of it cannot sign in.",
        ),
        Reachability::Machine => (
            Level::Warning,
            "The address leads to this machine only. Open these settings by the address that people use, or enter its origin below.",
        ),
    };
    ConnectionFinding::new(level, key).about("Redirect URL")
}

impl ConnectionTestResult {
    /// The result for these findings, in this language.
    pub(in crate::api) fn of(findings: &[ConnectionFinding], locale: Locale) -> Self {
        let message = |finding: &ConnectionFinding| Message {
            level: match finding.level {
                Level::Success => "success",
                Level::Warning => "warning",
                Level::Error => "error",
            },
            subject: finding.subject(locale),
            text: finding.text(locale),
        };
        Self {
            ok: findings.iter().all(|finding| finding.level != Level::Error),
            messages: findings.iter().map(message).collect(),
            told: BTreeMap::new(),
        }
    }
}

/// The result for options that cannot be used.
pub(in crate::api) fn unusable(
    error: UnusableOptions,
    names: &ProviderNames,
) -> Result<Vec<ConnectionFinding>, ApiError> {
    if let UnusableOptions::Store(error) = error {
        return Err(error.into());
    }
    log::info!(
        "test of the connection to {}: {error}",
        names.title,
        error = Chain(&error)
    );
    let key = "A variable in the options has no value, or is a secret in a field that is shown.";
    Ok(vec![ConnectionFinding::new(Level::Error, key)])
}

/// Counts a test as a guess: it could be used to try secrets like passwords, and providers block
/// who asks too often.
pub(in crate::api) fn count_test(call: &Call, names: &ProviderNames) -> Result<(), ApiError> {
    // No account name has a control character and a space in this place, so the key is not that of
    // a sign-in.
    let key = format!("\0{} {}", names.resource, call.caller()?.user.id);
    let _counts = call.app.guess_limits.begin(&key, call.client_address())?;
    Ok(())
}
