//! An administrator of a server.

use serde_json::Value;

use super::{Browser, TestApp};

/// An administrator with a session.
pub struct Admin {
    pub app: TestApp,
    pub browser: Browser,
    pub token: String,
}

impl Admin {
    /// The administrator of a new server, whose DingTalk authenticator has these options beside the credentials.
    pub async fn start(options: Value) -> Self {
        let app = TestApp::with_options(options).await;
        let browser = app.browser();
        let token = app.root_token().await;
        Self {
            app,
            browser,
            token,
        }
    }
}
