//! `--help` is enough to start: what it says is done here, as it stands there.

use dingtalk_sandbox::{GUIDE, seed};
use serde_json::{Value, json};

use crate::harness::Fake;

/// The text behind these words, to the end of its line.
fn after(words: &str) -> &'static str {
    let line = GUIDE.lines().find(|line| line.contains(words)).unwrap();
    line.split_once(words).unwrap().1.trim()
}

/// The body of a call in the guide, with values in the places that it leaves open.
fn body(words: &str, values: &[(&str, &str)]) -> Value {
    let text = after(words);
    let (_, json) = text.split_once('{').unwrap();
    let mut body: Value = serde_json::from_str(&format!("{{{json}")).unwrap();
    for (name, value) in values {
        assert_eq!(body[name], "…", "{words}: {name}");
        body[name] = json!(value);
    }
    assert!(!body.to_string().contains('…'), "{body}");
    body
}

#[tokio::test]
async fn the_guide_leads_to_a_person() {
    let fake = Fake::start();
    let page = after("http://127.0.0.1:13010/oauth2/auth");
    let page = fake.get(&format!("/oauth2/auth{page}")).await;
    assert!(
        page.status == 200 && page.text.contains("lina"),
        "{}",
        page.text
    );

    let code = fake
        .post("/_sandbox/codes", body("POST /_sandbox/codes", &[]))
        .await;
    let code = code.json()["code"].as_str().unwrap().to_owned();
    let exchange = "POST /v1.0/oauth2/userAccessToken";
    let values = [
        ("clientId", seed::CLIENT_ID),
        ("clientSecret", seed::CLIENT_SECRET),
        ("code", code.as_str()),
    ];
    let token = fake
        .post("/v1.0/oauth2/userAccessToken", body(exchange, &values))
        .await;
    let token = token.json()["accessToken"].as_str().unwrap().to_owned();
    let me = fake.profile(&token, "me").await.json();

    let values = [
        ("appKey", seed::CLIENT_ID),
        ("appSecret", seed::CLIENT_SECRET),
    ];
    let own = body("POST /v1.0/oauth2/accessToken", &values);
    let own = fake.post("/v1.0/oauth2/accessToken", own).await.json();
    let own = own["accessToken"].as_str().unwrap().to_owned();
    let asked = "POST /topapi/user/getbyunionid?access_token=…";
    let asked = body(asked, &[("unionid", me["unionId"].as_str().unwrap())]);
    let path = format!("/topapi/user/getbyunionid?access_token={own}");
    let found = fake.post(&path, asked).await.json();
    assert_eq!(found["result"]["userid"], "user-lina");
}

#[tokio::test]
async fn what_else_the_guide_names_is_there() {
    let fake = Fake::start();
    let named = |line: &&str| line.starts_with("  GET ") || line.starts_with("  POST ");
    let lines: Vec<_> = GUIDE.lines().filter(named).collect();
    assert_eq!(lines.len(), 9);
    for line in lines {
        let (method, rest) = line.trim().split_once(' ').unwrap();
        let path = rest.split_whitespace().next().unwrap();
        let answer = match method {
            "GET" => fake.get(path).await,
            _ if line.contains('{') => fake.post(path, body(path, &[])).await,
            _ => fake.post(path, json!({})).await,
        };
        assert!(
            (200..300).contains(&answer.status),
            "{line}: {}",
            answer.text
        );
    }
}
