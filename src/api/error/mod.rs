//! What goes wrong, and how NocoBase says so.
//!
//! Which error goes where: the domain, the provider and the store have enums of their own, whose
//! texts are for the operator and go to the log. At the edge each becomes an [`ApiError`], whose
//! texts are for the client and whose one `match` below gives status, message and code. Inner
//! causes never reach the client.

mod account;
mod causes;
mod dingtalk;
mod label;

pub use account::AccountRefusal;
pub use dingtalk::DingTalkRefusal;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use serde::Serialize;

use super::plugins::PluginRefusal;
use crate::locale::Locale;

/// Why an action was refused, as the client learns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No such action.
    NotFound,
    /// The path cannot be decoded.
    MalformedUri,
    /// The body is longer than allowed.
    BodyTooLarge,
    /// The body broke off.
    BodyBroken,
    /// The body is no JSON.
    BodyNotJson,
    /// The body is JSON, but neither object nor array.
    BodyNotObject,
    /// A value has a type that makes no sense.
    BodyWrongType,
    /// A text is longer than its column.
    BodyTextTooLong,
    /// A protected action without a token.
    NoToken,
    /// The token is not good.
    InvalidToken,
    /// The token's account does not exist.
    UnknownUser,
    /// The token was signed out.
    BlockedToken,
    /// The session is over.
    ExpiredSession,
    /// The password changed after the token was issued.
    PasswordChanged,
    /// A stream cannot carry a new token.
    NotRenewedInStream,
    /// The token cannot be renewed.
    NotRenewable,
    /// The account has no roles.
    NoRoles,
    /// The account does not have the role that the request names.
    RoleNotHeld,
    /// The role does not allow it.
    Forbidden,
    /// The parameter `filter` is no JSON.
    FilterNotJson,
    /// The filter uses an operator or a shape that there is not.
    InvalidFilter,
    /// A column that there is not, or a value that does not fit one.
    InvalidReference,
    /// `update` that does not say which rows it means.
    NothingToUpdate,
    /// The same for `destroy`.
    NothingToDestroy,
    /// Values that break rules, each named.
    Invalid(Vec<Problem>),
    /// A variable of a name that is none.
    InvalidVariableName,
    /// The last enabled authenticator would go.
    LastAuthenticator,
    /// An authenticator would give people power that the caller could not give them.
    PowerNotHeld,
    /// A sign-in that another site's page sent.
    ForeignOrigin,
    /// No account named.
    NoAccount,
    /// Wrong password, or no such account.
    WrongPassword,
    /// The authenticator's type is not one that signs in here.
    UnknownAuthenticatorType,
    /// Too many guesses; the seconds until the next one may come.
    TooManyAttempts(u64),
    /// A sign-up, a change of password or profile was refused.
    Account(AccountRefusal),
    /// A sign-in through DingTalk was refused.
    DingTalk(DingTalkRefusal),
    /// Others were in the way for too long.
    Busy,
    /// The plugin manager refused.
    Plugin(PluginRefusal),
    /// Our fault; the log says more.
    Internal,
}

/// When others were in the way for too long.
const BUSY: &str = "The server is busy. Please try again.";

const TOO_MANY_ATTEMPTS: &str = "Too many attempts. Please try again later.";

const SESSION_EXPIRED: &str = "Your session has expired. Please sign in again.";

