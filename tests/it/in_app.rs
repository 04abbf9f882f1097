//! Signing in inside DingTalk, over HTTP, with a code that the page got from DingTalk's client.

use nocobase_dingtalk::server::BoundServer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestApp, logs};

const ROUTE: &str = "/api/dingtalk:inAppSignIn";
const EXCHANGE: &str = "/topapi/v2/user/getuserinfo";
const USER_TOKEN: &str = "/v1.0/oauth2/userAccessToken";
const CORP_ID: &str = dingtalk_sandbox::seed::CORP_ID;
const CLIENT_ID: &str = dingtalk_sandbox::seed::CLIENT_ID;

fn options() -> Value {
    json!({"corpId": CORP_ID, "public": {"autoSignIn": true, "autoSignup": true}})
}

/// A server whose people are signed in, and signed up, inside DingTalk.
async fn app() -> TestApp {
    TestApp::with_options(options()).await
}

async fn try_with(browser: &mut Browser, headers: &[(&str, &str)], body: Value) -> Answer {
    let headers = [&[("x-authenticator", "dingtalk")], headers].concat();
    browser
        .send(Method::POST, ROUTE, &headers, Some(body))
        .await
}

async fn try_code(browser: &mut Browser, code: &str) -> Answer {
    try_with(browser, &[], json!({"code": code})).await
}

#[actix_web::test]
async fn who_opens_a_page_inside_dingtalk_gets_a_session_as_from_anywhere_else() {
    let app = app().await;
    let mut browser = app.browser();
    let code = app.sandbox.code("lina", "jsapi").await;
    let asked = json!({"code": code, "redirect": "/v/admin/orders?open=7"});
    let answer = try_with(&mut browser, &[], asked).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
    let data = answer.json()["data"].clone();
    assert_eq!(data["user"]["nickname"], "李娜");
    assert_eq!(data["redirect"], "/v/admin/orders?open=7");
    assert!(browser.cookies.contains_key("nb_auth_token_main"));
    let token = data["token"].as_str().unwrap();
    let me = browser.get_as(token, "/api/auth:check").await.json();
    assert_eq!(me["data"]["id"], data["user"]["id"]);

    // The login page leads to the same account.
    let answer = app.browser().sign_in(&app.sandbox, "lina").await;
    let session = answer.session().unwrap();
    let there = session["token"].as_str().unwrap();
    let me = app.browser().get_as(there, "/api/auth:check").await.json();
    assert_eq!(me["data"]["id"], data["user"]["id"]);
}

#[actix_web::test]
async fn the_way_on_stays_in_this_application() {
    let app = app().await;
    for asked in [
        "//elsewhere.example/",
        "https://elsewhere.example/",
        "/\\x",
        "/signin",
    ] {
        let code = app.sandbox.code("lina", "jsapi").await;
        let body = json!({"code": code, "redirect": asked});
        let answer = try_with(&mut app.browser(), &[], body).await;
        assert_eq!(answer.json()["data"]["redirect"], "/admin", "{asked}");
    }
}

#[actix_web::test]
async fn a_code_works_once_and_for_five_minutes() {
    let app = app().await;
    let code = app.sandbox.code("lina", "jsapi").await;
    assert_eq!(try_code(&mut app.browser(), &code).await.status, 200);
    let again = try_code(&mut app.browser(), &code).await;
    assert_eq!(
        (again.status.as_u16(), again.code()),
        (401, "DINGTALK_CODE_REJECTED".into())
    );
    assert!(!again.text.contains("token"));

    let code = app.sandbox.code("lina", "jsapi").await;
    app.sandbox.advance_seconds(300).await;
    assert_eq!(
        try_code(&mut app.browser(), &code).await.code(),
        "DINGTALK_CODE_REJECTED"
    );
    assert!(logs().contains("DingTalk did not accept the authorization code"));
}

