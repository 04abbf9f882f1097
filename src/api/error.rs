//! What goes wrong, and how NocoBase says so.
//!
//! Which error goes where: the domain, the provider and the store have enums of their own, whose
//! texts are for the operator and go to the log. At the edge each becomes an [`ApiError`], whose
//! texts are for the client and whose one `match` below gives status, message and code. Inner
//! causes never reach the client.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use serde::Serialize;

use super::plugins::PluginRefusal;
use super::refusal::AccountRefusal;
use crate::domain::handshake::HandshakeError;
use crate::domain::role::RoleError;
use crate::domain::session::{SessionError, TokenError};
use crate::domain::sign_in::SignInError;
use crate::locale::Locale;
use crate::provider::dingtalk::{DingTalkError, IdentifyError, OptionsError};
use crate::provider::password::HashError;
use crate::store::StoreError;
use crate::store::query::QueryError;

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
    /// A change that does not say which rows it means.
    NoFilter(&'static str),
    /// Values that break rules, each named.
    Invalid(Vec<Problem>),
    /// The last enabled authenticator would go.
    LastAuthenticator,
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

/// Why a sign-in through DingTalk was refused, as the person learns it. The texts tell nobody
/// which accounts exist; the log tells the operator more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DingTalkRefusal {
    /// The person cancelled at DingTalk.
    Denied,
    /// The attempt is unknown in this browser.
    StateInvalid,
    /// The attempt took too long.
    StateExpired,
    /// The attempt was used up.
    StateUsed,
    /// DingTalk did not accept the authorization code.
    CodeRejected,
    /// The person is not in the organisation.
    NotMember,
    /// No account, and none is created.
    UserNotFound,
    /// Several accounts fit.
    Ambiguous,
    /// The account belongs to another person.
    Conflict,
    /// DingTalk cannot be reached.
    Unavailable,
    /// Options or permissions are wrong.
    Misconfigured,
    /// The plugin or the authenticator is switched off.
    Disabled,
    /// Others were in the way for too long.
    Busy,
    /// Anything else.
    Failed,
}

impl DingTalkRefusal {
    /// A name that stays the same; the browser half chooses its text by it.
    pub fn code(self) -> &'static str {
        self.parts().1
    }

    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Denied => (
                S::BAD_REQUEST,
                "DINGTALK_DENIED",
                "Sign-in via DingTalk was cancelled.",
            ),
            Self::StateInvalid => (
                S::BAD_REQUEST,
                "DINGTALK_STATE_INVALID",
                "This sign-in attempt is not valid in this browser. Please start again.",
            ),
            Self::StateExpired => (
                S::BAD_REQUEST,
                "DINGTALK_STATE_EXPIRED",
                "This sign-in attempt has expired. Please start again.",
            ),
            Self::StateUsed => (
                S::BAD_REQUEST,
                "DINGTALK_STATE_USED",
                "This sign-in attempt has already been used. Please start again.",
            ),
            Self::CodeRejected => (
                S::UNAUTHORIZED,
                "DINGTALK_CODE_REJECTED",
                "DingTalk did not accept the authorization code. Please try again.",
            ),
            Self::NotMember => (
                S::FORBIDDEN,
                "DINGTALK_NOT_MEMBER",
                "Your DingTalk account is not a member of this organization.",
            ),
            Self::UserNotFound => (
                S::FORBIDDEN,
                "DINGTALK_USER_NOT_FOUND",
                "There is no account for your DingTalk user. Please contact your administrator.",
            ),
            Self::Ambiguous => (
                S::FORBIDDEN,
                "DINGTALK_AMBIGUOUS",
                "More than one account matches your DingTalk user. Please contact your administrator.",
            ),
            Self::Conflict => (
                S::FORBIDDEN,
                "DINGTALK_CONFLICT",
                "The account is already bound to another DingTalk user. Please contact your administrator.",
            ),
            Self::Unavailable => (
                S::BAD_GATEWAY,
                "DINGTALK_UNAVAILABLE",
                "DingTalk cannot be reached right now. Please try again later.",
            ),
            Self::Misconfigured => (
                S::BAD_GATEWAY,
                "DINGTALK_MISCONFIGURED",
                "Sign-in via DingTalk is not set up completely. Please contact your administrator.",
            ),
            Self::Disabled => (
                S::FORBIDDEN,
                "DINGTALK_DISABLED",
                "Sign-in via DingTalk is switched off.",
            ),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "DINGTALK_BUSY", BUSY),
            Self::Failed => (
                S::INTERNAL_SERVER_ERROR,
                "DINGTALK_FAILED",
                "Sign-in via DingTalk failed. Please try again.",
            ),
        }
    }
}

