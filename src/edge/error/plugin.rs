//! Refusals of the plugin manager.

use actix_web::http::StatusCode;

use crate::domain::plugin_switch::SwitchError;

/// Why a request to the plugin manager was refused, as the client learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginRefusal {
    /// The name is missing, or no plugin can have it.
    InvalidName,
    /// No plugin has this name.
    Unknown,
    /// The plugin is a part of the server.
    BuiltIn,
    /// The plugin is not enabled.
    NotEnabled,
    /// Without the plugin nobody could sign in.
    LastWayIn,
    /// Plugins cannot be added, updated or removed here.
    Fixed,
}

impl PluginRefusal {
    /// The HTTP status and the English message; NocoBase 2.2.15 sends no codes here.
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

    /// The refusal for a failed switch; none when the failure is the server's.
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
