//! DingTalk is slow, down, busy or configured wrongly.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, logs};

const USER_TOKEN: &str = "/v1.0/oauth2/userAccessToken";
const ME: &str = "/v1.0/contact/users/me";
const APP_TOKEN: &str = "/v1.0/oauth2/accessToken";
const BY_UNION_ID: &str = "/topapi/user/getbyunionid";
const EMPLOYEE: &str = "/topapi/v2/user/get";
const EVERY_CALL: [&str; 5] = [USER_TOKEN, ME, APP_TOKEN, BY_UNION_ID, EMPLOYEE];

async fn app() -> TestApp {
    TestApp::with_options(json!({"public": {"autoSignup": true}})).await
}

async fn failure(app: &TestApp) -> Option<String> {
    app.browser().sign_in(&app.sandbox, "lina").await.failure()
}

#[actix_web::test]
async fn whatever_dingtalk_answers_a_person_sees_the_sign_in_page_and_nobody_is_created() {
    for endpoint in EVERY_CALL {
        let app = app().await;
        for fault in [
            "status500",
            "html",
            "malformed",
            "empty",
            "huge",
            "redirect",
            "banned",
            "breakOff",
        ] {
            app.sandbox.fault(endpoint, fault, json!(3), 0).await;
            let exchanges = app.sandbox.calls(USER_TOKEN).await;
            let failure = failure(&app).await;
            assert_eq!(
                failure.as_deref(),
                Some("DINGTALK_UNAVAILABLE"),
                "{endpoint} {fault}"
            );
            // The code is used up, whatever the answer was.
            assert!(app.sandbox.calls(USER_TOKEN).await <= exchanges + 1);
            app.sandbox.clear_faults().await;
        }
        // The redirect is not followed.
        assert_eq!(app.sandbox.calls("/oauth2/auth").await, 0);
        assert_eq!(app.count_users().await, 1);
    }
}

#[actix_web::test]
async fn an_unreachable_dingtalk_is_said_to_be_so() {
    let app = app().await;
    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    app.sandbox.stop().await;
    let answer = browser.get(&location).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_UNAVAILABLE"));
    assert!(logs().contains("DingTalk cannot be reached: no connection"));
}

#[actix_web::test]
async fn a_slow_dingtalk_is_waited_for_within_bounds() {
    let app = app().await;
    app.sandbox
        .fault(BY_UNION_ID, "slowBody", json!(1), 300)
        .await;
    assert!(
        app.browser()
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .is_some()
    );
    app.sandbox.fault(ME, "delay", json!(1), 60_000).await;
    assert_eq!(failure(&app).await.as_deref(), Some("DINGTALK_UNAVAILABLE"));
    assert!(logs().contains("DingTalk did not answer: it took too long"));
}

#[actix_web::test]
async fn a_busy_dingtalk_is_asked_again_but_never_twice_for_a_code() {
    let app = app().await;
    for endpoint in [APP_TOKEN, ME, BY_UNION_ID, EMPLOYEE] {
        app.sandbox.fault(endpoint, "throttle", json!(2), 0).await;
        let answer = app.browser().sign_in(&app.sandbox, "lina").await;
        assert!(answer.session().is_some(), "{endpoint}: {answer:?}");
    }
    let before = app.sandbox.calls(USER_TOKEN).await;
    app.sandbox.fault(USER_TOKEN, "throttle", json!(1), 0).await;
    assert_eq!(failure(&app).await.as_deref(), Some("DINGTALK_UNAVAILABLE"));
    assert_eq!(app.sandbox.calls(USER_TOKEN).await, before + 1);
    app.sandbox
        .fault(EMPLOYEE, "throttle", Value::Null, 0)
        .await;
    assert_eq!(failure(&app).await.as_deref(), Some("DINGTALK_UNAVAILABLE"));
}

/// Calls are not repeated after errors that last for minutes or weeks; the person learns which
/// error it is.
#[actix_web::test]
async fn a_limit_that_does_not_end_in_a_moment_is_not_asked_again() {
    for (fault, told, line) in [
        (
            "allowanceUsedUp",
            "DINGTALK_MISCONFIGURED",
            "used up for this month, 5001 of 5000",
        ),
        (
            "apiBanned",
            "DINGTALK_UNAVAILABLE",
            "takes no calls of this server or application for some minutes",
        ),
        (
            "banned",
            "DINGTALK_UNAVAILABLE",
            "takes no calls of this server or application for some minutes",
        ),
    ] {
        for endpoint in [APP_TOKEN, ME, BY_UNION_ID, EMPLOYEE] {
            let app = app().await;
            app.sandbox.fault(endpoint, fault, Value::Null, 0).await;
            let failure = failure(&app).await;
            assert_eq!(failure.as_deref(), Some(told), "{endpoint} {fault}");
            assert_eq!(app.sandbox.calls(endpoint).await, 1, "{endpoint} {fault}");
            let log = logs();
            assert!(log.contains(line), "{endpoint} {fault}");
            assert!(log.contains("under resource management") || fault != "allowanceUsedUp");
        }
    }
}

