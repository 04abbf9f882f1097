//! The way to DingTalk and back: which returns are accepted, and where they lead.

use chrono::TimeDelta;
use serde_json::{Value, json};
use url::Url;

use crate::support::{Browser, TestApp, collect_all, logs};

fn state_of(authorization_url: &str) -> String {
    let url = Url::parse(authorization_url).unwrap();
    url.query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned()
}

/// Begins a sign-in and signs in at DingTalk as Lina. Returns the address to which the browser is
/// sent back.
async fn back_from_dingtalk(app: &TestApp, browser: &mut Browser, redirect: Value) -> String {
    let url = browser.begin(redirect).await;
    app.sandbox.choose(&url, "lina").await
}

#[actix_web::test]
async fn the_button_leads_to_dingtalks_login_page() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let url = Url::parse(&browser.begin(json!("/admin/x")).await).unwrap();
    assert_eq!(url.path(), "/oauth2/auth");
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], dingtalk_sandbox::seed::CLIENT_ID);
    assert_eq!(query["scope"], "openid");
    assert_eq!(query["prompt"], "consent");
    assert_eq!(query["redirect_uri"], app.redirect_url().as_str());
    assert!(query["state"].len() >= 32);
    assert!(!url.as_str().contains(dingtalk_sandbox::seed::CLIENT_SECRET));
    let (path, cookie) = &browser.cookies[&browser.attempts()[0]];
    assert_eq!(path, "/api/");
    assert!(!cookie.contains(&query["state"]), "the cookie is encrypted");
}

#[actix_web::test]
async fn the_cookie_is_for_the_api_alone_and_never_for_scripts() {
    let app = TestApp::with_flags(&["--app-public-url=https://noco.example.com"], json!({})).await;
    let answer = app.browser().try_begin(Value::Null).await;
    let cookie = answer.header("set-cookie").to_owned();
    for part in [
        "HttpOnly",
        "SameSite=Lax",
        "Path=/api/",
        "Max-Age=600",
        "Secure",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let url = answer.json()["data"].as_str().unwrap().to_owned();
    assert!(
        !cookie.contains(&state_of(&url)),
        "who holds it cannot read it"
    );
    assert!(
        url.contains("redirect_uri=https%3A%2F%2Fnoco.example.com%2Fapi%2Fdingtalk%3Aredirect"),
        "{url}"
    );
}

#[actix_web::test]
async fn a_return_without_a_state_of_this_browser_is_refused_before_dingtalk_is_asked() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let location = back_from_dingtalk(&app, &mut browser, Value::Null).await;
    let code = app.sandbox.code("lina", "oauth").await;

    let missing = format!("/api/dingtalk:redirect?code={code}&authCode={code}");
    let unknown = format!("{missing}&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let empty = format!("{missing}&state=");
    let twice = format!("{location}&state=another");
    for path in [&missing, &unknown, &empty, &twice] {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.failure().as_deref(),
            Some("DINGTALK_STATE_INVALID"),
            "{path}"
        );
    }
    // Somebody else's browser: the attack is to sign a victim in to the attacker's account.
    let answer = app.browser().get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
    assert_eq!(app.sandbox.calls("/v1.0/oauth2/userAccessToken").await, 0);
    // None of that has used up the attempt.
    assert!(browser.get(&location).await.session().is_some());
}

#[actix_web::test]
async fn an_attempt_ends_after_ten_minutes() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let location = back_from_dingtalk(&app, &mut browser, Value::Null).await;
    app.clock.advance(TimeDelta::seconds(599));
    let in_time = back_from_dingtalk(&app, &mut browser, Value::Null).await;
    app.clock.advance(TimeDelta::seconds(2));
    let answer = browser.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_EXPIRED"));
    assert!(browser.get(&in_time).await.session().is_some());
}