const BUSY: &str = "The server is busy. Please try again.";
const SESSION_EXPIRED: &str = "Your session has expired. Please sign in again.";

impl ApiError {
    /// Status, code and English message; the code is empty where NocoBase sends none.
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
            Self::NoFilter(message) => (S::BAD_REQUEST, "", message),
            Self::Invalid(_) => (S::BAD_REQUEST, "", ""),
            Self::LastAuthenticator => (
                S::BAD_REQUEST,
                "",
                "Please keep and enable at least one authenticator",
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
            Self::TooManyAttempts(_) => (
                S::TOO_MANY_REQUESTS,
                "",
                "Too many attempts. Please try again later.",
            ),
            Self::Account(refusal) => refusal.parts(),
            Self::DingTalk(refusal) => refusal.parts(),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "", BUSY),
            Self::Plugin(refusal) => refusal.parts(),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "", "Internal Server Error"),
        }
    }

    /// The answer in the client's language.
    pub fn into_response(self, locale: Locale) -> HttpResponse {
        let (status, code, message) = self.parts();
        let mut response = HttpResponse::build(status);
        if let Self::TooManyAttempts(seconds) = self {
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

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        log::error!("{error}");
        match error {
            StoreError::Busy(_) => Self::Busy,
            StoreError::Conflict(_) | StoreError::Database(_) => Self::Internal,
        }
    }
}

impl From<QueryError> for ApiError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::UnknownColumn | QueryError::WrongValue => Self::InvalidReference,
            QueryError::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            SessionError::Signing => {
                log::error!("{error}");
                Self::Internal
            }
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        log::error!("{error}");
        Self::Internal
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::InvalidToken,
            TokenError::UnknownUser => Self::UnknownUser,
            TokenError::Blocked => Self::BlockedToken,
            TokenError::SessionExpired => Self::ExpiredSession,
            TokenError::PasswordChanged => Self::PasswordChanged,
            TokenError::NotRenewedInStream => Self::NotRenewedInStream,
            TokenError::NotRenewable => Self::NotRenewable,
            TokenError::Session(error) => error.into(),
        }
    }
}

impl From<RoleError> for ApiError {
    fn from(error: RoleError) -> Self {
        match error {
            RoleError::None => Self::NoRoles,
            RoleError::NotHeld => Self::RoleNotHeld,
        }
    }
}

impl From<DingTalkRefusal> for ApiError {
    fn from(refusal: DingTalkRefusal) -> Self {
        Self::DingTalk(refusal)
    }
}

impl From<PluginRefusal> for ApiError {
    fn from(refusal: PluginRefusal) -> Self {
        Self::Plugin(refusal)
    }
}

impl From<&HandshakeError> for DingTalkRefusal {
    fn from(error: &HandshakeError) -> Self {
        match error {
            HandshakeError::Missing | HandshakeError::Unknown => Self::StateInvalid,
            HandshakeError::Expired => Self::StateExpired,
            HandshakeError::Repeated { .. } | HandshakeError::Replayed => Self::StateUsed,
            HandshakeError::Store(StoreError::Busy(_)) => Self::Busy,
            HandshakeError::Store(_) => Self::Failed,
        }
    }
}

impl From<&IdentifyError> for DingTalkRefusal {
    fn from(error: &IdentifyError) -> Self {
        use DingTalkError as E;
        match error {
            IdentifyError::NotMember(_) | IdentifyError::Call(E::UnknownUser | E::OutOfScope) => {
                Self::NotMember
            }
            IdentifyError::NoSubject(_)
            | IdentifyError::Call(E::Credentials(_) | E::Permission(_) | E::Address) => {
                Self::Misconfigured
            }
            IdentifyError::Call(E::CodeRejected) => Self::CodeRejected,
            IdentifyError::Call(
                E::Unreachable(_) | E::Busy(_) | E::Throttled(_) | E::Unexpected(_) | E::Token(_),
            ) => Self::Unavailable,
        }
    }
}

impl From<&SignInError> for DingTalkRefusal {
    fn from(error: &SignInError) -> Self {
        match error {
            SignInError::UserNotFound => Self::UserNotFound,
            SignInError::Ambiguous(_) | SignInError::BoundSeveralTimes(_) => Self::Ambiguous,
            SignInError::RootNotLinked(_)
            | SignInError::BoundToAnother(_)
            | SignInError::Reissued(_)
            | SignInError::AccountMissing(_) => Self::Conflict,
            SignInError::Store(StoreError::Busy(_)) => Self::Busy,
            SignInError::Store(_) => Self::Failed,
        }
    }
}

impl From<&OptionsError> for DingTalkRefusal {
    fn from(_: &OptionsError) -> Self {
        Self::Misconfigured
    }
}
