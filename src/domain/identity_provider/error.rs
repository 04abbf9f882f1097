//! Why a provider did not identify somebody, in terms that name no provider.

use std::error::Error;
use std::fmt;

/// The meaning of a failed identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unidentified {
    /// The code is unknown, used or expired.
    CodeRejected,
    /// The options let this person not in.
    NotMember,
    /// The provider does not show the person to this server, because of its own settings.
    NotShown,
    /// The options, or settings at the provider, are wrong.
    Misconfigured,
    /// The provider refused for a reason that is not known here.
    Refused,
    /// The provider does not answer, or answers incorrectly.
    Unavailable,
}

/// Why a provider did not identify somebody. The text is the provider's and is meant for the
/// operator; it contains no secret and no code.
#[derive(Debug)]
pub struct IdentifyError {
    /// The meaning of the error.
    pub meaning: Unidentified,
    cause: Box<dyn Error + Send + Sync>,
}

impl IdentifyError {
    /// An error of a provider with this meaning.
    pub fn new(meaning: Unidentified, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            meaning,
            cause: cause.into(),
        }
    }

    /// Whether the error is about the person who brought the code: the code was invalid, or they
    /// are not a member. Otherwise it is about the provider or the settings.
    pub fn is_the_visitors(&self) -> bool {
        match self.meaning {
            Unidentified::CodeRejected | Unidentified::NotMember => true,
            Unidentified::NotShown
            | Unidentified::Misconfigured
            | Unidentified::Refused
            | Unidentified::Unavailable => false,
        }
    }
}

impl fmt::Display for IdentifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl Error for IdentifyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

/// Options that cannot be used, with the keys of those that are wrong. The text never contains a
/// value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authenticator's options are incomplete or wrong: {0}")]
pub struct OptionsError(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_code_and_a_stranger_are_not_the_providers_fault() {
        for (meaning, is_the_visitors) in [
            (Unidentified::CodeRejected, true),
            (Unidentified::NotMember, true),
            (Unidentified::NotShown, false),
            (Unidentified::Misconfigured, false),
            (Unidentified::Refused, false),
            (Unidentified::Unavailable, false),
        ] {
            let error = IdentifyError::new(meaning, "x");
            assert_eq!(error.is_the_visitors(), is_the_visitors, "{meaning:?}");
        }
    }
}