#[actix_web::test]
async fn a_reload_of_the_return_leads_on_and_signs_nobody_in_again() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let location = back_from_dingtalk(&app, &mut browser, json!("/admin/x")).await;
    assert!(browser.get(&location).await.session().is_some());
    let again = browser.get(&location).await;
    assert_eq!(
        (again.status.as_u16(), again.header("location")),
        (303, "/admin/x")
    );
    assert!(again.session().is_none());
    assert_eq!(app.sandbox.calls("/v1.0/oauth2/userAccessToken").await, 1);
}

#[actix_web::test]
async fn a_cookie_that_is_put_back_does_not_revive_a_used_state() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let location = back_from_dingtalk(&app, &mut browser, Value::Null).await;
    let mut thief = browser.clone();
    assert!(browser.get(&location).await.session().is_some());
    let code = app.sandbox.code("lina", "oauth").await;
    let state = state_of(&location);
    let replay = format!("/api/dingtalk:redirect?code={code}&state={state}");
    let answer = thief.get(&replay).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_USED"));
    assert_eq!(app.sandbox.calls("/v1.0/oauth2/userAccessToken").await, 1);
}

#[actix_web::test]
async fn a_state_is_used_once_even_when_it_comes_back_many_times_at_once() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let location = back_from_dingtalk(&app, &mut browser, Value::Null).await;
    let mut tabs: Vec<_> = (0..6).map(|_| browser.clone()).collect();
    let answers =
        futures_util::future::join_all(tabs.iter_mut().map(|tab| tab.get(&location))).await;
    let sessions = answers
        .iter()
        .filter(|answer| answer.session().is_some())
        .count();
    assert_eq!(sessions, 1);
    assert_eq!(app.sandbox.calls("/v1.0/oauth2/userAccessToken").await, 1);
}

#[actix_web::test]
async fn several_tabs_can_be_on_their_way() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let first = browser.begin(json!("/admin/first")).await;
    let second = browser.begin(json!("/v/admin/second")).await;
    for (url, target) in [(second, "/v/admin/second"), (first, "/admin/first")] {
        let location = app.sandbox.choose(&url, "lina").await;
        let session = browser.get(&location).await.session().unwrap();
        assert_eq!(session["target"], target);
    }
}

#[actix_web::test]
async fn a_tampered_cookie_counts_as_none() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let location = back_from_dingtalk(&app, &mut browser, Value::Null).await;
    let name = browser.attempts().remove(0);
    let (_, value) = browser.cookies.get_mut(&name).unwrap();
    let changed = if value.ends_with('A') { "B" } else { "A" };
    value.replace_range(value.len() - 1.., changed);
    let answer = browser.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
}

#[actix_web::test]
async fn what_dingtalk_brings_back_must_be_one_code() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    for (wishes, failure) in [
        (json!({"deny": true}), "DINGTALK_DENIED"),
        (
            json!({"error": "<script>alert(1)</script>"}),
            "DINGTALK_DENIED",
        ),
        (
            json!({"person": "lina", "differentCodes": true}),
            "DINGTALK_CODE_REJECTED",
        ),
        (
            json!({"person": "lina", "withoutState": true}),
            "DINGTALK_STATE_INVALID",
        ),
    ] {
        let mut browser = app.browser();
        let url = browser.begin(Value::Null).await;
        let location = app.sandbox.return_with(&url, wishes.clone()).await;
        let answer = browser.get(&location).await;
        assert_eq!(answer.failure().as_deref(), Some(failure), "{wishes}");
        assert!(!answer.header("location").contains("script"));
    }
    // Parameters that appear twice, in either order.
    for (twice, failure) in [
        ("state", "DINGTALK_STATE_INVALID"),
        ("code", "DINGTALK_CODE_REJECTED"),
        ("authCode", "DINGTALK_CODE_REJECTED"),
    ] {
        for first in [true, false] {
            let mut browser = app.browser();
            let url = browser.begin(Value::Null).await;
            let location = app.sandbox.choose(&url, "lina").await;
            let location = if first {
                location.replacen('?', &format!("?{twice}=x&"), 1)
            } else {
                format!("{location}&{twice}=x")
            };
            let answer = browser.get(&location).await;
            assert_eq!(answer.failure().as_deref(), Some(failure), "{location}");
        }
    }
    let mut browser = app.browser();
    let state = state_of(&browser.begin(Value::Null).await);
    let answer = browser
        .get(&format!("/api/dingtalk:redirect?state={state}"))
        .await;
    assert_eq!(
        answer.failure().as_deref(),
        Some("DINGTALK_DENIED"),
        "no code at all"
    );
    assert_eq!(app.sandbox.calls("/v1.0/oauth2/userAccessToken").await, 0);
}

