//! Binding and unbinding one's own account: who may, and what an attacker can do.

use chrono::TimeDelta;
use nocobase_dingtalk::store::NewRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::bindings::new_binding;
use crate::support::roles::new_role;
use crate::support::{Answer, Browser, TestApp, test_logs};

const BIND: &str = "/api/dingtalk:bind?authenticator=dingtalk";
const UNBIND: &str = "/api/dingtalk:unbind?authenticator=dingtalk";
const BINDING: &str = "/api/dingtalk:binding?authenticator=dingtalk";

/// A person with an account with a password, a browser and a token.
struct Person {
    id: i64,
    browser: Browser,
    token: String,
}

impl Person {
    async fn come(app: &TestApp, name: &str) -> Self {
        let root = app.root_token().await;
        let body = json!({"username": name, "password": "pw"});
        let made = app
            .browser()
            .post_as(&root, "/api/users:create", body)
            .await;
        let id = made.id();
        let mut browser = app.browser();
        let token = browser.sign_in_as(name, "pw").await;
        Self { id, browser, token }
    }

    async fn post(&mut self, path: &str, body: Value) -> Answer {
        let token = self.token.clone();
        self.browser.post_as(&token, path, body).await
    }

    /// Begins to bind, and returns the address to which DingTalk sends the browser back.
    async fn go(&mut self, app: &TestApp, person: &str) -> String {
        let body = json!({"password": "pw", "redirect": "/admin/me?tab=1#top"});
        let begun = self.post(BIND, body).await;
        let json = begun.json();
        let url = json["data"].as_str().expect(&begun.text);
        app.sandbox.choose(url, person).await
    }

    async fn bind(&mut self, app: &TestApp, person: &str) -> Answer {
        let location = self.go(app, person).await;
        self.browser.get(&location).await
    }

    async fn is_bound(&mut self) -> bool {
        let token = self.token.clone();
        let shown = self.browser.get_as(&token, BINDING).await;
        shown.json()["data"]["bound"].as_bool().expect(&shown.text)
    }
}

fn refusal(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(answer.session().is_none());
    let location = answer.header("location");
    let (_, code) = location.split_once("dingtalkBindError=").expect(location);
    code.split(['&', '#']).next().unwrap().to_owned()
}