#[actix_web::test]
async fn the_two_kinds_of_code_are_never_mixed() {
    let app = app().await;
    let oauth = app.sandbox.code("lina", "oauth").await;
    assert_eq!(
        try_code(&mut app.browser(), &oauth).await.code(),
        "DINGTALK_CODE_REJECTED"
    );
    assert_eq!(
        app.sandbox.calls(USER_TOKEN).await,
        0,
        "it is not tried there"
    );
    let exchanges = app.sandbox.calls(EXCHANGE).await;

    let in_app = app.sandbox.code("lina", "jsapi").await;
    let mut browser = app.browser();
    let body = Some(json!({"authCode": in_app}));
    let headers = [("x-authenticator", "dingtalk")];
    let answer = browser
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
    let url = url::Url::parse(&browser.begin(Value::Null).await).unwrap();
    let (_, state) = url.query_pairs().find(|(key, _)| key == "state").unwrap();
    let path = format!("/api/dingtalk:redirect?code={in_app}&authCode={in_app}&state={state}");
    let answer = browser.get(&path).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_CODE_REJECTED"));
    assert_eq!(
        app.sandbox.calls(EXCHANGE).await,
        exchanges,
        "it is not tried there"
    );
    // None of that has used the code up.
    assert_eq!(try_code(&mut browser, &in_app).await.status, 200);
}

#[actix_web::test]
async fn a_code_of_another_app_is_refused() {
    let app = app().await;
    let code = app.sandbox.in_app_code("lina", "dingotherclient").await;
    assert_eq!(
        try_code(&mut app.browser(), &code).await.code(),
        "DINGTALK_CODE_REJECTED"
    );
    let code = app.sandbox.in_app_code("lina", CLIENT_ID).await;
    assert_eq!(try_code(&mut app.browser(), &code).await.status, 200);
    // Somebody of another company, whose DingTalk has issued a code for this app.
    let code = app.sandbox.code("emma", "jsapi").await;
    assert_eq!(
        try_code(&mut app.browser(), &code).await.code(),
        "DINGTALK_CODE_REJECTED"
    );
}

#[actix_web::test]
async fn what_is_no_code_is_refused_before_dingtalk_is_asked() {
    let app = app().await;
    for (body, status) in [
        (json!({}), 401),
        (json!({"code": ""}), 401),
        (json!({"code": null}), 401),
        (json!({"authCode": "x"}), 401),
        (json!({"code": {"$ne": "x"}}), 400),
        (json!({"code": ["x"]}), 400),
        (json!([]), 401),
    ] {
        let answer = try_with(&mut app.browser(), &[], body.clone()).await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
    }
    assert_eq!(app.sandbox.calls(EXCHANGE).await, 0);
}

