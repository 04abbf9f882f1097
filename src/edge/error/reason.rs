//! The codes of refusals in the audit trail. They stay the same when messages change.

use std::borrow::Cow;

use super::{AccountRefusal, ApiError};

impl ApiError {
    /// The code for the audit trail; none for requests that made no sense.
    pub(crate) fn reason(&self) -> Option<Cow<'static, str>> {
        self.code().or_else(|| self.uncoded_reason().map(Cow::from))
    }

    /// The code for the audit trail of errors that have no code for clients.
    fn uncoded_reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::WrongPassword | Self::Account(AccountRefusal::WrongOldPassword) => {
                "WRONG_PASSWORD"
            }
            Self::TooManyAttempts(_) => "TOO_MANY_ATTEMPTS",
            Self::Forbidden => "FORBIDDEN",
            Self::ForeignOrigin => "FOREIGN_ORIGIN",
            Self::PowerNotHeld => "POWER_NOT_HELD",
            Self::LastAuthenticator => "LAST_AUTHENTICATOR",
            Self::UnknownAuthenticatorType => "AUTHENTICATOR_UNUSABLE",
            Self::Account(AccountRefusal::SignUpForbidden) => "SIGN_UP_FORBIDDEN",
            Self::Account(AccountRefusal::UsernameTaken | AccountRefusal::EmailTaken) => "TAKEN",
            Self::Account(AccountRefusal::PasswordFixed) => "PASSWORD_FIXED",
            Self::Directory(_) => "DIRECTORY_REFUSED",
            Self::Plugin(_) => "PLUGIN_REFUSED",
            Self::Busy(_) => "BUSY",
            Self::NotSaved => "NOT_SAVED",
            Self::Internal(_) => "FAILED",
            _ => return None,
        })
    }

    /// A name of the error that stays the same and is one of a few, for addresses and for metrics.
    pub(crate) fn fixed_code(&self) -> Cow<'static, str> {
        self.reason().unwrap_or(Cow::Borrowed("REFUSED"))
    }
}
