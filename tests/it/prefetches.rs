//! Browsers that load pages in advance, and services that preview links, use nothing up.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::nocobase::nocobase;
use crate::support::{Answer, TestApp, TestGateway};

const EXCHANGE: &str = "/v1.0/oauth2/userAccessToken";
const CHECK: &str = "/api/auth:check";

/// The headers of such requests.
const LOOKS: [(Method, &[(&str, &str)]); 8] = [
    (Method::HEAD, &[]),
    (Method::GET, &[("sec-purpose", "prefetch")]),
    (Method::GET, &[("sec-purpose", "prefetch;prerender")]),
    (
        Method::GET,
        &[("sec-purpose", "prefetch;anonymous-client-ip")],
    ),
    (Method::GET, &[("purpose", "prefetch")]),
    (Method::GET, &[("x-purpose", "preview")]),
    (Method::GET, &[("x-moz", "prefetch")]),
    (Method::HEAD, &[("sec-purpose", "prefetch")]),
];

fn assert_glance(answer: &Answer, method: &Method) {
    let ahead = method == Method::GET || answer.status == 425;
    assert_eq!(answer.status, if ahead { 425 } else { 204 });
    assert_eq!(answer.header("cache-control"), "no-store");
    let vary = answer.headers.get_all("vary").iter();
    let vary: Vec<_> = vary.map(|value| value.to_str().unwrap()).collect();
    assert!(vary.join(",").contains("Sec-Purpose"), "{vary:?}");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.text, "");
}

#[actix_web::test]
async fn who_only_looks_at_a_return_uses_nothing_up() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    for (method, headers) in LOOKS {
        let mut browser = app.browser();
        let url = browser.begin(json!("/admin/x")).await;
        let location = app.sandbox.choose(&url, "lina").await;
        let before = app.sandbox.calls(EXCHANGE).await;
        for _ in 0..2 {
            let answer = browser.send(method.clone(), &location, headers, None).await;
            assert_glance(&answer, &method);
        }
        assert_eq!(app.sandbox.calls(EXCHANGE).await, before);
        let answer = browser.get(&location).await;
        let session = answer.session();
        assert_eq!(session.expect("the person comes")["target"], "/admin/x");
    }
    // Other purposes do not count.
    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let headers = [("sec-purpose", "something-new"), ("purpose", "")];
    let answer = browser.send(Method::GET, &location, &headers, None).await;
    assert!(answer.session().is_some(), "{answer:?}");
}

#[actix_web::test]
async fn a_return_that_comes_again_is_told_where_it_led_nowhere() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let url = browser.begin(json!("/admin/x")).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let session = browser.get(&location).await.session().unwrap();
    let token = session["token"].as_str().unwrap().to_owned();
    assert_eq!(browser.get(&location).await.header("location"), "/admin/x");
    // The page with the session was never loaded.
    let mut without = browser.clone();
    without.cookies.remove("nb_auth_token_main");
    let answer = without.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_USED"));
    assert!(answer.header("location").contains("authenticator=dingtalk"));
    // The session has ended.
    let left = browser.clone();
    browser
        .post_as(&token, "/api/auth:signOut", json!({}))
        .await;
    let mut left = left;
    let answer = left.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_USED"));
    // After a refusal there is no session.
    let mut refused = app.browser();
    let url = refused.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "emma").await;
    let answer = refused.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_NOT_MEMBER"));
    let answer = refused.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_USED"));
}

#[actix_web::test]
async fn no_address_of_ours_changes_anything_for_who_only_looks() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let victim = app.root_token().await;
    let made = app.create_user("Somebody", None).await;
    for (method, headers) in LOOKS {
        for path in [
            format!("/api/auth:signOut?token={victim}"),
            format!("/api/users:destroy/{made}?token={root}"),
            format!("/api/pm:disable?filterByTk=auth-dingtalk&token={root}"),
            "/api/dingtalk:getAuthUrl".to_owned(),
        ] {
            let headers = [headers, &[("x-authenticator", "dingtalk")]].concat();
            let mut browser = app.browser();
            let answer = browser.send(method.clone(), &path, &headers, None).await;
            assert_glance(&answer, &method);
            assert!(browser.cookies.is_empty());
        }
    }
    assert_eq!(app.browser().get_as(&victim, CHECK).await.status, 200);
    assert!(app.store().user(made).await.unwrap().is_some());
    assert_eq!(app.browser().try_begin(Value::Null).await.status, 200);
    // Actions that only read are answered.
    let headers = [("sec-purpose", "prefetch")];
    let path = format!("{CHECK}?token={victim}");
    let answer = app.browser().send(Method::GET, &path, &headers, None).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn in_front_of_nocobase_it_is_the_same() {
    let gateway = TestGateway::before(nocobase(|_, _| panic!("nothing is passed on"))).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let headers = [
        ("sec-purpose", "prefetch"),
        ("authorization", "Bearer admin"),
    ];
    let path = "/api/pm:disable?filterByTk=auth-dingtalk";
    let mut browser = gateway.browser();
    let answer = browser.send(Method::GET, path, &headers, None).await;
    assert_glance(&answer, &Method::GET);
    let url = browser.begin(Value::Null).await;
    let location = gateway.app.sandbox.choose(&url, "lina").await;
    for method in [Method::HEAD, Method::GET] {
        let headers = match method {
            Method::GET => &headers[..1],
            _ => &[],
        };
        let answer = browser.send(method.clone(), &location, headers, None).await;
        assert_glance(&answer, &method);
    }
    assert!(browser.get(&location).await.session().is_some());
}