#[actix_web::test]
async fn an_account_is_bound_and_unbound() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    assert!(!ada.is_bound().await);
    let answer = ada.bind(&app, "zhangwei").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/admin/me?tab=1#top");
    // The session goes on, and no other token is handed over.
    assert_eq!(answer.text, "");
    assert_eq!(ada.browser.cookies["nb_auth_token_main"].1, ada.token);
    let token = ada.token.clone();
    let shown = ada.browser.get_as(&token, BINDING).await;
    let data = &shown.json()["data"];
    assert_eq!(
        (&data["bound"], &data["authenticator"]),
        (&json!(true), &json!("dingtalk"))
    );
    assert!(data["boundAt"].is_string() && data["nickname"].is_string());
    assert_eq!(data["passwordRequired"], true, "the account has one");
    assert!(!shown.text.contains("user-zhangwei"), "{}", shown.text);
    // From now on it is the same account.
    let page = app.browser().sign_in(&app.sandbox, "zhangwei").await;
    let through = page.session().expect(&page.text);
    let check = app
        .browser()
        .get_as(through["token"].as_str().unwrap(), "/api/auth:check")
        .await;
    assert_eq!(check.json()["data"]["id"], ada.id);

    for (body, status) in [
        (json!({}), 400),
        (json!({"password": "nope"}), 401),
        (json!({"password": "pw"}), 200),
    ] {
        let answer = ada.post(UNBIND, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    assert!(!ada.is_bound().await);
    let again = ada.post(UNBIND, json!({"password": "pw"})).await;
    assert_eq!(again.code(), "DINGTALK_NOT_BOUND");
}

#[actix_web::test]
async fn nothing_begins_without_the_person_and_their_page() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    let bearer = format!("Bearer {}", ada.token);
    let good = json!({"password": "pw"});
    let auth = ("authorization", bearer.as_str());
    // Pages of another site with any token, and forms, links and images.
    let foreign = [auth, ("origin", "https://evil.example")];
    let answer = ada
        .browser
        .send(Method::POST, BIND, &foreign, Some(good.clone()))
        .await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let form = [auth, ("content-type", "application/x-www-form-urlencoded")];
    for path in [BIND, UNBIND] {
        let answer = ada.browser.send(Method::POST, path, &form, None).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let answer = ada.browser.send(Method::GET, path, &[auth], None).await;
        assert_eq!(answer.status, 404);
        // Cookies alone do not authenticate.
        let answer = ada.browser.post(path, good.clone()).await;
        assert_eq!(answer.code(), "EMPTY_TOKEN");
    }
    for (body, status) in [
        (json!({}), 400),
        (json!({"password": ""}), 400),
        (json!({"password": "nope"}), 401),
        (json!({"password": {"$ne": ""}}), 400),
    ] {
        let answer = ada.post(BIND, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    let other = ada
        .post("/api/dingtalk:bind?authenticator=basic", good.clone())
        .await;
    assert_eq!(other.code(), "DINGTALK_DISABLED");
    assert!(ada.browser.attempts().is_empty());
    // An API key belongs to no person.
    let root = app.root_token().await;
    let body = json!({"name": "k", "role": {"name": "root"}, "expiresIn": "1d"});
    let made = app
        .browser()
        .post_as(&root, "/api/apiKeys:create", body)
        .await;
    let key = made.json()["data"]["token"].as_str().unwrap().to_owned();
    for path in [BIND, UNBIND] {
        let body = json!({"password": "admin123"});
        bind_by_hand(&app, 1, "dingtalk", "user-x").await;
        let answer = app.browser().post_as(&key, path, body).await;
        let code = answer.code();
        assert_eq!(code, "DINGTALK_NO_SESSION", "{path}: {}", answer.text);
    }
    // Guesses at the password are limited as where it is changed.
    let mut limited = false;
    for _ in 0..40 {
        let answer = ada.post(BIND, json!({"password": "nope"})).await;
        limited = answer.status == 429;
        if limited {
            break;
        }
    }
    assert!(limited);
    let body = json!({"oldPassword": "pw", "newPassword": "x", "confirmPassword": "x"});
    let answer = ada.post("/api/auth:changePassword", body).await;
    assert_eq!(answer.status, 429, "{}", answer.text);
}

async fn bind_by_hand(app: &TestApp, user_id: i64, authenticator: &str, uuid: &str) {
    let new = new_binding(authenticator, user_id, uuid);
    if app
        .store()
        .binding_of_user(authenticator, user_id)
        .await
        .unwrap()
        .is_none()
    {
        let transaction = app.store().begin().await.unwrap();
        transaction.create_binding(new).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

#[actix_web::test]
async fn nobody_is_bound_to_somebody_elses_person_or_twice() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    let mut bob = Person::come(&app, "bob").await;
    assert_eq!(ada.bind(&app, "zhangwei").await.status, 303);
    let answer = bob.bind(&app, "zhangwei").await;
    assert_eq!(refusal(&answer), "DINGTALK_BOUND_ELSEWHERE");
    assert!(
        answer.header("location").starts_with("/admin/me?tab=1&")
            && answer.header("location").ends_with("#top")
    );
    assert!(!bob.is_bound().await);
    let again = ada.post(BIND, json!({"password": "pw"})).await;
    assert_eq!(again.code(), "DINGTALK_ALREADY_BOUND");
    // Two attempts at once: the second one finds the binding of the first.
    let (one, two) = (bob.go(&app, "lina").await, bob.go(&app, "huanglei").await);
    assert_eq!(
        bob.browser.get(&one).await.header("location"),
        "/admin/me?tab=1#top"
    );
    let answer = bob.browser.get(&two).await;
    assert_eq!(refusal(&answer), "DINGTALK_ALREADY_BOUND");
    // Nobody from outside the organization can be bound.
    let mut eve = Person::come(&app, "eve").await;
    let answer = eve.bind(&app, "zhoujie").await;
    assert_eq!(refusal(&answer), "DINGTALK_NOT_MEMBER");
    assert!(!eve.is_bound().await);
}

#[actix_web::test]
async fn many_accounts_that_bind_one_person_at_once_are_one() {
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for name in ["a", "b", "c"] {
        let mut person = Person::come(&app, name).await;
        let location = person.go(&app, "zhangwei").await;
        people.push((person, location));
    }
    let returns = people
        .iter_mut()
        .map(|(person, location)| person.browser.get(location));
    let answers = futures_util::future::join_all(returns).await;
    let bound = answers
        .iter()
        .filter(|answer| answer.header("location") == "/admin/me?tab=1#top");
    assert_eq!(bound.count(), 1, "{answers:#?}");
    assert_eq!(app.bindings_of("user-zhangwei").await.len(), 1);
}

#[actix_web::test]
async fn a_return_counts_in_its_browser_once_and_for_ten_minutes() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    // Somebody else opens the address of the return in their own browser with their own session.
    let location = ada.go(&app, "zhangwei").await;
    let mut victim = Person::come(&app, "victim").await;
    let answer = victim.browser.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
    assert!(!victim.is_bound().await);
    app.clock.advance(TimeDelta::minutes(10));
    let answer = ada.browser.get(&location).await;
    assert_eq!(refusal(&answer), "DINGTALK_STATE_EXPIRED");
    assert!(!ada.is_bound().await);
    let location = ada.go(&app, "zhangwei").await;
    let before = ada.browser.cookies.clone();
    ada.browser.get(&location).await;
    assert!(ada.is_bound().await);
    ada.post(UNBIND, json!({"password": "pw"})).await;
    // A cookie that is restored does not revive the attempt.
    ada.browser.cookies = before;
    let answer = ada.browser.get(&location).await;
    assert_eq!(refusal(&answer), "DINGTALK_STATE_USED");
    assert!(!ada.is_bound().await);
    assert_eq!(app.bindings_of("user-zhangwei").await.len(), 0);
}

#[actix_web::test]
async fn the_log_says_that_it_was_a_binding_which_was_refused() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    let logs = test_logs().await;
    let stranger = ada.bind(&app, "zhoujie").await;
    assert_eq!(refusal(&stranger), "DINGTALK_NOT_MEMBER");
    let location = ada.go(&app, "zhangwei").await;
    let cancelled = ada.browser.get(&format!("{location}&error=denied")).await;
    assert_eq!(refusal(&cancelled), "DINGTALK_DENIED");
    let location = ada.go(&app, "zhangwei").await;
    app.clock.advance(TimeDelta::minutes(10));
    let late = ada.browser.get(&location).await;
    assert_eq!(refusal(&late), "DINGTALK_STATE_EXPIRED");
    let lines = logs.lines();
    for line in [
        format!(
            "binding of account {} through dingtalk is refused: ",
            ada.id
        ),
        format!(
            "the binding of account {} was cancelled at DingTalk",
            ada.id
        ),
        format!(
            "a return from DingTalk to bind account {} is refused: ",
            ada.id
        ),
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines}");
    }
}

