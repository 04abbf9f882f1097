//! Errors of calls to NocoBase's API.

use serde_json::Value;

use crate::domain::directory::StepError;
use crate::domain::session::SessionError;
use crate::gateway::UpstreamError;
use crate::gateway::sign_out::TellError;
use crate::store::StoreError;

/// The longest part of NocoBase's message that is kept, in characters.
const MESSAGE: usize = 200;
/// Numbers with at least this many digits are removed from messages, because they may be phone
/// numbers.
const TELLING_DIGITS: usize = 5;
/// Messages of databases when another transaction was in the way and nothing was changed.
const IN_THE_WAY: [&str; 5] = [
    "sqlite_busy",
    "database is locked",
    "deadlock",
    "lock wait timeout",
    "could not serialize",
];

/// Why NocoBase did not do what it was asked to do. No message holds a secret or a value that was
/// sent.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The token is no longer valid, or the role does not allow the action.
    #[error("the account that acts may not do this")]
    NotAllowed,
    /// The action does not exist, because its plugin is disabled.
    #[error("NocoBase does not know this action")]
    Unknown,
    /// NocoBase refused the request and changed nothing.
    #[error("NocoBase says {status}: {message}")]
    Refused {
        /// The status of the answer.
        status: u16,
        /// The message, without values.
        message: String,
    },
    /// Another transaction was in the way, and nothing was changed.
    #[error("the database of NocoBase is busy")]
    Busy,
    /// NocoBase is starting, or is too busy to answer.
    #[error("NocoBase answers with status {0}")]
    NotReady(u16),
    /// The answer does not have the form of NocoBase's answers.
    #[error("the answer of NocoBase has another form")]
    Unreadable,
    /// NocoBase took too long. It may have done what was asked.
    #[error("NocoBase took too long")]
    TimedOut,
    /// NocoBase could not be reached or did not answer. It may have done what was asked.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// No token could be created.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CallError {
    /// The error for an answer with this status, which is not a success.
    pub fn of_answer(status: u16, body: &Value) -> Self {
        let message = first_error(body, "message");
        let lower = message.to_lowercase();
        match status {
            401 | 403 => Self::NotAllowed,
            404 => Self::Unknown,
            429 | 502..=504 => Self::NotReady(status),
            500 if IN_THE_WAY.iter().any(|text| lower.contains(text)) => Self::Busy,
            _ => Self::Refused {
                status,
                message: without_values(message),
            },
        }
    }

    /// Whether NocoBase refused what was asked, so that nothing was changed.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl From<TellError> for CallError {
    fn from(error: TellError) -> Self {
        match error {
            TellError::Session(error) => error.into(),
            TellError::Store(error) => error.into(),
            TellError::Upstream(error) => error.into(),
        }
    }
}

impl From<CallError> for StepError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotAllowed => Self::NotAllowed,
            CallError::Refused { .. } | CallError::Unknown => Self::Refused(error.to_string()),
            error => Self::Unavailable(Box::new(error)),
        }
    }
}

/// A text field of the first error in an answer.
pub fn first_error<'a>(body: &'a Value, key: &str) -> &'a str {
    let error = body.get("errors").and_then(|errors| errors.get(0));
    let text = error.and_then(|error| error.get(key));
    text.and_then(Value::as_str).unwrap_or_default()
}

/// Removes quoted parts and long numbers from a message, because databases quote the values that
/// they refuse.
fn without_values(message: &str) -> String {
    let mut told = String::new();
    let mut quoted_by = None;
    let mut before = ' ';
    let mut characters = message.chars().peekable();
    while let Some(character) = characters.next() {
        let is_quote = matches!(character, '\'' | '"' | '`' | '«' | '»' | '“' | '”');
        let after = characters.peek().copied().unwrap_or(' ');
        match quoted_by {
            // An apostrophe inside a word does not begin a quotation.
            None if is_quote && !before.is_alphanumeric() => {
                quoted_by = Some(closing(character));
                told.push('…');
            }
            Some(quote) if character == quote && !after.is_alphanumeric() => quoted_by = None,
            Some(_) => {}
            None => told.push(character),
        }
        before = character;
    }
    let told = without_long_numbers(&told);
    told.chars().take(MESSAGE).collect()
}

fn closing(quote: char) -> char {
    match quote {
        '«' => '»',
        '“' => '”',
        other => other,
    }
}

fn without_long_numbers(text: &str) -> String {
    let mut told = String::new();
    let mut digits = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_numeric() {
            digits.push(character);
            continue;
        }
        if digits.chars().count() < TELLING_DIGITS {
            told.push_str(&digits);
        } else {
            told.push('…');
        }
        digits.clear();
        told.push(character);
    }
    told.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_tell_no_values() {
        for (said, told) in [
            (
                "Duplicate entry '13900000001' for key 'users.phone'",
                "Duplicate entry … for key …",
            ),
            (
                "The department's parent isn't there",
                "The department's parent isn't there",
            ),
            ("value \"Li Na\" is too long", "value … is too long"),
            ("value «Li Na» is too long", "value … is too long"),
            ("value “Li Na” is too long", "value … is too long"),
            (
                "Incorrect string value: '\\xF0\\x9F",
                "Incorrect string value: …",
            ),
            (
                "phone 13900000001 exists 12 times",
                "phone … exists 12 times",
            ),
            (
                "value too long for type character varying(255)",
                "value too long for type character varying(255)",
            ),
        ] {
            assert_eq!(without_values(said), told);
        }
        assert_eq!(without_values(&"x".repeat(1000)).len(), MESSAGE);
    }

    #[test]
    fn answers_mean_what_follows_from_them() {
        let of = |status, message| {
            let body = json!({"errors": [{"message": message}]});
            StepError::from(CallError::of_answer(status, &body))
        };
        assert!(matches!(of(401, "no"), StepError::NotAllowed));
        assert!(matches!(of(403, "No permissions"), StepError::NotAllowed));
        assert!(matches!(of(400, "bad"), StepError::Refused(_)));
        assert!(matches!(of(500, "Cannot set"), StepError::Refused(_)));
        assert!(matches!(
            of(500, "SQLITE_BUSY: database is locked"),
            StepError::Unavailable(_)
        ));
        assert!(matches!(of(503, "starting"), StepError::Unavailable(_)));
        let strange = CallError::of_answer(418, &Value::Null);
        assert!(strange.is_refusal(), "{strange}");
    }

    #[test]
    fn a_refusal_has_changed_nothing_and_what_may_be_tried_again_is_none() {
        for (status, message) in [
            (401, "no"),
            (404, "Not Found"),
            (500, "SQLITE_BUSY"),
            (503, "starting"),
        ] {
            let body = json!({"errors": [{"message": message}]});
            let error = CallError::of_answer(status, &body);
            assert!(!error.is_refusal(), "{error}");
        }
        assert!(!CallError::TimedOut.is_refusal());
    }

    #[test]
    fn five_digits_are_a_number_that_tells() {
        assert_eq!(without_values("1234 and 12345"), "1234 and …");
    }
}