#[actix_web::test]
async fn another_sites_page_cannot_hand_in_a_code() {
    let app = app().await;
    let code = app.sandbox.code("lina", "jsapi").await;
    for header in [
        ("origin", "https://elsewhere.example"),
        ("origin", "null"),
        ("referer", "https://elsewhere.example/x"),
    ] {
        let answer = try_with(&mut app.browser(), &[header], json!({"code": code})).await;
        assert_eq!(answer.status, 403, "{header:?}");
        assert!(answer.header("set-cookie").is_empty());
    }
    assert_eq!(app.sandbox.calls(EXCHANGE).await, 0);
    let own = app.url("");
    let answer = try_with(
        &mut app.browser(),
        &[("origin", &own)],
        json!({"code": code}),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_form_cannot_hand_in_a_code() {
    let app = app().await;
    let code = app.sandbox.code("lina", "jsapi").await;
    for (method, content_type, body) in [
        (
            "POST",
            "application/x-www-form-urlencoded",
            format!("code={code}"),
        ),
        ("POST", "text/plain", format!("{{\"code\":\"{code}\"}}")),
    ] {
        let answer = app.raw(&format!(
            "{method} {ROUTE} HTTP/1.1\r\nHost: {}\r\nX-Authenticator: dingtalk\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            app.server.address,
            body.len(),
        ));
        assert!(
            answer.starts_with("HTTP/1.1 400 "),
            "{content_type}: {answer}"
        );
    }
    let query = app.browser().get(&format!("{ROUTE}?code={code}")).await;
    assert_eq!(query.status, 400);
    assert_eq!(app.sandbox.calls(EXCHANGE).await, 0);
    assert_eq!(try_code(&mut app.browser(), &code).await.status, 200);
}

#[actix_web::test]
async fn it_takes_an_enabled_authenticator_that_wants_it_and_the_plugin() {
    let off = TestApp::with_options(json!({"corpId": CORP_ID})).await;
    let code = off.sandbox.code("lina", "jsapi").await;
    let answer = try_code(&mut off.browser(), &code).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (403, "DINGTALK_DISABLED".into())
    );
    assert_eq!(off.sandbox.calls(EXCHANGE).await, 0);

    let app = app().await;
    let code = app.sandbox.code("lina", "jsapi").await;
    let mut root = app.browser();
    let token = app.root_token().await;
    for name in ["basic", "nobody"] {
        let headers = [("x-authenticator", name)];
        let body = Some(json!({"code": code}));
        let answer = app
            .browser()
            .send(Method::POST, ROUTE, &headers, body)
            .await;
        assert_eq!(answer.code(), "DINGTALK_DISABLED", "{name}");
    }
    let path = "/api/authenticators:update?filterByTk=2";
    let saved = root.post_as(&token, path, json!({"enabled": false})).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    assert_eq!(
        try_code(&mut app.browser(), &code).await.code(),
        "DINGTALK_DISABLED"
    );
    root.post_as(&token, path, json!({"enabled": true})).await;
    root.get_as(
        &token,
        "/api/pm:disable?filterByTk=auth-dingtalk&awaitResponse=1",
    )
    .await;
    assert_eq!(
        try_code(&mut app.browser(), &code).await.code(),
        "DINGTALK_DISABLED"
    );
    root.get_as(
        &token,
        "/api/pm:enable?filterByTk=auth-dingtalk&awaitResponse=1",
    )
    .await;
    assert_eq!(app.sandbox.calls(EXCHANGE).await, 0);
    assert_eq!(try_code(&mut app.browser(), &code).await.status, 200);
}

#[actix_web::test]
async fn the_organization_is_asked_as_after_the_login_page() {
    let app = app().await;
    for (patch, refusal) in [
        (
            json!({"standing": "externalContact"}),
            "DINGTALK_NOT_MEMBER",
        ),
        (json!({"standing": "outOfScope"}), "DINGTALK_NOT_MEMBER"),
    ] {
        let code = app.sandbox.code("huanglei", "jsapi").await;
        app.sandbox.change_person("huanglei", patch.clone()).await;
        let answer = try_code(&mut app.browser(), &code).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (403, refusal.into()),
            "{patch}"
        );
        app.sandbox
            .change_person("huanglei", json!({"standing": "employee"}))
            .await;
    }
    // The person of the code and the person with the unionId must be the same.
    let code = app.sandbox.code("huanglei", "jsapi").await;
    let by_union_id = "/topapi/user/getbyunionid";
    app.sandbox
        .fault(by_union_id, "somebodyElse", json!(1), 0)
        .await;
    let answer = try_code(&mut app.browser(), &code).await;
    assert_eq!(answer.code(), "DINGTALK_UNAVAILABLE");
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn nobody_is_signed_up_where_the_authenticator_does_not() {
    let app = TestApp::with_options(json!({
        "corpId": CORP_ID, "public": {"autoSignIn": true},
    }))
    .await;
    let code = app.sandbox.code("lina", "jsapi").await;
    let answer = try_code(&mut app.browser(), &code).await;
    assert_eq!(answer.code(), "DINGTALK_USER_NOT_FOUND");
    // The account is found by the organization's number, as after the login page.
    let id = app.create_user("Wei", Some("13800000001")).await;
    let code = app.sandbox.code("zhangwei", "jsapi").await;
    let answer = try_code(&mut app.browser(), &code).await;
    assert_eq!(answer.json()["data"]["user"]["id"], id);
}

#[actix_web::test]
async fn a_code_is_exchanged_once_but_a_stale_token_of_the_app_is_no_ones_fault() {
    let app = app().await;
    let code = app.sandbox.code("lina", "jsapi").await;
    assert_eq!(try_code(&mut app.browser(), &code).await.status, 200);
    let before = app.sandbox.calls(EXCHANGE).await;
    app.sandbox.fault(EXCHANGE, "throttle", json!(1), 0).await;
    let code = app.sandbox.code("lina", "jsapi").await;
    assert_eq!(
        try_code(&mut app.browser(), &code).await.code(),
        "DINGTALK_UNAVAILABLE"
    );
    assert_eq!(app.sandbox.calls(EXCHANGE).await, before + 1);

    app.sandbox.revoke_tokens().await;
    let code = app.sandbox.code("lina", "jsapi").await;
    assert_eq!(try_code(&mut app.browser(), &code).await.status, 200);
}

#[actix_web::test]
async fn visitors_learn_the_organization_only_where_it_is_needed() {
    let listed = async |app: &TestApp| {
        let answer = app.browser().get("/api/authenticators:publicList").await;
        let all = answer.json()["data"].as_array().unwrap().clone();
        let ours = all
            .into_iter()
            .find(|row| row["name"] == "dingtalk")
            .unwrap();
        assert!(!answer.text.contains(dingtalk_sandbox::seed::CLIENT_SECRET));
        ours["options"].clone()
    };
    let options = listed(&app().await).await;
    assert_eq!(
        options["inApp"],
        json!({"clientId": CLIENT_ID, "corpId": CORP_ID})
    );

    let off = TestApp::with_options(json!({
        "corpId": CORP_ID, "public": {"autoSignIn": false, "inApp": {"clientId": "forged"}},
    }))
    .await;
    assert_eq!(listed(&off).await, json!({"autoSignIn": false}));
}

#[actix_web::test]
async fn where_the_login_page_is_opened_no_code_is_taken_and_no_organization_is_needed() {
    let public = json!({"autoSignIn": true, "autoSignInBy": "redirect", "autoSignup": true});
    let app = TestApp::with_options(json!({ "public": public })).await;
    let listed = app.browser().get("/api/authenticators:publicList").await;
    let all = listed.json()["data"].as_array().unwrap().clone();
    let ours = all.iter().find(|row| row["name"] == "dingtalk").unwrap();
    assert_eq!(ours["options"], public, "{}", listed.text);

    let code = app.sandbox.code("lina", "jsapi").await;
    let refused = try_code(&mut app.browser(), &code).await;
    assert_eq!(refused.code(), "DINGTALK_DISABLED", "{}", refused.text);
    assert_eq!(app.sandbox.calls(EXCHANGE).await, 0);

    // The page inside DingTalk asks for the address as the button does, and is led to the page that was linked.
    let page = app.browser().sign_in(&app.sandbox, "lina").await;
    assert!(page.session().is_some(), "{}", page.text);

    let off = json!({"public": {"autoSignInBy": "redirect", "autoSignup": true}});
    let off = TestApp::with_options(off).await;
    let code = off.sandbox.code("lina", "jsapi").await;
    let refused = try_code(&mut off.browser(), &code).await;
    assert_eq!(refused.code(), "DINGTALK_DISABLED", "{}", refused.text);
}

#[actix_web::test]
async fn it_cannot_be_switched_on_without_the_organization() {
    let app = TestApp::start().await;
    let mut root = app.browser();
    let token = app.root_token().await;
    let options = |corp_id: &str| {
        json!({"options": {
            "clientId": CLIENT_ID, "clientSecret": "********", "corpId": corp_id,
            "public": {"autoSignIn": true},
        }})
    };
    let path = "/api/authenticators:update?filterByTk=2";
    let refused = root.post_as(&token, path, options(" ")).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.message().contains("Corp ID"), "{}", refused.text);
    let saved = root.post_as(&token, path, options(CORP_ID)).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
}

