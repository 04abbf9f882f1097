//! Connections of authenticators whose options hold variables.

use dingtalk_sandbox::seed::CLIENT_SECRET;
use reqwest::StatusCode;
use serde_json::json;

use super::stream::{connections, save_options, shown, with_stream};
use crate::support::eventually;

#[actix_web::test]
async fn a_client_secret_that_is_put_right_in_its_variable_connects_at_once() {
    let app = with_stream().await;
    let mut browser = app.browser();
    let token = browser.sign_in_as_root().await;
    let path = "/api/environmentVariables:create";
    let secret = json!({"name": "SECRET", "type": "secret", "value": CLIENT_SECRET});
    let created = browser.post_as(&token, path, secret).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text);
    let old = connections(&app).await;
    save_options(&app, json!({"clientSecret": "{{ $env.SECRET }}"})).await;
    eventually("another connection", async || {
        let new = connections(&app).await;
        new.len() == 1 && new != old
    })
    .await;

    // The secret is reset in DingTalk's console first.
    let reset = json!({"clientSecret": "another"});
    app.sandbox.change_app(reset).await;
    app.sandbox.close_streams("abrupt").await;
    let state = async |state: &str| {
        eventually(state, async || {
            shown(&app).await["stream"]["state"] == state
        })
        .await;
    };
    state("refused").await;
    let path = "/api/environmentVariables:update?filterByTk=SECRET";
    let corrected = json!({"value": "another"});
    let updated = browser.post_as(&token, path, corrected).await;
    assert_eq!(updated.status, StatusCode::OK, "{}", updated.text);
    state("connected").await;
}
