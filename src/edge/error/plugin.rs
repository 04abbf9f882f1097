//! Why the plugin manager refuses.

use actix_web::http::StatusCode;

use crate::domain::plugin_switch::SwitchError;

/// Why a request to the plugin manager was refused, as the client learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginRefusal {
    /// No name, or one that no plugin can have.
    InvalidName,
    /// No plugin has this name.
    Unknown,
    /// The plugin came with the server.
    BuiltIn,
    /// The plugin is not in use.
    NotEnabled,
    /// Nobody could sign in without it.
    LastWayIn,
    /// There is nothing to add, update or remove.
    Fixed,
}

impl PluginRefusal {
    /// Status and English message; NocoBase 2.2.15 sends no codes here.
    pub fn parts(self) -> (StatusCode, &'static str, &'static str) {
        let (status, message) = match self {
            Self::InvalidName => (StatusCode::BAD_REQUEST, "plugin name invalid"),
            Self::Unknown => (StatusCode::NOT_FOUND, "There is no plugin of this name."),
            Self::BuiltIn => (
                StatusCode::BAD_REQUEST,
                "This plugin is part of the server and cannot be switched off.",
            ),
            Self::NotEnabled => (StatusCode::BAD_REQUEST, "This plugin is not enabled."),
            Self::LastWayIn => (
                StatusCode::BAD_REQUEST,
                "Please keep and enable at least one authenticator",
            ),
            Self::Fixed => (
                StatusCode::FORBIDDEN,
                "Plugins are part of this server; none can be added, updated or removed.",
            ),
        };
        (status, "", message)
    }

    /// The refusal for a failed switch; nothing when it is our fault.
    pub fn of(error: &SwitchError) -> Option<Self> {
        match error {
            SwitchError::Unknown(_) => Some(Self::Unknown),
            SwitchError::BuiltIn(_) => Some(Self::BuiltIn),
            SwitchError::NotEnabled(_) => Some(Self::NotEnabled),
            SwitchError::LastWayIn => Some(Self::LastWayIn),
            SwitchError::Store(_) => None,
        }
    }
}