#[actix_web::test]
async fn the_address_that_dingtalk_saw_is_in_the_log() {
    let app = app().await;
    for (endpoint, told) in [
        (
            BY_UNION_ID,
            ", 203.0.113.9, for the application dingsandboxclient: add",
        ),
        (APP_TOKEN, ", 203.0.113.9: add"),
    ] {
        // An existing access token needs no call.
        let app = if endpoint == APP_TOKEN {
            &self::app().await
        } else {
            &app
        };
        let fault = json!({
            "endpoint": endpoint, "fault": "ipNotAllowed", "address": "203.0.113.9",
        });
        app.sandbox.next_fault(fault).await;
        let failure = failure(app).await;
        assert_eq!(failure.as_deref(), Some("DINGTALK_MISCONFIGURED"));
        let line = format!("refuses the address of this server{told}");
        assert!(logs().contains(&line), "{line}");
    }
}

#[actix_web::test]
async fn a_code_that_nobody_knows_is_a_refusal_and_not_an_absence() {
    let app = app().await;
    for (endpoint, code, told, line) in [
        (
            BY_UNION_ID,
            "isv.not-for-you",
            "DINGTALK_REFUSED",
            "DingTalk refused: isv.not-for-you",
        ),
        (
            EMPLOYEE,
            "40079",
            "DINGTALK_REFUSED",
            "DingTalk refused: 40079",
        ),
        (
            USER_TOKEN,
            "some.newCode",
            "DINGTALK_REFUSED",
            "DingTalk refused: some.newCode",
        ),
        (
            USER_TOKEN,
            "authFailed",
            "DINGTALK_MISCONFIGURED",
            "did not accept Client ID and Client Secret (authFailed",
        ),
        (
            ME,
            "staffId.notExisted",
            "DINGTALK_NOT_MEMBER",
            "this person is not in the organization",
        ),
        (
            BY_UNION_ID,
            "33001",
            "DINGTALK_MISCONFIGURED",
            "does not know the application in this organization (33001",
        ),
    ] {
        let fault = json!({"endpoint": endpoint, "fault": "refused", "code": code});
        app.sandbox.next_fault(fault).await;
        let before = app.sandbox.calls(endpoint).await;
        let failure = failure(&app).await;
        assert_eq!(failure.as_deref(), Some(told), "{endpoint} {code}");
        assert_eq!(app.sandbox.calls(endpoint).await, before + 1);
        assert!(logs().contains(line), "{line}");
    }
}

#[actix_web::test]
async fn a_missing_permission_is_named_in_the_log_and_not_on_the_page() {
    let app = app().await;
    for (permissions, named) in [
        (
            json!(["qyapi_get_member"]),
            "lacks an API permission: Contact.User.Read",
        ),
        (
            json!(["Contact.User.Read"]),
            "lacks an API permission: qyapi_get_member",
        ),
    ] {
        app.sandbox
            .change_app(json!({"permissions": permissions}))
            .await;
        assert_eq!(
            failure(&app).await.as_deref(),
            Some("DINGTALK_MISCONFIGURED"),
            "{named}"
        );
        assert!(logs().contains(named), "{named}");
    }
    app.sandbox
        .fault(BY_UNION_ID, "ipNotAllowed", json!(1), 0)
        .await;
    app.sandbox
        .change_app(json!({"permissions": ["Contact.User.Read", "qyapi_get_member"]}))
        .await;
    assert_eq!(
        failure(&app).await.as_deref(),
        Some("DINGTALK_MISCONFIGURED")
    );
    assert!(logs().contains("refuses the address of this server"));
}

#[actix_web::test]
async fn a_wrong_client_secret_is_a_matter_of_setting_up() {
    let app = TestApp::with_options(json!({"clientSecret": "not-it"})).await;
    assert_eq!(
        failure(&app).await.as_deref(),
        Some("DINGTALK_MISCONFIGURED")
    );
    assert!(logs().contains("did not accept Client ID and Client Secret"));
    assert!(!logs().contains("not-it"));
}