const REPORT: &str = "/api/dingtalk:inAppFailed";

async fn report(app: &TestApp, headers: &[(&str, &str)], body: Value) -> Answer {
    let headers = [&[("x-authenticator", "dingtalk")], headers].concat();
    let mut browser = app.browser();
    browser
        .send(Method::POST, REPORT, &headers, Some(body))
        .await
}

#[actix_web::test]
async fn what_fails_before_the_server_is_asked_is_told_in_words_of_a_list() {
    let app = TestApp::with_flags(&["--metrics-port=0"], options()).await;
    let operations = BoundServer::bind_operations(&app.server.opened)
        .unwrap()
        .unwrap();
    let mut watcher = Browser::at(operations.address());
    actix_web::rt::spawn(operations.run());
    for (code, line, label) in [
        (
            "PAGE_REFUSED",
            "(errorCode 3): the Corp ID",
            "IN_APP_PAGE_REFUSED",
        ),
        (
            "NO_ANSWER",
            "did not answer in time (Ios)",
            "IN_APP_NO_ANSWER",
        ),
        ("NO_LIBRARY", "library did not load", "IN_APP_NO_LIBRARY"),
        ("CANCELLED", "did not want to", "IN_APP_CANCELLED"),
        ("OTHER", "for another reason", "IN_APP_OTHER"),
    ] {
        let answer = report(&app, &[], json!({"code": code, "platform": "ios"})).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
        let begins = "inside DingTalk through dingtalk failed before the server was asked: ";
        let told = |text: &str| text.contains(begins) && text.contains(line);
        assert!(logs().lines().any(told), "{line}");
        let metrics = watcher.get("/metrics").await.text;
        let count = format!("provider=\"dingtalk_in_app\",result=\"{label}\"}} 1");
        assert!(metrics.contains(&count), "{label}: {metrics}");
    }
}

