//! What goes wrong, and how NocoBase says so.
//!
//! Which error goes where: the domain, the provider and the store have enums of their own, whose
//! texts are for the operator and go to the log. At the edge each becomes an [`ApiError`], whose
//! texts are for the client and whose one `match` below gives status, message and code. Inner
//! causes never reach the client.

mod account;
mod binding_refusal;
mod cause;
mod causes;
mod directory;
mod explanation;
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
pub use people::PeopleRefusal;
pub use plugin::PluginRefusal;
pub use problem::Problem;
pub use sign_in::SignInRefusal;

use actix_web::http::StatusCode;

use crate::domain::identity_provider::ProviderNames;

/// Why an action was refused, as the client learns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No such action.
    NotFound,
    /// The path cannot be decoded.
    MalformedUri,
    /// NocoBase could read the request in another way than we do.
    Unclear,
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
    /// One answer would hold more rows than it may.
    TooManyRows,
    /// A column that there is not, or a value that does not fit one.
    InvalidReference,
    /// `update` that does not say which rows it means.
    NothingToUpdate,
    /// The same for `destroy`.
    NothingToDestroy,
    /// Values that break rules, each named.
    Invalid(Vec<Problem>),
    /// A mode of roles that there is not.
    InvalidRoleMode,
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
    /// A sign-in through this provider was refused.
    SignIn(SignInRefusal, &'static ProviderNames),
    /// One's own account was not bound or unbound at this provider.
    Binding(BindingRefusal, &'static ProviderNames),
    /// The account of somebody else was not bound or unbound at this provider.
    People(PeopleRefusal, &'static ProviderNames),
    /// Others were in the way for too long.
    Busy(Cause),
    /// The disk is full or fails.
    NotSaved,
    /// A request about the directory was refused.
    Directory(DirectoryRefusal),
    /// The plugin manager refused.
    Plugin(PluginRefusal),
    /// Something failed on our side. The log has the cause, with the id of the request.
    Internal(Cause),
}

/// When others were in the way for too long.
const BUSY: &str = "The server is busy. Please try again.";

/// When the disk is full or fails.
const NOT_SAVED: &str =
    "Nothing can be saved right now. Please try again later or contact your administrator.";

const TOO_MANY_ATTEMPTS: &str = "Too many attempts. Please try again later.";

const SESSION_EXPIRED: &str = "Your session has expired. Please sign in again.";

impl ApiError {
    /// Something failed on our side.
    pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Cause::new(error))
    }

    /// Something happened on our side that should not, in words.
    pub fn unexpected(what: &'static str) -> Self {
        Self::Internal(Cause::of_words(what))
    }

    /// Writes to the log what is our fault. Whoever answers with the error does so, once.
    pub fn report(&self) {
        if let Self::Busy(cause) | Self::Internal(cause) = self {
            log::error!("{cause}");
        }
    }

    /// Status, code and English message; the code is empty where NocoBase sends none. What a provider
    /// refused lacks its names, see [`Self::code`] and [`Self::message`].
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
            Self::Plugin(refusal) => refusal.parts(),
            Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "", "Internal Server Error"),
        }
    }

    /// One value is wrong; of several see [`Problem::required`].
    pub fn invalid(field: &'static str, rule: &'static str) -> Self {
        Self::Invalid(vec![Problem { field, rule }])
    }
}
