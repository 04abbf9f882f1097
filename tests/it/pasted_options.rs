//! Options of an authenticator as people paste them.

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET, CORP_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

/// The text with what pages, chats and keyboards add to it.
fn pasted(text: &str) -> String {
    let wide = |c: char| match c {
        'a'..='d' => char::from_u32(u32::from(c) - u32::from('a') + 0xff41).unwrap(),
        c => c,
    };
    let text: String = text.chars().map(wide).collect();
    format!("\u{feff}\u{200e} {text}\u{200b}\u{202c}\u{3000}")
}

fn options() -> Value {
    json!({
        "clientId": pasted(CLIENT_ID),
        "clientSecret": pasted(CLIENT_SECRET),
        "corpId": pasted(CORP_ID),
        "public": {"autoSignup": true},
    })
}

#[actix_web::test]
async fn what_was_stored_as_it_was_pasted_signs_people_in() {
    let app = TestApp::with_options(options()).await;
    let page = app.browser().sign_in(&app.sandbox, "lina").await;
    assert!(page.session().is_some(), "{page:?}");
}

#[actix_web::test]
async fn what_is_saved_is_what_was_meant_or_refused() {
    let app = TestApp::bare(&[]);
    let mut browser = app.browser();
    let root = app.root_token().await;
    let create = "/api/authenticators:create";
    let body = json!({"name": "dt", "authType": "dingtalk", "options": options()});
    let made = browser.post_as(&root, create, body).await;
    let data = &made.json()["data"];
    assert_eq!(data["options"]["clientId"], CLIENT_ID, "{}", made.text);
    let stored = async || {
        app.store()
            .authenticator("dt")
            .await
            .unwrap()
            .unwrap()
            .options
    };
    assert_eq!(stored().await["clientSecret"], CLIENT_SECRET);
    let update = format!("/api/authenticators:update?filterByTk={}", data["id"]);
    let mut change = options();
    change["clientSecret"] = json!("********");
    let changed = browser
        .post_as(&root, &update, json!({"options": change}))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(stored().await["clientSecret"], CLIENT_SECRET);
    assert_eq!(stored().await["corpId"], CORP_ID);

    for (key, value, title) in [
        ("clientId", "钉钉", "Client ID"),
        ("clientId", "ding x", "Client ID"),
        ("clientSecret", "a secret", "Client Secret"),
        ("corpId", "My Company", "Corp ID"),
    ] {
        let mut options = options();
        options[key] = json!(value);
        let body = Some(json!({"name": "x", "authType": "dingtalk", "options": options}));
        let bearer = format!("Bearer {root}");
        let headers = [("authorization", bearer.as_str()), ("x-locale", "en-US")];
        let answer = browser.send(Method::POST, create, &headers, body).await;
        assert_eq!(answer.status, 400);
        let rule = "contains characters that DingTalk never uses in it; copy it again from the developer console";
        assert_eq!(answer.message(), format!("{title} {rule}"));
    }
}