#[actix_web::test]
async fn who_signs_out_meanwhile_is_not_bound() {
    let app = TestApp::start().await;
    let ways: [(&str, Value); 3] = [
        ("/api/auth:signOut", json!({})),
        ("/api/dingtalk:signOutEverywhere", json!({})),
        (
            "/api/auth:changePassword",
            json!({"oldPassword": "pw", "newPassword": "x", "confirmPassword": "x"}),
        ),
    ];
    for (at, (path, body)) in ways.into_iter().enumerate() {
        let mut person = Person::come(&app, &format!("user{at}")).await;
        let location = person.go(&app, "zhangwei").await;
        app.clock.advance(TimeDelta::seconds(1));
        let ended = person.post(path, body).await;
        assert_eq!(ended.status, 200, "{}", ended.text);
        let answer = person.browser.get(&location).await;
        assert_eq!(refusal(&answer), "DINGTALK_SESSION_ENDED", "{path}");
    }
    let mut gone = Person::come(&app, "gone").await;
    let location = gone.go(&app, "zhangwei").await;
    let root = app.root_token().await;
    let path = format!("/api/users:destroy/{}", gone.id);
    app.browser().post_as(&root, &path, json!({})).await;
    let answer = gone.browser.get(&location).await;
    assert_eq!(refusal(&answer), "DINGTALK_SESSION_ENDED");
    assert_eq!(app.bindings_of("user-zhangwei").await.len(), 0);
}

