//! A second provider: a folder and an entry, with no other change in the server. The button is another matter, of which
//! `CONTRIBUTING.md` tells.

mod badge;
mod settings;

use std::sync::Arc;

use nocobase_dingtalk::domain::identity_provider::IdentityProvider;
use nocobase_dingtalk::metrics::GaugeValues;
use nocobase_dingtalk::store::AuthenticatorValues;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::support::lookups::reconcile;
use crate::support::upstream::ScriptedUpstream;
use crate::support::{Answer, Browser, TestApp, TestGateway, eventually};
use badge::{Badge, NAMES};

/// The name of its authenticator.
const DOOR: &str = "front-door";
/// A secret that no client may ever read.
const PIN: &str = "a-pin-that-nobody-reads";

/// The entry.
fn providers() -> Vec<Arc<dyn IdentityProvider>> {
    vec![Arc::new(Badge)]
}

fn door(options: Value) -> AuthenticatorValues {
    AuthenticatorValues {
        name: DOOR.to_owned(),
        auth_type: NAMES.auth_type.to_owned(),
        title: None,
        description: String::new(),
        options,
        enabled: true,
        author: None,
    }
}

/// A server with DingTalk's authenticator and one of badges.
async fn start() -> TestApp {
    let app = TestApp::with_providers(&[], providers);
    app.create_authenticator(json!({})).await;
    let options = json!({"door": "front", "pin": PIN, "public": {"autoSignup": true}});
    let created = app.store().create_authenticator(door(options)).await;
    created.unwrap();
    app
}

/// Begins a sign-in and returns the state.
async fn begin(browser: &mut Browser) -> String {
    let headers = [("x-authenticator", DOOR)];
    let body = Some(json!({"redirect": "/admin/door"}));
    let begun = browser.send(Method::POST, "/api/badge:getAuthUrl", &headers, body);
    let begun = begun.await;
    let url = begun.json()["data"].as_str().expect(&begun.text).to_owned();
    state_of(&url)
}

fn state_of(url: &str) -> String {
    let url: Url = url.parse().unwrap();
    assert_eq!(url.host_str(), Some("reader.example"));
    let value = |name| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert!(value("back").ends_with("/api/badge:redirect"), "{url}");
    value("state")
}

/// Comes back from the reader with this badge.
async fn come_back(browser: &mut Browser, state: &str, card: &str) -> Answer {
    let query = [("state", state), ("card", card)];
    let url = Url::parse_with_params("http://x/api/badge:redirect", query).unwrap();
    let path = format!("{}?{}", url.path(), url.query().unwrap());
    browser.get(&path).await
}

/// The metrics.
fn metrics(app: &TestApp) -> String {
    let text = app.server.app.metrics.render(&GaugeValues {
        websockets: 0,
        statements: 0,
        hashes: 0,
        lookup_tables_complete: true,
        cache: Vec::new(),
        events: Vec::new(),
        breakers: Vec::new(),
    });
    String::from_utf8(text.unwrap()).unwrap()
}

fn card(person: &str) -> String {
    format!("{PIN}/{person}")
}

/// The parameter of the page to which a refusal leads.
fn told(answer: &Answer, parameter: &str) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let url = Url::parse("http://x")
        .unwrap()
        .join(answer.header("location"));
    let url = url.unwrap();
    let mut pairs = url.query_pairs();
    let code = pairs.find(|(key, _)| key == parameter);
    let (_, code) = code.unwrap_or_else(|| panic!("{url}"));
    code.into_owned()
}