#[actix_web::test]
async fn nobody_writes_words_of_their_own_into_the_log() {
    let app = app().await;
    let good = json!({"code": "OTHER", "platform": "pc"});
    for (headers, body, status) in [
        (
            &[][..],
            json!({"code": "free words", "platform": "ios"}),
            400,
        ),
        (&[], json!({"code": "OTHER", "platform": "my phone"}), 400),
        (&[], json!({"code": "OTHER"}), 400),
        (&[], json!({}), 400),
        (
            &[("origin", "https://elsewhere.example")],
            good.clone(),
            403,
        ),
        (&[("content-type", "text/plain")], good.clone(), 400),
    ] {
        let answer = report(&app, headers, body.clone()).await;
        assert_eq!(answer.status, status, "{headers:?} {body}");
    }
    for _ in 0..4 {
        assert_eq!(report(&app, &[], good.clone()).await.status, 200);
    }
    // The number of reports is limited.
    let mut told = 0;
    while report(&app, &[], good.clone()).await.status == 200 {
        told += 1;
        assert!(told < 50);
    }
    assert!(!logs().contains("free words") && !logs().contains("my phone"));
    let off = TestApp::with_options(json!({"corpId": CORP_ID})).await;
    assert_eq!(report(&off, &[], good).await.code(), "DINGTALK_DISABLED");
}

/// The server decides after which refusals an open session of another person ends.
#[actix_web::test]
async fn a_refusal_says_whether_another_persons_session_ends() {
    let app = TestApp::with_options(json!({
        "corpId": CORP_ID, "public": {"autoSignIn": true},
    }))
    .await;
    let refused = async |person: &str| {
        let code = app.sandbox.code(person, "jsapi").await;
        let answer = try_code(&mut app.browser(), &code).await;
        (
            answer.code(),
            answer.json()["errors"][0]["endsSession"].clone(),
        )
    };
    let ends = |code: &str| (code.to_owned(), json!(true));
    let goes_on = |code: &str| (code.to_owned(), Value::Null);
    assert_eq!(refused("lina").await, ends("DINGTALK_USER_NOT_FOUND"));
    assert_eq!(refused("wuqiang").await, ends("DINGTALK_NOT_MEMBER"));

    // The userid of somebody who has left is given to another person.
    let id = app.create_user("Lina", None).await;
    let meta = json!({"userId": "user-lina", "unionId": "union-somebody"});
    let bound = app.bind("dingtalk", "user-lina", id, meta);
    bound.await.unwrap();
    assert_eq!(refused("lina").await, ends("DINGTALK_REISSUED"));
    let id = app.create_user("Zhang Wei", Some("13800000001")).await;
    app.store().set_roles(id, &[]).await.unwrap();
    assert_eq!(refused("zhangwei").await, ends("DINGTALK_NO_ROLE"));
    app.create_user("Another", Some("+8613800000001")).await;
    assert_eq!(refused("zhangwei").await, ends("DINGTALK_AMBIGUOUS"));
    let root = app.create_user("Root", Some("13800000003")).await;
    app.store().grant_role(root, "root", None).await.unwrap();
    assert_eq!(refused("wangfang").await, ends("DINGTALK_CONFLICT"));

    for (fault, code) in [
        ("throttle", "DINGTALK_UNAVAILABLE"),
        ("ipNotAllowed", "DINGTALK_MISCONFIGURED"),
    ] {
        app.sandbox.fault(EXCHANGE, fault, json!(1), 0).await;
        assert_eq!(refused("lina").await, goes_on(code));
    }
    let fault = json!({"endpoint": EXCHANGE, "fault": "refused", "code": "isv.new"});
    app.sandbox.next_fault(fault).await;
    assert_eq!(refused("lina").await, goes_on("DINGTALK_REFUSED"));
    let answer = try_code(&mut app.browser(), "nonsense").await;
    assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
    assert_eq!(answer.json()["errors"][0]["endsSession"], Value::Null);
}
