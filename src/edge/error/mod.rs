//! Errors, and how they are answered in NocoBase's format.
//!
//! The domain, the provider and the store have error enums of their own, whose texts are for the
//! operator and go to the log. At the edge each becomes an [`ApiError`], whose texts are for the
//! client; one `match` below gives status, code and message. Inner causes never reach the client.

mod account;
mod binding_refusal;
mod cause;
mod causes;
mod directory;
mod explanation;
mod messages;
mod page_texts;
mod people;
mod plugin;
mod problem;
mod reason;
mod response;
mod sign_in;

pub use account::AccountRefusal;
pub use binding_refusal::BindingRefusal;
pub use cause::Cause;
pub use directory::DirectoryRefusal;
pub use explanation::Explanation;
pub use messages::MessageRefusal;
pub use page_texts::page_texts;
pub use people::PeopleRefusal;
pub use plugin::PluginRefusal;
pub use problem::Problem;
pub use sign_in::SignInRefusal;

use actix_web::http::StatusCode;

use crate::domain::identity_provider::ProviderNames;

/// Why an action was refused, as the client learns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// There is no such action.
    NotFound,
    /// The path cannot be decoded.
    MalformedUri,
    /// NocoBase could read the request in another way than this server.
    Unclear,
    /// The body is longer than allowed.
    BodyTooLarge,
    /// The connection ended before the whole body had arrived.
    BodyBroken,
    /// The body is not JSON.
    BodyNotJson,
    /// The body is JSON, but neither an object nor an array.
    BodyNotObject,
    /// A value has a type that its field does not allow.
    BodyWrongType,
    /// A text is longer than its column allows.
    BodyTextTooLong,
    /// A protected action was called without a token.
    NoToken,
    /// The token is not valid.
    InvalidToken,
    /// The token's account does not exist.
    UnknownUser,
    /// The token was signed out.
    BlockedToken,
    /// The session has expired.
    ExpiredSession,
    /// The password was changed after the token was issued.
    PasswordChanged,
    /// The token needs renewal, and a stream cannot carry the new one.
    NotRenewedInStream,
    /// The token cannot be renewed.
    NotRenewable,
    /// The account has no roles.
    NoRoles,
    /// The account does not have the role that the request names.
    RoleNotHeld,
    /// The role does not allow the action.
    Forbidden,
    /// The parameter `filter` is not JSON.
    FilterNotJson,
    /// The filter has an unknown operator or a wrong shape.
    InvalidFilter,
    /// The answer would hold more rows than are allowed.
    TooManyRows,
    /// A column does not exist, or a value does not fit its column.
    InvalidReference,
    /// An `update` does not say which rows it means.
    NothingToUpdate,
    /// A `destroy` does not say which rows it means.
    NothingToDestroy,
    /// Values break rules; each is named.
    Invalid(Vec<Problem>),
    /// The mode of roles does not exist.
    InvalidRoleMode,
    /// The name of a variable is not valid.
    InvalidVariableName,
    /// The last enabled authenticator would be disabled.
    LastAuthenticator,
    /// The options of an authenticator would give people power that the caller may not give.
    PowerNotHeld,
    /// A page of another site sent the sign-in.
    ForeignOrigin,
    /// The sign-in names no account.
    NoAccount,
    /// The password is wrong, or the account does not exist.
    WrongPassword,
    /// Nobody can sign in here through an authenticator of this type.
    UnknownAuthenticatorType,
    /// There were too many guesses. The number is the seconds until the next one is allowed.
    TooManyAttempts(u64),
    /// A sign-up, or a change of password, profile or API key, was refused.
    Account(AccountRefusal),
    /// A sign-in through this provider was refused.
    SignIn(SignInRefusal, &'static ProviderNames),
    /// The caller's own account was not bound or unbound at this provider.
    Binding(BindingRefusal, &'static ProviderNames),
    /// Somebody else's account was not bound or unbound at this provider.
    People(PeopleRefusal, &'static ProviderNames),
    /// Other transactions were in the way for too long.
    Busy(Cause),
    /// The disk is full or has failed.
    NotSaved,
    /// A request about the directory was refused.
    Directory(DirectoryRefusal),
    /// A message was refused.
    Message(MessageRefusal),
    /// The plugin manager refused.
    Plugin(PluginRefusal),
    /// Something failed on the server's side. The log has the cause, with the id of the request.
    Internal(Cause),
}

/// The message for [`ApiError::Busy`].
const BUSY: &str = "The server is busy. Please try again.";

/// The message for [`ApiError::NotSaved`].
const NOT_SAVED: &str =
    "Nothing can be saved right now. Please try again later or contact your administrator.";

const TOO_MANY_ATTEMPTS: &str = "Too many attempts. Please try again later.";

const SESSION_EXPIRED: &str = "Your session has expired. Please sign in again.";

impl ApiError {
    /// An error on the server's side, with its cause.
    pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Cause::new(error))
    }

    /// An error on the server's side that should never happen, described in words.
    pub fn unexpected(what: &'static str) -> Self {
        Self::Internal(Cause::of_words(what))
    }

    /// Writes the cause to the log if there is one, which the client is not told. Whoever answers
    /// with the error calls this, once.
    pub fn report(&self) {
        match self {
            Self::Busy(cause) | Self::Internal(cause) => log::error!("{cause}"),
            Self::Message(MessageRefusal::NotUsable(cause)) => {
                log::warn!("messages cannot be sent: {cause}");
            }
            Self::Directory(refusal) => refusal.report(),
            _ => {}
        }
    }

    /// The HTTP status, the code and the English message; the code is empty where NocoBase sends
    /// none. For refusals of a provider, [`Self::code`] and [`Self::message`] add the provider's
    /// names.
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NotFound => (S::NOT_FOUND, "", "Not Found"),
            Self::MalformedUri => (S::BAD_REQUEST, "", "URI malformed"),
            Self::Unclear => (
                S::BAD_REQUEST,
                "",
                "The request can be read in more than one way",
            ),
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
            Self::TooManyRows => (
                S::BAD_REQUEST,
                "",
                "These are too many rows for one answer: ask for pages of at most 10000",
            ),
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
            Self::InvalidRoleMode => (S::BAD_REQUEST, "", "Invalid role mode"),
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
            Self::SignIn(refusal, _) => refusal.parts(),
            Self::Binding(refusal, _) => refusal.parts(),
            Self::People(refusal, _) => refusal.parts(),
            Self::Busy(_) => (S::SERVICE_UNAVAILABLE, "", BUSY),
            Self::NotSaved => (S::SERVICE_UNAVAILABLE, "", NOT_SAVED),
            Self::Directory(refusal) => refusal.parts(),
            Self::Message(refusal) => refusal.parts(),
            Self::Plugin(refusal) => refusal.parts(),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "", "Internal Server Error"),
        }
    }

    /// The error for one wrong value. For several, see [`Problem::required`].
    pub fn invalid(field: &'static str, rule: &'static str) -> Self {
        Self::Invalid(vec![Problem { field, rule }])
    }
}