#[actix_web::test]
async fn the_last_way_in_stays() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let page = browser.sign_in(&app.sandbox, "lina").await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap().to_owned();
    let check = browser.get_as(&token, "/api/auth:check").await;
    let id = check.id();
    let mut lina = Person { id, browser, token };
    let answer = lina.post(UNBIND, json!({})).await;
    assert_eq!(answer.code(), "DINGTALK_LAST_WAY_IN", "{}", answer.text);
    // Another binding counts as a way to sign in only if it can be used.
    let root = app.root_token().await;
    let options = json!({"clientId": "x", "clientSecret": "y"});
    let body = json!({"name": "other", "authType": "dingtalk", "options": options});
    let made = app
        .browser()
        .post_as(&root, "/api/authenticators:create", body)
        .await;
    let other = made.id();
    bind_by_hand(&app, lina.id, "other", "user-lina").await;
    let answer = lina.post(UNBIND, json!({})).await;
    assert_eq!(answer.code(), "DINGTALK_LAST_WAY_IN");
    let path = format!("/api/authenticators:update/{other}");
    let body = json!({"enabled": true});
    app.browser().post_as(&root, &path, body).await;
    // Without a password, the session must be young.
    app.clock.advance(TimeDelta::minutes(11));
    for path in [UNBIND, BIND] {
        if path == BIND {
            let transaction = app.store().begin().await.unwrap();
            let removed = transaction.remove_binding("dingtalk", lina.id);
            removed.await.unwrap();
            transaction.commit().await.unwrap();
        }
        let answer = lina.post(path, json!({})).await;
        assert_eq!(answer.code(), "DINGTALK_SIGN_IN_AGAIN", "{path}");
    }
    bind_by_hand(&app, lina.id, "dingtalk", "user-lina").await;
    let sessions = &app.server.app.sessions;
    let issued = sessions.issue(app.store(), lina.id, "dingtalk").await;
    lina.token = issued.unwrap().0;
    // Two removals at once: one of them would be the last way to sign in.
    let (mut one, mut two) = (lina.browser.clone(), lina.browser.clone());
    let (one, two) = futures_util::future::join(
        one.post_as(&lina.token, UNBIND, json!({})),
        two.post_as(
            &lina.token,
            "/api/dingtalk:unbind?authenticator=other",
            json!({}),
        ),
    )
    .await;
    let mut codes = [one.code(), two.code()];
    codes.sort();
    assert_eq!(
        codes,
        ["", "DINGTALK_LAST_WAY_IN"],
        "{} {}",
        one.text,
        two.text
    );
}

#[actix_web::test]
async fn a_password_is_a_way_in_only_where_it_can_be_used() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    ada.bind(&app, "zhangwei").await;
    let root = app.root_token().await;
    let path = "/api/authenticators:update/1";
    let body = json!({"enabled": false});
    let off = app.browser().post_as(&root, path, body).await;
    assert_eq!(off.status, 200, "{}", off.text);
    let answer = ada.post(UNBIND, json!({"password": "pw"})).await;
    assert_eq!(answer.code(), "DINGTALK_LAST_WAY_IN", "{}", answer.text);
    assert!(ada.is_bound().await);
}

#[actix_web::test]
async fn administrators_remove_bindings_but_not_those_of_root() {
    let app = TestApp::start().await;
    let mut ada = Person::come(&app, "ada").await;
    ada.bind(&app, "zhangwei").await;
    bind_by_hand(&app, 1, "dingtalk", "user-root").await;
    let root = app.root_token().await;
    let body = json!({"username": "boss", "password": "pw", "roles": ["admin"]});
    let boss = app
        .browser()
        .post_as(&root, "/api/users:create", body)
        .await;
    let boss = boss.id();
    let admin = app.token_of(boss).await;
    let path = "/api/authenticators/dingtalk/users:remove";
    let of = |id: i64| format!("{path}?filterByTk={id}");
    let mut browser = app.browser();
    let answer = browser.post_as(&ada.token, &of(ada.id), json!({})).await;
    assert_eq!(answer.status, 403);
    let answer = browser.post_as(&admin, path, json!({})).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let answer = browser.post_as(&admin, &of(1), json!({})).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let both = format!("{path}?filterByTk[]={}&filterByTk[]=1", ada.id);
    let answer = browser.post_as(&admin, &both, json!({})).await;
    assert_eq!(answer.status, 403, "all or none");
    assert!(ada.is_bound().await);
    let answer = browser.post_as(&admin, &of(ada.id), json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({})));
    assert!(!ada.is_bound().await);
    let answer = browser.post_as(&root, &of(1), json!({})).await;
    assert_eq!(answer.status, 200);
    // Whoever may configure authenticators, and not change roles, leaves administrators alone.
    let role = NewRole {
        strategy: None,
        ..new_role("keeper", json!(["pm.auth.authenticators"]), &json!([]))
    };
    app.store().create_role(role).await.unwrap();
    let body = json!({"username": "kim", "password": "pw", "roles": ["keeper"]});
    let kim = browser.post_as(&root, "/api/users:create", body).await;
    assert_eq!(kim.status, 200, "{}", kim.text);
    let kim = app.browser().sign_in_as("kim", "pw").await;
    for (id, status) in [(boss, 403), (ada.id, 200)] {
        bind_by_hand(&app, id, "dingtalk", &format!("user-{id}")).await;
        let answer = browser.post_as(&kim, &of(id), json!({})).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let answer = browser
        .post_as(&root, "/api/authenticators/nope/users:remove/1", json!({}))
        .await;
    assert_eq!(answer.status, 404);
}