#[actix_web::test]
async fn the_applications_token_is_fetched_once_for_everybody() {
    let app = app().await;
    let mut browsers: Vec<_> = (0..6).map(|_| app.browser()).collect();
    let people = [
        "lina", "zhangwei", "huanglei", "chenjing", "sunhao", "marie",
    ];
    let answers = join_all(
        browsers
            .iter_mut()
            .zip(people)
            .map(|(browser, person)| browser.sign_in(&app.sandbox, person)),
    )
    .await;
    assert!(answers.iter().all(|answer| answer.session().is_some()));
    assert_eq!(app.sandbox.calls(APP_TOKEN).await, 1);
}

#[actix_web::test]
async fn a_token_that_dingtalk_no_longer_accepts_is_replaced_once() {
    let app = app().await;
    assert!(
        app.browser()
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .is_some()
    );
    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    app.sandbox.revoke_tokens().await;
    let location = app.sandbox.choose(&url, "lina").await;
    assert!(browser.get(&location).await.session().is_some());
    assert_eq!(app.sandbox.calls(APP_TOKEN).await, 2);
    // The call is not repeated without an end.
    app.sandbox
        .fault(BY_UNION_ID, "tokenInvalid", Value::Null, 0)
        .await;
    assert_eq!(failure(&app).await.as_deref(), Some("DINGTALK_UNAVAILABLE"));
    assert_eq!(app.sandbox.calls(APP_TOKEN).await, 3);
}

#[actix_web::test]
async fn the_types_of_dingtalks_samples_are_understood() {
    let app = app().await;
    app.sandbox.change_app(json!({"stringTypes": true})).await;
    let answer = app.browser().sign_in(&app.sandbox, "huanglei").await;
    assert!(answer.session().is_some(), "{answer:?}");
    let answer = app.browser().sign_in(&app.sandbox, "zhoujie").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_NOT_MEMBER"));
}

/// A thousand people who would wait for an unavailable DingTalk get an answer at once, and people
/// with a session notice nothing.
#[actix_web::test]
async fn a_dingtalk_that_is_away_holds_nobody_up() {
    let flags = ["--trusted-proxies=127.0.0.1"];
    let app = TestApp::with_flags(&flags, json!({"public": {"autoSignup": true}})).await;
    let mut lina = app.browser();
    let session = lina.sign_in(&app.sandbox, "lina").await.session().unwrap();
    let token = session["token"].as_str().unwrap();
    app.sandbox.stop().await;
    let mut answers = Vec::new();
    for round in 0..10 {
        let mut browsers: Vec<_> = (0..100).map(|_| app.browser()).collect();
        let round = browsers.iter_mut().enumerate().map(|(n, browser)| {
            let from = format!("198.18.{round}.{n}");
            async move {
                let headers = [
                    ("x-authenticator", "dingtalk"),
                    ("x-forwarded-for", from.as_str()),
                ];
                let body = Some(json!({"authCode": "some-code"}));
                let path = "/api/auth:signIn";
                browser.send(Method::POST, path, &headers, body).await
            }
        });
        answers.extend(join_all(round).await);
        let check = lina.get_as(token, "/api/auth:check").await;
        assert_eq!(check.status, 200, "{}", check.text);
    }
    for answer in &answers {
        assert_eq!(answer.code(), "DINGTALK_UNAVAILABLE", "{}", answer.text);
    }
    let logs = logs();
    let asked = logs.matches("cannot be reached: no connection").count();
    let spared = logs.matches("it did not answer a moment ago").count();
    assert!(
        spared > 800 && asked < 200,
        "{asked} asked, {spared} spared"
    );
}

#[actix_web::test]
async fn the_data_of_another_person_lets_nobody_in() {
    let app = app().await;
    app.sandbox
        .fault(EMPLOYEE, "somebodyElse", json!(1), 0)
        .await;
    assert_eq!(failure(&app).await.as_deref(), Some("DINGTALK_UNAVAILABLE"));
    assert!(logs().contains("the data of another person"));
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn a_call_that_fails_leaves_no_token_in_the_log() {
    let app = app().await;
    for fault in ["breakOff", "html", "redirect", "huge", "tokenInvalid"] {
        app.sandbox.fault(EMPLOYEE, fault, json!(2), 0).await;
        let told = failure(&app).await;
        assert_eq!(told.as_deref(), Some("DINGTALK_UNAVAILABLE"), "{fault}");
        app.sandbox.clear_faults().await;
    }
    assert!(logs().contains("DingTalk did not answer: the connection broke"));
    assert!(!logs().contains("access_token"), "{}", logs());
}
