//! Why a request about the directory is refused.

use actix_web::http::StatusCode;

/// Why a request about the directory was refused, as the client learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectoryRefusal {
    /// No authenticator of this name has a source, or can have one.
    NoSource,
    /// The options of the source are wrong.
    WrongOptions,
    /// The options of the authenticator cannot be used.
    NotUsable,
    /// A run is under way.
    UnderWay,
    /// There is no such run, or it is over.
    NotRunning,
}

impl DirectoryRefusal {
    /// Status, code and English message.
    pub fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoSource => (
                S::NOT_FOUND,
                "DIRECTORY_NO_SOURCE",
                "This authenticator has no directory.",
            ),
            Self::WrongOptions => (
                S::BAD_REQUEST,
                "DIRECTORY_WRONG_OPTIONS",
                "The settings of the directory are not valid.",
            ),
            Self::NotUsable => (
                S::BAD_REQUEST,
                "DIRECTORY_NOT_USABLE",
                "The authenticator of the directory is not configured completely.",
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
        }
    }
}
