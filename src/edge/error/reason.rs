//! Refusals in the audit trail: codes that stay the same, whatever the messages say.

use std::borrow::Cow;

use super::{AccountRefusal, ApiError};

impl ApiError {
    /// The code under which the audit trail keeps this; nothing of requests that make no sense.
    pub(crate) fn reason(&self) -> Option<Cow<'static, str>> {
        self.code().or_else(|| self.uncoded_reason().map(Cow::from))
    }

    /// The same of what has no code for clients.
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

    /// A name of the refusal that stays the same, for an address and for the metrics: one of a few.
    pub(crate) fn fixed_code(&self) -> Cow<'static, str> {
        self.reason().unwrap_or(Cow::Borrowed("REFUSED"))
    }
}
