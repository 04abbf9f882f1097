//! Why a provider does not say who somebody is, in words that no provider is named in.

use std::error::Error;
use std::fmt;

/// What it means here that a provider does not say who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unidentified {
    /// The code is unknown, used or expired.
    CodeRejected,
    /// The person is not one of those whom the options let in.
    NotMember,
    /// The provider does not show the person to us, because of its own settings.
    NotShown,
    /// Options or settings at the provider are wrong.
    Misconfigured,
    /// The provider says no, and why is not known here.
    Refused,
    /// The provider does not answer, or not as it should.
    Unavailable,
}

/// Why a provider does not say who somebody is. The text is the provider's, and for the operator: it
/// holds no secret and no code.
#[derive(Debug)]
pub struct IdentifyError {
    /// What it means here.
    pub meaning: Unidentified,
    cause: Box<dyn Error + Send + Sync>,
}

impl IdentifyError {
    /// An error of a provider that means this.
    pub fn new(meaning: Unidentified, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            meaning,
            cause: cause.into(),
        }
    }

    /// Whether it says something about whoever brought the code: that it was none, or that they are
    /// a stranger. Else it is about the provider, which may be away, or about the settings.
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

/// Options that cannot be used, by the keys of those that are wrong. No text of it holds a value, which
/// may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authenticator's options are incomplete or wrong: {0}")]
pub struct OptionsError(pub String);
