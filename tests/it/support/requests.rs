//! Requests with a token, each from a browser of its own.

use serde_json::Value;

use super::{Answer, TestApp};

pub async fn get(app: &TestApp, token: &str, path: &str) -> Answer {
    app.browser().get_as(token, path).await
}

pub async fn post(app: &TestApp, token: &str, path: &str, body: Value) -> Answer {
    app.browser().post_as(token, path, body).await
}
