//! Accounts without a role. Removing all roles is how accounts are locked, because NocoBase has no
//! other way.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::nocobase::nocobase;
use crate::support::upstream::header;
use crate::support::{Answer, Browser, TestApp, TestGateway, in_dialect, logs};

const SIGN_OUT: &str = "/api/auth:signOut";
const EVERYWHERE: &str = "/api/dingtalk:signOutEverywhere";
const CHECK: &str = "/api/auth:check";

/// A server that signs people up, and signs them in inside DingTalk.
async fn app() -> TestApp {
    TestApp::with_options(json!({
        "corpId": dingtalk_sandbox::seed::CORP_ID,
        "public": {"autoSignup": true, "autoSignIn": true},
    }))
    .await
}

/// Signs somebody in for the first time, and returns their id and token.
async fn first_time(app: &TestApp, person: &str) -> (i64, String) {
    let page = app.browser().sign_in(&app.sandbox, person).await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap().to_owned();
    let me = app.browser().get_as(&token, CHECK).await.json();
    (me["data"]["id"].as_i64().unwrap(), token)
}

/// The rows of a table about an account, as root sees them.
async fn listed(app: &TestApp, what: &str, user_id: i64) -> Vec<Value> {
    let root = app.root_token().await;
    let path = format!("/api/{what}:list?sort=id&filter={{\"userId\":{user_id}}}");
    let answer = app.browser().get_as(&root, &path).await;
    answer.json()["data"]
        .as_array()
        .expect(&answer.text)
        .clone()
}

async fn post(browser: &mut Browser, token: &str, role: Option<&str>, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(role.map(|role| ("x-role", role)));
    let body = Some(json!({}));
    browser.send(Method::POST, path, &headers, body).await
}

#[actix_web::test]
async fn who_has_no_role_gets_no_session() {
    let app = app().await;
    let (id, _) = first_time(&app, "lina").await;
    app.store().set_roles(id, &[]).await.unwrap();
    let sessions = listed(&app, "issuedTokens", id).await.len();

    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "lina").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_NO_ROLE"));
    assert!(!browser.cookies.contains_key("nb_auth_token_main"));
    let headers = [("x-authenticator", "dingtalk"), ("x-locale", "zh-CN")];
    let location = app
        .sandbox
        .choose(&browser.begin(Value::Null).await, "lina")
        .await;
    let location = url::Url::parse(&location).unwrap();
    let code = location.query_pairs().find(|(key, _)| key == "authCode");
    let by_code = ("/api/auth:signIn", json!({"authCode": code.unwrap().1}));
    let code = app.sandbox.code("lina", "jsapi").await;
    let in_app = ("/api/dingtalk:inAppSignIn", json!({"code": code}));
    for (path, body) in [by_code, in_app] {
        let answer = browser.send(Method::POST, path, &headers, Some(body)).await;
        let told = (answer.status.as_u16(), answer.code(), answer.message());
        let text = "您的账号没有角色，请联系管理员。".to_owned();
        assert_eq!(told, (403, "DINGTALK_NO_ROLE".into(), text), "{path}");
    }
    assert_eq!(listed(&app, "issuedTokens", id).await.len(), sessions);
    assert!(logs().contains(&format!("account {id} has no role")));
    let trail = listed(&app, "dingtalkAudit", id).await;
    let refused = trail.iter().filter(|row| row["result"] == "refused");
    let refused: Vec<_> = refused
        .map(|row| (row["action"].as_str().unwrap(), row["reason"].as_str()))
        .collect();
    let why = Some("DINGTALK_NO_ROLE");
    let expected = [("signIn", why), ("signIn", why), ("inAppSignIn", why)];
    assert_eq!(refused, expected, "no session, and no success: {trail:?}");

    app.store()
        .set_roles(id, &["member".to_owned()])
        .await
        .unwrap();
    assert_eq!(first_time(&app, "lina").await.0, id, "who is let in again");
}

#[actix_web::test]
async fn an_account_without_a_role_is_not_linked_and_none_is_made() {
    let app = app().await;
    let id = app.create_user("Zhang Wei", Some("13800000001")).await;
    app.store().set_roles(id, &[]).await.unwrap();
    let answer = app.browser().sign_in(&app.sandbox, "zhangwei").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_NO_ROLE"));
    assert!(app.bindings_of("user-zhangwei").await.is_empty());

    // A new account would have no role.
    let connection = app.database.connect().await;
    let no_default = in_dialect(&connection, "UPDATE \"roles\" SET \"default\" = NULL");
    connection.execute_unprepared(&no_default).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let before = app.count_users().await;
    let answer = app.browser().sign_in(&app.sandbox, "lina").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_MISCONFIGURED"));
    assert_eq!(app.count_users().await, before);
    assert!(logs().contains("new accounts get no role"));
}