#[actix_web::test]
async fn either_name_of_the_code_will_do() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    for name in ["code", "authCode"] {
        let mut browser = app.browser();
        let state = state_of(&browser.begin(Value::Null).await);
        let code = app.sandbox.code("lina", "oauth").await;
        let answer = browser
            .get(&format!(
                "/api/dingtalk:redirect?{name}={code}&state={state}"
            ))
            .await;
        assert!(answer.session().is_some(), "{name}");
    }
}

#[actix_web::test]
async fn codes_of_others_and_of_the_past_are_refused() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let come_back = async |code: &str| {
        let mut browser = app.browser();
        let state = state_of(&browser.begin(Value::Null).await);
        let path = format!("/api/dingtalk:redirect?code={code}&state={state}");
        browser.get(&path).await
    };
    let used = app.sandbox.code("lina", "oauth").await;
    come_back(&used).await.session().unwrap();
    let again = come_back(&used).await;
    assert_eq!(again.failure().as_deref(), Some("DINGTALK_CODE_REJECTED"));

    let in_app = app.sandbox.code("lina", "jsapi").await;
    let expired = app.sandbox.code("lina", "oauth").await;
    app.sandbox.advance_seconds(301).await;
    for code in [&in_app, &expired, "invented", "%00", "a%0d%0ab", "%ff"] {
        let answer = come_back(code).await;
        let failure = answer.failure();
        assert_eq!(failure.as_deref(), Some("DINGTALK_CODE_REJECTED"), "{code}");
    }
}

#[actix_web::test]
async fn after_signing_in_one_stays_in_this_application() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let elsewhere = [
        json!("https://evil.example/"),
        json!("http:evil.example"),
        json!("//evil.example"),
        json!("///evil.example/x"),
        json!("/\\evil.example"),
        json!("\\\\evil.example"),
        json!("/\t/evil.example"),
        json!("/\n/evil.example"),
        json!(" //evil.example"),
        json!("javascript:alert(1)"),
        json!("data:text/html,<script>1</script>"),
        json!("evil.example"),
        json!("/..//evil.example"),
        json!("//user@evil.example"),
        json!("https:/evil.example"),
        json!("/signin?redirect=//evil.example"),
        json!(""),
        Value::Null,
    ];
    for redirect in elsewhere {
        let mut browser = app.browser();
        let location = back_from_dingtalk(&app, &mut browser, redirect.clone()).await;
        let session = browser.get(&location).await.session().unwrap();
        assert_eq!(session["target"], "/admin", "{redirect}");
        // The reload leads to the same page.
        assert_eq!(browser.get(&location).await.header("location"), "/admin");
    }
    let mut browser = app.browser();
    let answer = browser.try_begin(json!({"$ne": 1})).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}