#[actix_web::test]
async fn a_badge_signs_somebody_in() {
    let app = start().await;
    let mut browser = app.browser();
    let state = begin(&mut browser).await;
    let page = come_back(&mut browser, &state, &card("ann")).await;
    let session = page.session().expect(&page.text);
    assert_eq!(session["authenticator"], DOOR);
    assert_eq!(session["target"], "/admin/door");
    let token = session["token"].as_str().unwrap();
    let check = browser.get_as(token, "/api/auth:check").await;
    assert_eq!(check.json()["data"]["nickname"], "ann");
    // The same person again, with a code that a program sends.
    let headers = [("x-authenticator", DOOR)];
    let body = Some(json!({"authCode": card("ann")}));
    let again = app
        .browser()
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    let first = &check.json()["data"]["id"];
    assert_eq!(&again.json()["data"]["user"]["id"], first, "{}", again.text);
    // The audit trail names the authenticator, and the metrics name the provider.
    let root = app.root_token().await;
    let audit = app
        .browser()
        .get_as(&root, "/api/dingtalkAudit:list?sort=id")
        .await;
    let rows = audit.json()["data"].as_array().unwrap().clone();
    let of_door = rows.iter().filter(|row| row["authenticator"] == DOOR);
    let actions: Vec<_> = of_door.map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["signUp", "signIn", "signIn"]);
    let metrics = metrics(&app);
    let line = r#"nocobase_dingtalk_sign_ins_total{provider="badge",result="OK"} 2"#;
    assert!(metrics.contains(line), "{metrics}");
}

#[actix_web::test]
async fn bindings_at_a_badge_are_in_the_lookup_table_like_those_at_dingtalk() {
    let app = start().await;
    let coverage = app.server.app.store.coverage();
    // The server's own comparison may have begun before the authenticators were there, and ends at any moment.
    eventually("bindings of both providers are compared", async || {
        reconcile(&app.server).await;
        coverage.has_bindings_of("dingtalk") && coverage.has_bindings_of(DOOR)
    })
    .await;
}

#[actix_web::test]
async fn a_badge_is_refused_by_its_own_codes() {
    let app = start().await;
    for (card, code) in [
        ("nonsense".to_owned(), "BADGE_CODE_REJECTED"),
        (card("zoe"), "BADGE_NOT_MEMBER"),
    ] {
        let mut browser = app.browser();
        let state = begin(&mut browser).await;
        let answer = come_back(&mut browser, &state, &card).await;
        assert_eq!(told(&answer, "badgeError"), code);
        assert_eq!(told(&answer, "authenticator"), DOOR);
        let again = come_back(&mut browser, &state, &card).await;
        assert_eq!(told(&again, "badgeError"), "BADGE_STATE_USED");
    }
    let headers = [("x-authenticator", DOOR)];
    let body = Some(json!({"authCode": "nonsense"}));
    let answer = app
        .browser()
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.code(), "BADGE_CODE_REJECTED");
    assert_eq!(
        answer.message(),
        "Badge did not accept the authorization code. Please try again."
    );
    let metrics = metrics(&app);
    for (code, times) in [
        ("BADGE_CODE_REJECTED", 2),
        ("BADGE_NOT_MEMBER", 1),
        ("BADGE_STATE_USED", 2),
    ] {
        let line = format!(r#"sign_ins_total{{provider="badge",result="{code}"}} {times}"#);
        assert!(metrics.contains(&line), "{line}\n{metrics}");
    }
    // This provider has no client in which a page could be opened.
    let inside = app
        .browser()
        .post("/api/badge:inAppSignIn", json!({"code": "x"}))
        .await;
    assert_eq!(inside.status, 404);
}

#[actix_web::test]
async fn pages_have_the_texts_for_the_codes_of_a_badge_too() {
    let app = start().await;
    let answer = app.browser().get("/api/app:getLang").await;
    let texts = &answer.json()["data"]["resources"]["auth-dingtalk"];
    for (code, text) in [
        (
            "BADGE_NOT_MEMBER",
            "Your Badge account is not a member of this organization.",
        ),
        (
            "BADGE_BOUND_ELSEWHERE",
            "This Badge user is bound to another account.",
        ),
    ] {
        assert_eq!(texts[code], text);
    }
    let of_dingtalk = &texts["DINGTALK_NOT_MEMBER"];
    assert!(of_dingtalk.is_string(), "{of_dingtalk}");
}