#[actix_web::test]
async fn with_a_password_nocobases_way_stays_and_the_log_says_so() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let body = json!({"username": "ada", "password": "pw"});
    let mut browser = app.browser();
    let made = browser.post_as(&root, "/api/users:create", body).await;
    let id = made.id();
    app.store().set_roles(id, &[]).await.unwrap();
    let token = app.browser().sign_in_as("ada", "pw").await;
    let answer = app.browser().get_as(&token, CHECK).await;
    assert_eq!(answer.code(), "USER_HAS_NO_ROLES_ERR");
    let line = format!("account {id} has no role: it signed in with a password");
    assert!(logs().contains(&line));
}

#[actix_web::test]
async fn sessions_end_without_a_role() {
    let app = app().await;
    let (id, token) = first_time(&app, "lina").await;
    for path in [SIGN_OUT, EVERYWHERE] {
        for (roles, named) in [
            (&["member"][..], Some("admin")),
            (&["member"], Some("nobody")),
            (&[], None),
            (&[], Some("member")),
        ] {
            app.clock.advance(chrono::TimeDelta::seconds(1));
            let store = &app.server.app.store;
            let (token, _) = app
                .server
                .app
                .sessions
                .issue(store, id, "dingtalk")
                .await
                .unwrap();
            let names: Vec<_> = roles.iter().map(|&name| name.to_owned()).collect();
            app.store().set_roles(id, &names).await.unwrap();
            let mut browser = app.browser();
            let role = ("/".to_owned(), "member".to_owned());
            browser.cookies.insert("nb_role_main".to_owned(), role);
            let refused = post(&mut browser, &token, named, "/api/roles:check").await;
            assert_eq!(refused.status, 401, "{roles:?} {named:?}: {}", refused.text);
            let answer = post(&mut browser, &token, named, path).await;
            assert_eq!(
                (answer.status.as_u16(), answer.text.as_str()),
                (200, "{}"),
                "{path} {roles:?} {named:?}"
            );
            assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
            app.store()
                .set_roles(id, &["member".to_owned()])
                .await
                .unwrap();
            let answer = app.browser().get_as(&token, CHECK).await;
            assert_eq!(answer.status, 401, "{path} {roles:?} {named:?}");
        }
    }
    let answer = app.browser().get_as(&token, CHECK).await;
    assert_eq!(answer.status, 401, "everywhere");
}

#[actix_web::test]
async fn the_sessions_of_others_are_ended_with_a_role_only() {
    let app = app().await;
    let (lina, token_of_lina) = first_time(&app, "lina").await;
    let (huanglei, token) = first_time(&app, "huanglei").await;
    let body = json!({"userId": lina});
    let answer = app
        .browser()
        .post_as(&token, EVERYWHERE, body.clone())
        .await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    app.store()
        .set_roles(huanglei, &["admin".to_owned()])
        .await
        .unwrap();
    app.store().set_roles(huanglei, &[]).await.unwrap();
    let answer = app.browser().post_as(&token, EVERYWHERE, body).await;
    assert_eq!(answer.code(), "USER_HAS_NO_ROLES_ERR");
    let answer = app.browser().get_as(&token_of_lina, CHECK).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn in_front_of_nocobase_the_roles_of_departments_count_and_none_ends_sessions() {
    let gateway = TestGateway::before(nocobase(|_, _| {
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_owned()
    }))
    .await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let sandbox = &gateway.app.sandbox;
    let page = gateway.browser().sign_in(sandbox, "lina").await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap().to_owned();
    let claims = gateway.server.app.sessions.read(&token).unwrap();
    let id = claims.user_id.unwrap();
    gateway.app.store().set_roles(id, &[]).await.unwrap();
    let page = gateway.browser().sign_in(sandbox, "lina").await;
    assert_eq!(page.failure().as_deref(), Some("DINGTALK_NO_ROLE"));

    gateway.put_into_department(id, "member").await;
    let page = gateway.browser().sign_in(sandbox, "lina").await;
    assert!(page.session().is_some(), "{}", page.text);

    // Everybody may end their own sessions, so NocoBase is not asked for roles.
    let sent = gateway.upstream.heads().len();
    let answer = post(&mut gateway.browser(), &token, Some("nobody"), EVERYWHERE).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let heads = gateway.upstream.heads().split_off(sent);
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(heads[0].starts_with("POST /api/auth:signOut "), "{heads:?}");
    assert_ne!(
        header(&heads[0], "authorization").unwrap(),
        format!("Bearer {token}")
    );
}

#[actix_web::test]
async fn an_account_with_nothing_but_the_roles_of_departments_is_not_linked() {
    let gateway = TestGateway::before(nocobase(|_, _| {
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_owned()
    }))
    .await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    // Somebody left, and is still in a department that was made by hand.
    let (id, _) = gateway.member("former", Some("13800000002")).await;
    gateway.app.store().set_roles(id, &[]).await.unwrap();
    gateway.put_into_department(id, "member").await;
    let sandbox = &gateway.app.sandbox;
    let page = gateway.browser().sign_in(sandbox, "lina").await;
    assert_eq!(page.failure().as_deref(), Some("DINGTALK_NO_ROLE"));
}
