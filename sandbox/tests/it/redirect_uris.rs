//! Which addresses a sign-in may lead back to.

use dingtalk_sandbox::Settings;
use reqwest::Method;
use serde_json::json;

use crate::harness::{CALLBACK, Fake, authorization_path};

#[tokio::test]
async fn a_redirect_uri_must_be_a_registered_one() {
    let settings = Settings {
        redirect_uris: vec![
            "http://app.example:13000/api/dingtalk:callback".to_owned(),
            "https://second.example".to_owned(),
        ],
        ..Settings::default()
    };
    let fake = Fake::start_with(settings);
    let cases = [
        ("http://app.example:13000/api/dingtalk:callback", true),
        (
            "http://app.example:13000/api/dingtalk:callback?next=/admin",
            true,
        ),
        ("http://APP.example:13000/api/dingtalk:callback", true),
        ("https://second.example/", true),
        ("https://second.example:443", true),
        ("https://app.example:13000/api/dingtalk:callback", false),
        ("http://app.example/api/dingtalk:callback", false),
        ("http://app.example:13001/api/dingtalk:callback", false),
        ("http://app.example:13000/api/dingtalk:callback/", false),
        ("http://app.example:13000/api/dingtalk:callback/more", false),
        ("http://app.example:13000/API/dingtalk:callback", false),
        ("http://app.example:13000/api/dingtalk%3Acallback", false),
        ("http://app.example:13000/x/../api/dingtalk:callback", false),
        ("http://app.example:13000//api/dingtalk:callback", false),
        (
            "http://app.example:13000/api/dingtalk:callback#fragment",
            false,
        ),
        (
            "http://somebody@app.example:13000/api/dingtalk:callback",
            false,
        ),
        (
            "http://app.example:13000@evil.example/api/dingtalk:callback",
            false,
        ),
        (
            "http://app.example.evil.example:13000/api/dingtalk:callback",
            false,
        ),
        ("http:\\\\app.example:13000\\api\\dingtalk:callback", false),
        ("http://app.exa\nmple:13000/api/dingtalk:callback", false),
        ("//app.example:13000/api/dingtalk:callback", false),
        ("/api/dingtalk:callback", false),
        ("javascript:alert(1)", false),
        (CALLBACK, false),
    ];
    for (uri, accepted) in cases {
        let path = authorization_path(&[("redirect_uri", uri)]);
        let page = fake.get(&path).await;
        let pressed = fake.post_form(&path, "person=zhangwei").await;
        assert_eq!(page.status == 200, accepted, "{uri}");
        assert_eq!(pressed.location.is_some(), accepted, "{uri}");
        assert_eq!(page.location, None, "{uri}");
    }
}

#[tokio::test]
async fn without_a_registered_redirect_uri_any_address_of_this_machine_will_do() {
    let fake = Fake::start();
    let cases = [
        ("http://127.0.0.1:1/any", true),
        ("http://localhost:65000/any/path?q=1", true),
        ("http://[::1]:3000/", true),
        ("https://localhost/any", false),
        ("http://localhost.evil.example/", false),
        ("http://127.0.0.1.evil.example/", false),
        ("http://192.168.1.2/", false),
        ("http://app.example/", false),
    ];
    for (uri, accepted) in cases {
        let page = fake
            .get(&authorization_path(&[("redirect_uri", uri)]))
            .await;
        assert_eq!(page.status == 200, accepted, "{uri}");
    }
}

#[tokio::test]
async fn a_changed_registration_counts_at_once() {
    let fake = Fake::start();
    let uri = "https://app.example/callback";
    let path = authorization_path(&[("redirect_uri", uri)]);
    assert_eq!(fake.get(&path).await.status, 400);
    fake.set_app(json!({"redirectUris": [uri]})).await;
    assert_eq!(fake.get(&path).await.status, 200);
    assert_eq!(fake.get(&authorization_path(&[])).await.status, 400);
    fake.control(Method::POST, "/reset", json!(null)).await;
    assert_eq!(fake.get(&authorization_path(&[])).await.status, 200);
}