#[actix_web::test]
async fn the_answer_of_one_provider_does_not_count_at_another() {
    let app = start().await;
    let mut browser = app.browser();
    let state = begin(&mut browser).await;
    let path = format!("/api/dingtalk:redirect?code=x&authCode=x&state={state}");
    assert_eq!(
        told(&browser.get(&path).await, "dingtalkError"),
        "DINGTALK_DISABLED"
    );
    let url: Url = browser.begin(Value::Null).await.parse().unwrap();
    let (_, state) = url.query_pairs().find(|(key, _)| key == "state").unwrap();
    let answer = come_back(&mut browser, &state, &card("ann")).await;
    assert_eq!(told(&answer, "badgeError"), "BADGE_DISABLED");
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn an_account_is_bound_to_a_badge_and_unbound() {
    let app = start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let at = |action: &str| format!("/api/badge:{action}?authenticator={DOOR}");
    let bind = json!({"password": "admin123", "redirect": "/admin/me"});
    let begun = browser.post_as(&token, &at("bind"), bind.clone()).await;
    let url = begun.json()["data"].as_str().expect(&begun.text).to_owned();
    let answer = come_back(&mut browser, &state_of(&url), &card("ben")).await;
    assert_eq!(answer.header("location"), "/admin/me", "{}", answer.text);
    let shown = browser.get_as(&token, &at("binding")).await;
    assert_eq!(shown.json()["data"]["bound"], true);
    let twice = browser.post_as(&token, &at("bind"), bind.clone()).await;
    assert_eq!(twice.code(), "BADGE_ALREADY_BOUND");
    // The person of the badge can sign in to the account.
    let mut other = app.browser();
    let state = begin(&mut other).await;
    let page = come_back(&mut other, &state, &card("ben")).await;
    let session = page.session().expect(&page.text);
    let check = other
        .get_as(session["token"].as_str().unwrap(), "/api/auth:check")
        .await;
    assert_eq!(check.json()["data"]["username"], "nocobase");

    let password = json!({"password": "admin123"});
    // DingTalk's action does not unbind it, whatever authenticator is named.
    let elsewhere = format!("/api/dingtalk:unbind?authenticator={DOOR}");
    let answer = browser.post_as(&token, &elsewhere, password.clone()).await;
    assert_eq!(answer.code(), "DINGTALK_NOT_BOUND");
    let unbound = browser
        .post_as(&token, &at("unbind"), password.clone())
        .await;
    assert_eq!(unbound.status, 200, "{}", unbound.text);
    let again = browser.post_as(&token, &at("unbind"), password).await;
    assert_eq!(again.code(), "BADGE_NOT_BOUND");
    // A refusal leads back to the page, with a parameter of this provider.
    let begun = browser.post_as(&token, &at("bind"), bind).await;
    let url = begun.json()["data"].as_str().expect(&begun.text).to_owned();
    let answer = come_back(&mut browser, &state_of(&url), "nonsense").await;
    assert_eq!(told(&answer, "badgeBindError"), "BADGE_CODE_REJECTED");
}

#[actix_web::test]
async fn a_badge_signs_in_in_front_of_a_nocobase() {
    let nocobase = ScriptedUpstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"data\":[]}",
    );
    let gateway = TestGateway::with_providers(nocobase, &[], providers).await;
    gateway.enable_plugin().await;
    let mut values = door(json!({
        "door": "front", "pin": PIN, "public": {"autoSignup": true},
        "dingtalkGateway": {"enabled": true},
    }));
    values.enabled = false;
    gateway
        .app
        .store()
        .create_authenticator(values)
        .await
        .unwrap();
    gateway.know().await;
    let mut browser = gateway.browser();
    let listed = browser.get("/api/authenticators:publicList").await;
    assert_eq!(listed.json()["data"][0]["name"], DOOR, "{}", listed.text);
    let types = browser.get("/api/authenticators:listTypes").await;
    let names: Vec<_> = types.json()["data"].as_array().unwrap().clone();
    let names: Vec<_> = names
        .iter()
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["dingtalk", "badge-reader"]);
    let state = begin(&mut browser).await;
    let page = come_back(&mut browser, &state, &card("ann")).await;
    let session = page.session().expect(&page.text);
    // NocoBase is told another name, because it refuses names of authenticators that it does not
    // know.
    let token = session["token"].as_str().unwrap();
    let headers = [("x-authenticator", DOOR), ("authorization", token)];
    browser
        .send(Method::GET, "/api/users:list", &headers, None)
        .await;
    let heard = gateway.upstream.heads();
    let last = heard.last().unwrap();
    assert!(
        !last.contains(DOOR) && last.contains("x-authenticator: basic"),
        "{last}"
    );
}
