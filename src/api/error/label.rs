//! What refusals are called where they are counted.

use super::ApiError;

impl ApiError {
    /// The code, or a word in its place where NocoBase sends none. One of a fixed set.
    pub fn label(&self) -> &'static str {
        let (status, code, _) = self.parts();
        match self {
            Self::WrongPassword => "WRONG_PASSWORD",
            Self::NoAccount => "NO_ACCOUNT",
            Self::ForeignOrigin => "FOREIGN_ORIGIN",
            Self::TooManyAttempts(_) => "TOO_MANY_ATTEMPTS",
            Self::Busy => "BUSY",
            _ if !code.is_empty() => code,
            _ if status.is_server_error() => "FAILED",
            _ => "REFUSED",
        }
    }
}