impl ApiError {
    /// Status, code and English message; the code is empty where NocoBase sends none.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NotFound => (S::NOT_FOUND, "", "Not Found"),
            Self::MalformedUri => (S::BAD_REQUEST, "", "URI malformed"),
            Self::BodyTooLarge => (S::PAYLOAD_TOO_LARGE, "", "request entity too large"),
            Self::BodyBroken => (S::BAD_REQUEST, "", "request aborted"),
            Self::BodyNotJson => (S::BAD_REQUEST, "", "The request body is not valid JSON"),
            Self::BodyNotObject => (
                S::BAD_REQUEST,
                "",
                "invalid JSON, only supports object and array",
            ),
            Self::BodyWrongType => (
                S::BAD_REQUEST,
                "",
                "A value in the request body has the wrong type",
            ),
            Self::BodyTextTooLong => (S::BAD_REQUEST, "", "A text in the request body is too long"),
            Self::NoToken => (
                S::UNAUTHORIZED,
                "EMPTY_TOKEN",
                "Unauthenticated. Please sign in to continue.",
            ),
            Self::InvalidToken => (S::UNAUTHORIZED, "INVALID_TOKEN", SESSION_EXPIRED),
            Self::UnknownUser => (
                S::UNAUTHORIZED,
                "NOT_EXIST_USER",
                "User not found. Please sign in again to continue.",
            ),
            Self::BlockedToken => (S::UNAUTHORIZED, "BLOCKED_TOKEN", SESSION_EXPIRED),
            Self::ExpiredSession => (S::UNAUTHORIZED, "EXPIRED_SESSION", SESSION_EXPIRED),
            Self::PasswordChanged => (
                S::UNAUTHORIZED,
                "INVALID_TOKEN",
                "User password changed, please signin again.",
            ),
            Self::NotRenewedInStream => (
                S::UNAUTHORIZED,
                "SKIP_TOKEN_RENEW",
                "Stream api not allow renew token.",
            ),
            Self::NotRenewable => (S::UNAUTHORIZED, "TOKEN_RENEW_FAILED", SESSION_EXPIRED),
            Self::NoRoles => (
                S::UNAUTHORIZED,
                "USER_HAS_NO_ROLES_ERR",
                "The current user has no roles. Please try another account.",
            ),
            Self::RoleNotHeld => (
                S::UNAUTHORIZED,
                "ROLE_NOT_FOUND_FOR_USER",
                "The role does not belong to the user",
            ),
            Self::Forbidden => (S::FORBIDDEN, "", "No permissions"),
            Self::FilterNotJson => (S::BAD_REQUEST, "", "The parameter filter is not valid JSON"),
            Self::InvalidFilter => (
                S::BAD_REQUEST,
                "",
                "The parameter filter is not a valid filter",
            ),
            Self::InvalidReference => (S::BAD_REQUEST, "", "Invalid SQL column or table reference"),
            Self::NothingToUpdate => (
                S::BAD_REQUEST,
                "",
                "to do update action, filter or filterByTk is required",
            ),
            Self::NothingToDestroy => (
                S::BAD_REQUEST,
                "",
                "to do destroy action, filter or filterByTk is required",
            ),
            Self::Invalid(_) => (S::BAD_REQUEST, "", ""),
            Self::InvalidVariableName => (S::BAD_REQUEST, "", "name validation error"),
            Self::LastAuthenticator => (
                S::BAD_REQUEST,
                "",
                "Please keep and enable at least one authenticator",
            ),
            Self::PowerNotHeld => (
                S::FORBIDDEN,
                "",
                "Only who may change roles of accounts can set options that link administrators or give roles",
            ),
            Self::ForeignOrigin => (S::FORBIDDEN, "", "Invalid sign-in origin"),
            Self::NoAccount => (S::BAD_REQUEST, "", "Please enter your username or email"),
            Self::WrongPassword => (
                S::UNAUTHORIZED,
                "",
                "The username/email or password is incorrect, please re-enter",
            ),
            Self::UnknownAuthenticatorType => (
                S::BAD_REQUEST,
                "",
                "This authenticator cannot be used to sign in here",
            ),
            Self::TooManyAttempts(_) => (S::TOO_MANY_REQUESTS, "", TOO_MANY_ATTEMPTS),
            Self::Account(refusal) => refusal.parts(),
            Self::DingTalk(refusal) => refusal.parts(),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "", BUSY),
            Self::Plugin(refusal) => refusal.parts(),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "", "Internal Server Error"),
        }
    }

    /// One value is wrong; of several see [`Problem::required`].
    pub fn invalid(field: &'static str, rule: &'static str) -> Self {
        Self::Invalid(vec![Problem { field, rule }])
    }

    /// The answer in the client's language.
    pub fn into_response(self, locale: Locale) -> HttpResponse {
        let (status, code, message) = self.parts();
        let mut response = HttpResponse::build(status);
        if let Self::TooManyAttempts(seconds)
        | Self::DingTalk(DingTalkRefusal::TooManyAttempts(seconds)) = self
        {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if self == Self::NotFound {
            // The one error that NocoBase sends as plain text.
            return response
                .content_type("text/plain; charset=utf-8")
                .body(message);
        }
        let code = Some(code).filter(|code| !code.is_empty());
        let errors = match &self {
            Self::Invalid(problems) => {
                let messages = problems.iter().map(|problem| problem.text(locale));
                messages
                    .map(|message| WireError { message, code })
                    .collect()
            }
            _ => vec![WireError {
                message: locale.text(message).to_owned(),
                code,
            }],
        };
        response
            .content_type("application/json; charset=utf-8")
            .json(WireErrors { errors })
    }
}

/// What is wrong with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Title of the value, in English.
    pub field: &'static str,
    /// The rule that it breaks, with `{{field}}` for the title.
    pub rule: &'static str,
}

impl Problem {
    /// It must be there.
    pub const NULL: &'static str = "{{field}} cannot be null";
    /// Another row has it.
    pub const TAKEN: &'static str = "{{field}} already exists";
    /// It is of another type, or too long.
    pub const WRONG: &'static str = "{{field}} is not valid";
    /// Languages, one of which there are no texts in.
    pub const NO_TEXTS: &'static str = "{{field}}: this server has no texts in one of them";

    /// Refuses a request in which some of these are missing, and names them all.
    pub fn required<const N: usize>(missing: [(&'static str, bool); N]) -> Result<(), ApiError> {
        let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
        let problems: Vec<_> = missing
            .map(|(field, _)| Self {
                field,
                rule: Self::NULL,
            })
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(ApiError::Invalid(problems))
    }

    fn text(self, locale: Locale) -> String {
        locale
            .text(self.rule)
            .replace("{{field}}", locale.text(self.field))
    }
}

#[derive(Serialize)]
struct WireErrors<'a> {
    errors: Vec<WireError<'a>>,
}

#[derive(Serialize)]
struct WireError<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}