#[actix_web::test]
async fn a_failure_leads_to_the_sign_in_page_that_one_came_from() {
    let app = TestApp::start().await;
    for (redirect, start) in [
        (
            "/admin/x?a=1",
            "/signin?redirect=%2Fadmin%2Fx%3Fa%3D1&authenticator=dingtalk&dingtalkError=DINGTALK_DENIED",
        ),
        (
            "/v/admin",
            "/v/signin?redirect=%2Fv%2Fadmin&authenticator=dingtalk&dingtalkError=DINGTALK_DENIED",
        ),
    ] {
        let mut browser = app.browser();
        let url = browser.begin(json!(redirect)).await;
        let location = app.sandbox.return_with(&url, json!({"deny": true})).await;
        let answer = browser.get(&location).await;
        let number = answer.header("x-request-id");
        let expected = format!("{start}&dingtalkRequest={number}");
        assert_eq!(answer.header("location"), expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[actix_web::test]
async fn under_a_public_path_everything_stays_below_it() {
    let app = TestApp::with_flags(
        &["--app-public-path=/nocobase/"],
        json!({"public": {"autoSignup": true}}),
    )
    .await;
    let mut browser = app.browser();
    let headers = [("x-authenticator", "dingtalk")];
    let body = Some(json!({"redirect": "/admin/x"}));
    let answer = browser
        .send(
            reqwest::Method::POST,
            "/nocobase/api/dingtalk:getAuthUrl",
            &headers,
            body,
        )
        .await;
    let url = answer.json()["data"].as_str().unwrap().to_owned();
    let location = app.sandbox.choose(&url, "lina").await;
    assert!(
        location.contains("/nocobase/api/dingtalk:redirect?"),
        "{location}"
    );
    assert_eq!(browser.cookies[&browser.attempts()[0]].0, "/nocobase/api/");
    let landed = browser.get(&location).await;
    assert_eq!(landed.session().unwrap()["target"], "/nocobase/admin/x");
    assert_eq!(browser.cookies["nb_auth_token_main"].0, "/nocobase");
    assert_eq!(browser.get("/api/app:getInfo").await.status, 307, "outside");
}

#[actix_web::test]
async fn the_session_is_handed_over_in_a_page_that_nobody_keeps() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "lina").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let way_on = "location.replace(session.target);";
    assert!(answer.text.contains(way_on), "{}", answer.text);
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'nonce-"),
        "{policy}"
    );
    let nonce = policy
        .split('\'')
        .nth(3)
        .unwrap()
        .strip_prefix("nonce-")
        .unwrap();
    assert!(answer.text.contains(&format!("<script nonce=\"{nonce}\">")));
    let token = answer.session().unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(browser.cookies["nb_auth_token_main"].1, token);
    for name in [
        "nb_authenticator_main",
        "nb_csrf_token_main",
        "nb_role_main",
    ] {
        assert!(browser.cookies.contains_key(name), "{name}");
    }
    // Cookies alone do not authenticate anybody at the API, so pages of other sites cannot use
    // them.
    assert_eq!(browser.get("/api/auth:check").await.code(), "EMPTY_TOKEN");
}

