//! Why a request about the directory is refused.

use actix_web::http::StatusCode;

use super::Cause;

/// The message for what NocoBase has saved and this server has not.
pub(super) const SAVED_BY_HALF: &str =
    "NocoBase has saved this, but this server has not. Open it again and save it once more.";

/// Why a request about the directory was refused, as the client learns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryRefusal {
    /// There is no authenticator of this name with a source, or it cannot have one.
    NoSource,
    /// Another source copies the organization of the authenticator.
    SecondSource,
    /// The options of the source are wrong. The log has the cause.
    WrongOptions(Cause),
    /// The options of the authenticator cannot be used. The log has the cause.
    NotUsable(Cause),
    /// The account in whose name the source acts no longer exists.
    AccountGone,
    /// NocoBase has saved the row of a source, and this server could not save the source.
    SavedByHalf,
    /// A run is already under way.
    UnderWay,
    /// There is no such run, or it has ended.
    NotRunning,
    /// A callback that is not the provider's, or that nobody wants. Which of both is not told.
    CallbackRefused,
}

impl DirectoryRefusal {
    /// Writes the cause to the log if there is one.
    pub(super) fn report(&self) {
        match self {
            Self::WrongOptions(cause) => {
                log::warn!("the settings of the directory are wrong: {cause}");
            }
            Self::NotUsable(cause) => log::warn!("the directory cannot be used: {cause}"),
            _ => {}
        }
    }

    /// The HTTP status, the code and the English message.
    pub fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoSource => (
                S::NOT_FOUND,
                "DIRECTORY_NO_SOURCE",
                "This authenticator has no directory.",
            ),
            Self::SecondSource => (
                S::BAD_REQUEST,
                "DIRECTORY_SECOND_SOURCE",
                "This authenticator has a source already.",
            ),
            Self::WrongOptions(_) => (
                S::BAD_REQUEST,
                "DIRECTORY_WRONG_OPTIONS",
                "The settings of the directory are not valid.",
            ),
            Self::NotUsable(_) => (
                S::BAD_REQUEST,
                "DIRECTORY_NOT_USABLE",
                "The authenticator of the directory is not configured completely.",
            ),
            Self::AccountGone => (
                S::BAD_REQUEST,
                "DIRECTORY_ACCOUNT_GONE",
                "The account in whose name this source acts no longer exists. Save the source again, so that it acts in your name.",
            ),
            Self::SavedByHalf => (
                S::INTERNAL_SERVER_ERROR,
                "DIRECTORY_SAVED_BY_HALF",
                SAVED_BY_HALF,
            ),
            Self::UnderWay => (
                S::CONFLICT,
                "DIRECTORY_UNDER_WAY",
                "The directory is being synchronized already.",
            ),
            Self::NotRunning => (
                S::NOT_FOUND,
                "DIRECTORY_NOT_RUNNING",
                "This synchronization is not running.",
            ),
            Self::CallbackRefused => (
                S::BAD_REQUEST,
                "DIRECTORY_CALLBACK_REFUSED",
                "This callback is not accepted.",
            ),
        }
    }
}
