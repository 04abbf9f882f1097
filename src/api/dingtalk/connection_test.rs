//! `dingtalk:testConnection` — does DingTalk accept what stands in the form?

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::options_in_use::{UnusableOptions, options_in_use};
use crate::api::authenticators::MASK;
use crate::api::error::Problem;
use crate::api::{ApiError, Call, envelope};
use crate::domain::plugin;
use crate::provider::dingtalk::{ConnectionReport, ContactScope, DingTalkError, problems_of};

#[derive(Default, Deserialize)]
struct TestForm {
    options: Option<Value>,
}

/// What the administrator reads.
#[derive(Serialize)]
struct Findings {
    /// Whether people could sign in.
    ok: bool,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Message {
    level: Level,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Success,
    Warning,
    Error,
}

/// Another client ID could be anybody's, and would get the secret to see.
const SECRET_AGAIN: &str = "{{field}} must be entered again, because the Client ID was changed";

/// `dingtalk:testConnection`: takes the options of the form, saved or not, and the authenticator as
/// `filterByTk` when there is one. What is wrong at DingTalk is an answer, not a failure.
pub async fn test_connection(call: Call) -> Result<HttpResponse, ApiError> {
    let form: TestForm = call.body.parse()?;
    let mut options = form.options.unwrap_or_default();
    put_stored_secret(&call, &mut options).await?;
    let problems = problems_of(&options);
    if !problems.is_empty() {
        let problem = |problem: crate::provider::dingtalk::OptionProblem| Problem {
            field: problem.title,
            rule: problem.rule,
        };
        return Err(ApiError::Invalid(
            problems.into_iter().map(problem).collect(),
        ));
    }
    let options = match options_in_use(&call.app, &options).await {
        Ok(options) => options,
        Err(UnusableOptions::Store(error)) => return Err(error.into()),
        Err(error) => {
            log::info!("test of the connection to DingTalk: {error}");
            return Ok(envelope::data(Findings::of_options(&call)));
        }
    };
    // Wrong secrets can be tried with this like passwords, and DingTalk bans who asks too often.
    // No account name holds a control character and a space in this place.
    let key = format!("\0dingtalk {}", call.caller()?.user.id);
    let _counts = call.app.attempts.begin(&key, call.client_address())?;
    let outcome = call.app.dingtalk.test_connection(&options).await;
    match &outcome {
        Ok(report) => log::info!("test of the connection to DingTalk: {report:?}"),
        Err(error) => log::info!("test of the connection to DingTalk: {error}"),
    }
    Ok(envelope::data(Findings::of(&call, outcome)))
}

/// The mask means the secret of the authenticator that is edited, which goes out only with the
/// client ID that it is stored with.
async fn put_stored_secret(call: &Call, options: &mut Value) -> Result<(), ApiError> {
    if options.get("clientSecret").and_then(Value::as_str) != Some(MASK) {
        return Ok(());
    }
    // By its id, else by its name, which is what the second generation of the client knows.
    let stored = match call.keys().first() {
        None => None,
        Some(key) => match key.parse() {
            Ok(id) => call.app.store.authenticator_by_id(id).await?,
            Err(_) => call.app.store.authenticator(key).await?,
        },
    };
    let stored = stored.filter(|row| row.auth_type == plugin::manifest().auth_type);
    let Some(stored) = stored else {
        options["clientSecret"] = Value::Null;
        return Ok(());
    };
    let client_id = |options: &Value| {
        let id = options.get("clientId").and_then(Value::as_str);
        id.map(|id| id.trim().to_owned())
    };
    if client_id(options) != client_id(&stored.options) {
        return Err(ApiError::invalid("Client Secret", SECRET_AGAIN));
    }
    let secret = stored.options.get("clientSecret").cloned();
    options["clientSecret"] = secret.unwrap_or_default();
    Ok(())
}

impl Findings {
    fn of_options(call: &Call) -> Self {
        let key =
            "A variable in the options has no value, or is a secret in a field that is shown.";
        Self {
            ok: false,
            messages: vec![Message {
                level: Level::Error,
                text: call.locale.text(key).to_owned(),
            }],
        }
    }

    fn of(call: &Call, outcome: Result<ConnectionReport, DingTalkError>) -> Self {
        let text = |key: &str| call.locale.text(key).to_owned();
        let error = |error: &DingTalkError| Message {
            level: Level::Error,
            text: words(call, error),
        };
        let messages = match outcome {
            Err(failure) => vec![error(&failure)],
            Ok(report) => {
                let accepted = Message {
                    level: Level::Success,
                    text: text("DingTalk accepts the Client ID and the Client Secret."),
                };
                let scope = scope_message(call, report.scope);
                let problems = report.problems.iter().map(error);
                [accepted]
                    .into_iter()
                    .chain(scope)
                    .chain(problems)
                    .collect()
            }
        };
        Self {
            ok: messages.iter().all(|message| message.level != Level::Error),
            messages,
        }
    }
}

fn scope_message(call: &Call, scope: ContactScope) -> Option<Message> {
    let text = |key: &str| call.locale.text(key).to_owned();
    let (level, text) = match scope {
        ContactScope::Unknown => return None,
        ContactScope::All => (
            Level::Success,
            text("The contact scope covers the whole organization."),
        ),
        ContactScope::Part {
            departments: 0,
            people: 0,
        } => (
            Level::Error,
            text("The contact scope covers nobody. Widen it under Permission management."),
        ),
        ContactScope::Part {
            departments,
            people,
        } => {
            let key = "The contact scope covers {{departments}} departments and {{people}} people. Nobody else can sign in.";
            let text = text(key)
                .replace("{{departments}}", &departments.to_string())
                .replace("{{people}}", &people.to_string());
            (Level::Warning, text)
        }
    };
    Some(Message { level, text })
}

/// What an administrator can do about it. The operator finds the codes in the log.
fn words(call: &Call, error: &DingTalkError) -> String {
    use DingTalkError as E;
    let key = match error {
        E::Credentials(_) => {
            "DingTalk does not accept the Client ID and the Client Secret. Copy both again from the app's page in the developer console."
        }
        E::Permission(_) => {
            "The app lacks the permission {{permission}}. Grant it under Permission management in the developer console."
        }
        E::Address => {
            "DingTalk refuses the address of this server. Add its public address to the app's IP list in the developer console."
        }
        E::Throttled(_) => "DingTalk is throttling calls of this app. Please try again later.",
        E::Unreachable(_) => {
            "This server cannot reach DingTalk. Ask the operator to look at its network."
        }
        E::OutOfScope => "The contact scope covers nobody. Widen it under Permission management.",
        E::Busy(_) | E::Unexpected(_) | E::Token(_) | E::CodeRejected | E::UnknownUser => {
            "DingTalk has a problem. Please try again later."
        }
    };
    let text = call.locale.text(key);
    match error {
        E::Permission(name) => text.replace("{{permission}}", name),
        _ => text.to_owned(),
    }
}