#[actix_web::test]
async fn another_sites_page_cannot_begin_a_sign_in() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for said in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1"),
        ("origin", "not an origin"),
        ("referer", "https://evil.example/page"),
        ("referer", "not an address"),
    ] {
        let headers = [("x-authenticator", "dingtalk"), said];
        let answer = browser
            .send(
                reqwest::Method::POST,
                "/api/dingtalk:getAuthUrl",
                &headers,
                Some(json!({})),
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (403, "Invalid sign-in origin")
        );
    }
    let own = app.url("");
    let headers = [("x-authenticator", "dingtalk"), ("origin", own.as_str())];
    let answer = browser
        .send(
            reqwest::Method::POST,
            "/api/dingtalk:getAuthUrl",
            &headers,
            Some(json!({})),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn forwarding_headers_count_only_from_a_trusted_proxy() {
    let forwarded = [
        ("x-authenticator", "dingtalk"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example, noco.example.com"),
    ];
    let redirect_uri = async |app: &TestApp| {
        let mut browser = app.browser();
        let path = "/api/dingtalk:getAuthUrl";
        let answer = browser
            .send(reqwest::Method::POST, path, &forwarded, Some(json!({})))
            .await;
        let url = Url::parse(answer.json()["data"].as_str().unwrap()).unwrap();
        url.query_pairs()
            .find(|(key, _)| key == "redirect_uri")
            .unwrap()
            .1
            .into_owned()
    };
    let app = TestApp::start().await;
    assert_eq!(redirect_uri(&app).await, app.redirect_url().as_str());
    let app = TestApp::with_flags(&["--trusted-proxies=127.0.0.0/8"], json!({})).await;
    assert_eq!(
        redirect_uri(&app).await,
        "https://noco.example.com/api/dingtalk:redirect"
    );
    let app = TestApp::with_flags(&["--trusted-proxies=10.0.0.1"], json!({})).await;
    assert_eq!(redirect_uri(&app).await, app.redirect_url().as_str());
}

#[actix_web::test]
async fn a_switched_off_authenticator_or_plugin_begins_nothing() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for name in ["basic", "nobody", "DingTalk"] {
        let headers = [("x-authenticator", name)];
        let answer = browser
            .send(
                reqwest::Method::POST,
                "/api/dingtalk:getAuthUrl",
                &headers,
                Some(json!({})),
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "DINGTALK_DISABLED"),
            "{name}"
        );
    }
}

#[actix_web::test]
async fn incomplete_options_are_the_operators_business() {
    let app = TestApp::with_options(json!({"clientSecret": ""})).await;
    let answer = app.browser().try_begin(Value::Null).await;
    assert_eq!(answer.code(), "DINGTALK_MISCONFIGURED");
    assert!(logs().contains(
        "authenticator dingtalk: the authenticator's options are incomplete or wrong: clientSecret"
    ));
}

#[actix_web::test]
async fn messages_are_in_the_language_of_the_page() {
    let app = TestApp::start().await;
    let headers = [("x-authenticator", "nobody"), ("x-locale", "zh-CN")];
    let answer = app
        .browser()
        .send(
            reqwest::Method::POST,
            "/api/dingtalk:getAuthUrl",
            &headers,
            Some(json!({})),
        )
        .await;
    assert_eq!(answer.message(), "钉钉登录未启用。");
}

#[actix_web::test]
async fn nothing_secret_is_logged_or_put_into_an_address() {
    collect_all();
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut secrets = vec![
        dingtalk_sandbox::seed::CLIENT_SECRET.to_owned(),
        "access_token=".to_owned(),
    ];
    for person in ["lina", "emma", "liuyang"] {
        let mut browser = app.browser();
        let url = browser.begin(Value::Null).await;
        let location = app.sandbox.choose(&url, person).await;
        let answer = browser.get(&location).await;
        let code = Url::parse(&location).unwrap();
        secrets.push(
            code.query_pairs()
                .find(|(key, _)| key == "code")
                .unwrap()
                .1
                .into_owned(),
        );
        secrets.push(state_of(&location));
        if let Some(session) = answer.session() {
            secrets.push(session["token"].as_str().unwrap().to_owned());
            browser
                .get_as(session["token"].as_str().unwrap(), "/api/auth:check")
                .await;
        } else {
            assert!(
                secrets
                    .iter()
                    .all(|secret| !answer.header("location").contains(secret))
            );
        }
    }
    let mut browser = app.browser();
    let token = app.root_token().await;
    browser.get(&format!("/api/auth:check?token={token}")).await;
    secrets.extend([token, "admin123".to_owned()]);
    app.sandbox
        .fault("/topapi/user/getbyunionid", "status500", Value::Null, 0)
        .await;
    browser.sign_in(&app.sandbox, "zhangwei").await;
    let logs = logs();
    assert!(
        logs.contains("path=/api/dingtalk:redirect kind=own status=200"),
        "the requests themselves are logged"
    );
    for secret in secrets {
        let line = logs.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret}");
    }
}
