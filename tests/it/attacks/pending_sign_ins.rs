//! The protection that binds a sign-in to its browser, its authenticator and this application.

use nocobase_dingtalk::store::AuthenticatorValues;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::{options, sign_up};
use crate::support::TestApp;

const CHECK: &str = "/api/auth:check";

#[actix_web::test]
async fn a_state_counts_for_the_authenticator_that_it_was_begun_with() {
    let app = TestApp::with_options(sign_up()).await;
    let second = AuthenticatorValues {
        name: "lax".to_owned(),
        auth_type: "dingtalk".to_owned(),
        title: None,
        description: String::new(),
        options: options(),
        enabled: true,
        author: None,
    };
    let strict = app
        .store()
        .authenticator("dingtalk")
        .await
        .unwrap()
        .unwrap();
    app.store().create_authenticator(second).await.unwrap();
    // The authenticator with which it was begun does not sign people up; the other one would.
    let mut closed = options();
    closed["public"]["autoSignup"] = json!(false);
    let values = AuthenticatorValues {
        name: strict.name,
        auth_type: strict.auth_type,
        title: None,
        description: String::new(),
        options: closed,
        enabled: true,
        author: None,
    };
    let store = app.store();
    store.update_authenticator(strict.id, values).await.unwrap();

    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let path = format!("{location}&authenticator=lax&name=lax");
    let headers = [("x-authenticator", "lax")];
    let answer = browser.send(Method::GET, &path, &headers, None).await;
    assert_eq!(answer.session(), None);
    assert!(answer.header("location").contains("authenticator=dingtalk"));
    assert_eq!(app.count_users().await, 1);
}

/// An attacker who plants the cookie of a pending sign-in in somebody else's browser cannot finish
/// what is begun there, and the planted cookie does not become a session.
#[actix_web::test]
async fn a_planted_cookie_gives_its_planter_nothing() {
    let app = TestApp::with_options(sign_up()).await;
    let mut attacker = app.browser();
    attacker.begin(Value::Null).await;
    let mut victim = app.browser();
    victim.cookies = attacker.cookies.clone();
    let url = victim.begin(Value::Null).await;
    assert_eq!(victim.attempts().len(), 2);
    let location = app.sandbox.choose(&url, "lina").await;

    let stolen = attacker.get(&location).await;
    assert_eq!(stolen.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
    assert!(victim.get(&location).await.session().is_some());
    assert_eq!(attacker.get(CHECK).await.code(), "EMPTY_TOKEN");
    // The attacker's own attempt cannot be finished with the victim's cookies either.
    let again = attacker.get(&location).await;
    assert_eq!(again.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
}

#[actix_web::test]
async fn a_session_of_before_does_not_become_somebody_elses() {
    let app = TestApp::with_options(sign_up()).await;
    let attackers = app.root_token().await;
    let mut victim = app.browser();
    let cookie = ("/".to_owned(), attackers.clone());
    victim
        .cookies
        .insert("nb_auth_token_main".to_owned(), cookie);
    let session = victim.sign_in(&app.sandbox, "lina").await.session();
    let session = session.unwrap();
    assert_ne!(session["token"], attackers.as_str());
    assert_eq!(victim.cookies["nb_auth_token_main"].1, session["token"]);
}

#[actix_web::test]
async fn no_target_leads_out_of_this_application() {
    let options = sign_up();
    let app = TestApp::with_flags(&["--app-public-path=/nocobase/"], options).await;
    let long = format!("/nocobase/{}", "a".repeat(4000));
    let ours = Url::parse("https://noco.example.com/").unwrap();
    for target in [
        "https://evil.example/nocobase/",
        "//evil.example/nocobase/",
        "/\\evil.example/nocobase/",
        "\\/evil.example",
        "/\t/evil.example",
        "/\r\n/evil.example",
        "//noco.example.com@evil.example/nocobase/",
        "https://noco.example.com@evil.example/nocobase/",
        "%2f%2fevil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "/%09/evil.example",
        "\u{ff0f}\u{ff0f}evil.example",
        "/\u{ff0f}evil.example",
        "/\u{2215}/evil.example",
        "javascript:alert(1)//nocobase/",
        "/nocobase/../other/admin",
        "/nocobase/%2e%2e/other/admin",
        "/nocobase/.%2E/other/admin",
        "/nocobase/x/../../other/admin",
        "/nocobase/./../../other",
        "/nocobase/..%2fother/admin",
        "/nocobase/x%5c..%5c..%5cother/admin",
        "/other/admin",
        "/nocobasefoo/admin",
        long.as_str(),
    ] {
        let mut browser = app.browser();
        let headers = [("x-authenticator", "dingtalk")];
        let body = Some(json!({"redirect": target}));
        let path = "/nocobase/api/dingtalk:getAuthUrl";
        let begun = browser.send(Method::POST, path, &headers, body).await;
        let url = begun.json()["data"].as_str().expect(&begun.text).to_owned();
        let location = app.sandbox.choose(&url, "lina").await;
        let session = browser.get(&location).await.session().unwrap();
        let chosen = session["target"].as_str().unwrap();
        // This is where a browser would go, because browsers parse addresses like `Url`.
        let went = ours.join(chosen).unwrap();
        assert_eq!(went.origin(), ours.origin(), "{target:?}: {chosen:?}");
        assert!(went.path().starts_with("/nocobase/"), "{target:?}: {went}");
        // A proxy that decodes more than browsers do must not be led elsewhere either.
        assert!(
            !chosen.contains("other/admin") || !chosen.contains(".."),
            "{chosen:?}"
        );
        assert!(chosen.starts_with("/nocobase/") && chosen.len() < 4000);
    }
}
