//! The messages to open pages, as NocoBase 2.2.15 sends them.

use serde::Serialize;

/// A message to pages.
#[derive(Debug, Serialize)]
#[serde(tag = "type", content = "payload", rename_all = "lowercase")]
pub enum PageMessage<'a> {
    /// The page's token is valid.
    Authorized,
    /// What the application is doing.
    Maintaining(Status<'a>),
    /// A text that the page shows to the person.
    Notification(Notification<'a>),
}

impl<'a> PageMessage<'a> {
    /// A notification of an error.
    pub fn error(message: &'a str) -> Self {
        Self::Notification(Notification {
            message,
            kind: "error",
        })
    }
}

/// What the application is doing.
#[derive(Debug, Serialize)]
pub struct Status<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Command<'a>>,
    code: &'static str,
    /// Whether pages have to reload.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    refresh: bool,
}

#[derive(Debug, Serialize)]
struct Command<'a> {
    name: &'a str,
}

impl<'a> Status<'a> {
    /// The application runs a command.
    pub fn commanding(message: &'a str, command: &'a str) -> Self {
        Self {
            message,
            command: Some(Command { name: command }),
            code: "APP_COMMANDING",
            refresh: false,
        }
    }

    /// The application runs no command.
    pub fn running(refresh: bool) -> Self {
        Self {
            message: "application main is running",
            command: None,
            code: "APP_RUNNING",
            refresh,
        }
    }
}

/// A text that the page shows to the person.
#[derive(Debug, Serialize)]
pub struct Notification<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_look_like_those_of_nocobase() {
        let text = |frame| serde_json::to_string(&frame).unwrap();
        assert_eq!(text(PageMessage::Authorized), r#"{"type":"authorized"}"#);
        assert_eq!(
            text(PageMessage::Maintaining(Status::commanding(
                "enabling plugin x",
                "pm.enable"
            ))),
            r#"{"type":"maintaining","payload":{"message":"enabling plugin x","command":{"name":"pm.enable"},"code":"APP_COMMANDING"}}"#
        );
        assert_eq!(
            text(PageMessage::Maintaining(Status::running(false))),
            r#"{"type":"maintaining","payload":{"message":"application main is running","code":"APP_RUNNING"}}"#
        );
        assert_eq!(
            text(PageMessage::Maintaining(Status::running(true))),
            r#"{"type":"maintaining","payload":{"message":"application main is running","code":"APP_RUNNING","refresh":true}}"#
        );
        assert_eq!(
            text(PageMessage::error("no")),
            r#"{"type":"notification","payload":{"message":"no","type":"error"}}"#
        );
    }
}
