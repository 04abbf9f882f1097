//! Failures on demand.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Fake, authorization_path};

const NEW: &str = "/v1.0/contact/users/me";
const OLD: &str = "/topapi/v2/user/get";
const PAGE: &str = "/oauth2/auth";

/// Long enough that no test would wait for its end, and none does.
const VERY_LONG: u64 = 600_000;
const SHORT: Duration = Duration::from_millis(200);

async fn order(fake: &Fake, endpoint: &str, fault: &str, times: Value) {
    let body = json!({"endpoint": endpoint, "fault": fault, "times": times});
    fake.control(Method::POST, "/faults", body).await;
}

#[tokio::test]
async fn each_fault_has_the_form_of_its_family() {
    let fake = Fake::start();
    let cases = [
        ("status500", NEW, 500, "unknownError"),
        ("status500", OLD, 500, "-1"),
        (
            "throttle",
            NEW,
            403,
            "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
        ),
        ("throttle", OLD, 200, "90018"),
        (
            "apiBanned",
            NEW,
            403,
            "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
        ),
        ("apiBanned", OLD, 200, "90002"),
        (
            "allowanceUsedUp",
            NEW,
            403,
            "Forbidden.AccessDenied.ApiCountLimitForOrg",
        ),
        ("allowanceUsedUp", OLD, 200, "90020"),
        (
            "permissionMissing",
            NEW,
            403,
            "Forbidden.AccessDenied.AccessTokenPermissionDenied",
        ),
        ("permissionMissing", OLD, 200, "60011"),
        (
            "ipNotAllowed",
            NEW,
            403,
            "Forbidden.AccessDenied.IpNotInWhiteList",
        ),
        ("ipNotAllowed", OLD, 200, "60020"),
        ("tokenInvalid", NEW, 400, "InvalidAuthentication"),
        ("tokenInvalid", OLD, 200, "40014"),
    ];
    let token = fake.user_token("lina").await;
    for (fault, endpoint, status, reason) in cases {
        order(&fake, endpoint, fault, json!(1)).await;
        let answer = if endpoint == NEW {
            fake.profile(&token, "me").await
        } else {
            fake.old(OLD, json!({"userid": "user-lina"})).await
        };
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (status, reason),
            "{fault} {endpoint}"
        );
        let is_wrapped = answer.json()["errcode"] == 88;
        let never = ["status500", "allowanceUsedUp"].contains(&fault);
        let must_be_wrapped = endpoint == OLD && !never;
        assert_eq!(is_wrapped, must_be_wrapped, "{fault} {endpoint}");
    }
    // Each struck once.
    assert_eq!(fake.profile(&token, "me").await.status, 200);
    assert_eq!(
        fake.old(OLD, json!({"userid": "user-lina"})).await.reason(),
        "0"
    );
}

#[tokio::test]
async fn a_missing_permission_names_the_scope_of_the_call() {
    let fake = Fake::start();
    order(
        &fake,
        "/topapi/v2/user/getbymobile",
        "permissionMissing",
        json!(1),
    )
    .await;
    let old = fake
        .old(
            "/topapi/v2/user/getbymobile",
            json!({"mobile": "13800000001"}),
        )
        .await;
    assert!(
        old.text
            .contains("requiredScopes=[qyapi_get_member_by_mobile]"),
        "{}",
        old.text
    );
    order(&fake, NEW, "permissionMissing", json!(1)).await;
    let new = fake.get(NEW).await.json();
    assert_eq!(
        new["accessdenieddetail"]["requiredScopes"],
        json!(["Contact.User.Read"])
    );
}

#[tokio::test]
async fn a_refusal_has_the_code_of_choice_and_an_address_the_one_of_choice() {
    let fake = Fake::start();
    let ask = async |endpoint: &str, mut fault: Value| {
        fault["endpoint"] = json!(endpoint);
        fake.control(Method::POST, "/faults", fault).await;
        if endpoint == NEW {
            fake.get(NEW).await
        } else {
            fake.old(OLD, json!({"userid": "user-lina"})).await
        }
    };
    for (endpoint, code, status) in [
        (NEW, "a.newCode", 400),
        (OLD, "isv.x", 200),
        (OLD, "7", 200),
    ] {
        let answer = ask(endpoint, json!({"fault": "refused", "code": code})).await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (status, code),
            "{endpoint}"
        );
    }
    for endpoint in [NEW, OLD] {
        let seen = json!({"fault": "ipNotAllowed", "address": "203.0.113.9"});
        let answer = ask(endpoint, seen).await;
        assert!(answer.text.contains("request ip=203.0.113.9"));
        let answer = ask(endpoint, json!({"fault": "ipNotAllowed"})).await;
        assert!(answer.text.contains("request ip=127.0.0.1"));
    }
    for wrong in [
        json!({"endpoint": OLD, "fault": "refused"}),
        json!({"endpoint": OLD, "fault": "empty", "code": "7"}),
    ] {
        let request = fake.request(Method::POST, "/_sandbox/faults").json(&wrong);
        assert_eq!(fake.send(request).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn answers_that_are_no_json() {
    let fake = Fake::start();
    for endpoint in ["/gettoken", NEW, PAGE] {
        order(&fake, endpoint, "html", json!(1)).await;
        order(&fake, endpoint, "malformed", json!(1)).await;
        let html = fake.get(endpoint).await;
        assert!(
            html.text.starts_with("<!doctype html>"),
            "{endpoint}: {}",
            html.text
        );
        let malformed = fake.get(endpoint).await;
        assert!(
            serde_json::from_str::<Value>(&malformed.text).is_err(),
            "{endpoint}"
        );
        assert_eq!(
            malformed.headers["content-type"], "application/json",
            "{endpoint}"
        );
    }
}

#[tokio::test]
async fn answers_that_no_client_should_trust() {
    let fake = Fake::start();
    for endpoint in ["/gettoken", NEW] {
        for fault in ["empty", "huge", "redirect", "banned"] {
            order(&fake, endpoint, fault, json!(1)).await;
        }
        assert_eq!(fake.get(endpoint).await.text, "");
        assert!(fake.get(endpoint).await.text.len() > 4 << 20);
        let elsewhere = fake.get(endpoint).await;
        assert_eq!(elsewhere.status, 302);
        assert_eq!(elsewhere.location.as_deref(), Some(PAGE));
        assert_eq!(fake.get(endpoint).await.json()["status"], 1111);
        order(&fake, endpoint, "breakOff", json!(1)).await;
        // It may end before the head is out, or in the middle of the body.
        let whole = async {
            let response = fake.request(Method::GET, endpoint).send().await?;
            response.bytes().await
        };
        assert!(whole.await.is_err(), "{endpoint}");
    }
}

/// Status and length of the answers to some calls.
async fn calls(fake: &Fake, count: usize) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(fake.get("/gettoken").await.text);
    }
    seen
}

#[tokio::test]
async fn a_bad_day_is_the_same_for_the_same_seed() {
    let fake = Fake::start();
    let order = async |probability: f64, seed: u64| {
        let body =
            json!({"probability": probability, "seed": seed, "faults": ["throttle", "html"]});
        fake.control(Method::PUT, "/faults", body).await;
    };
    let good = fake.get("/gettoken").await.text;
    // Errors name their request, so the good ones are compared by their kind.
    let is_good = |text: &String| text.contains("40035");
    assert!(is_good(&good));
    order(0.3, 7).await;
    let first = calls(&fake, 200).await;
    let failed = first.iter().filter(|text| !is_good(text)).count();
    assert!((30..90).contains(&failed), "{failed} of 200");
    assert!(first.iter().any(|text| text.contains("90018")));
    assert!(first.iter().any(|text| text.contains("doctype")));
    order(0.3, 7).await;
    // Answers hold ids of their own, so what is compared is which of them are pages.
    let pages = |seen: &[String]| -> Vec<bool> {
        seen.iter().map(|text| text.contains("doctype")).collect()
    };
    assert_eq!(pages(&calls(&fake, 200).await), pages(&first));
    order(0.3, 8).await;
    assert_ne!(pages(&calls(&fake, 200).await), pages(&first));

    order(1.0, 0).await;
    assert_eq!(fake.get(&authorization_path(&[])).await.status, 200);
    fake.control(Method::DELETE, "/faults", json!(null)).await;
    assert_eq!(fake.get("/gettoken").await.reason(), "40035");
    for body in [
        json!({"probability": 1.5}),
        json!({"probability": 0.5, "faults": []}),
        json!({"seed": 1}),
    ] {
        let request = fake.request(Method::PUT, "/_sandbox/faults").json(&body);
        assert_eq!(fake.send(request).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn a_delayed_answer_stays_out_and_uses_nothing_up() {
    let fake = Fake::start();
    let code = fake.code("lina", "oauth").await;
    let path = "/v1.0/oauth2/userAccessToken";
    let fault = json!({"endpoint": path, "fault": "delay", "delayMs": VERY_LONG});
    fake.control(Method::POST, "/faults", fault).await;
    let request = fake
        .request(Method::POST, path)
        .json(&json!({}))
        .timeout(SHORT);
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(fake.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn a_delayed_answer_is_the_right_one() {
    let fake = Fake::start();
    let fault = json!({"endpoint": NEW, "fault": "delay", "delayMs": 1});
    fake.control(Method::POST, "/faults", fault).await;
    let token = fake.user_token("lina").await;
    assert_eq!(
        fake.profile(&token, "me").await.json()["unionId"],
        "union-lina"
    );
}

#[tokio::test]
async fn a_slow_body_stops_half_way() {
    let fake = Fake::start();
    let fault =
        |delay: u64| json!({"endpoint": "/gettoken", "fault": "slowBody", "delayMs": delay});
    fake.control(Method::POST, "/faults", fault(VERY_LONG))
        .await;
    let mut response = fake.request(Method::GET, "/gettoken").send().await.unwrap();
    let length = response.content_length().unwrap();
    let half = response.chunk().await.unwrap().unwrap();
    assert_eq!(u64::try_from(half.len()).unwrap(), length / 2);
    assert!(tokio::time::timeout(SHORT, response.chunk()).await.is_err());

    fake.control(Method::POST, "/faults", fault(1)).await;
    assert_eq!(fake.get("/gettoken").await.reason(), "40035");
}

#[tokio::test]
async fn faults_follow_each_other_and_last_as_long_as_said() {
    let fake = Fake::start();
    order(&fake, "/gettoken", "throttle", json!(2)).await;
    order(&fake, "/gettoken", "status500", json!(null)).await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(fake.get("/gettoken").await.reason());
    }
    assert_eq!(seen, ["90018", "90018", "-1", "-1", "-1"]);
    assert_eq!(
        fake.get(NEW).await.status,
        400,
        "other endpoints are not struck"
    );
    fake.control(Method::DELETE, "/faults", json!(null)).await;
    assert_eq!(fake.get("/gettoken").await.reason(), "40035");
}

#[tokio::test]
async fn a_fault_strikes_every_address_of_its_endpoint() {
    let fake = Fake::start();
    order(&fake, "/v1.0/oauth2/{corpId}/token", "throttle", json!(1)).await;
    let answer = fake.post("/v1.0/oauth2/dingany/token", json!({})).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn faults_that_cannot_strike_are_refused() {
    let fake = Fake::start();
    let cases = [
        (json!({"endpoint": "/nothing", "fault": "html"}), 404),
        (json!({"endpoint": PAGE, "fault": "throttle"}), 400),
        (json!({"endpoint": NEW, "fault": "invented"}), 400),
        (json!({"endpoint": NEW, "fault": "html", "times": 0}), 400),
        (json!({"endpoint": NEW, "fault": "html", "delay": 5}), 400),
        (json!({"endpoint": NEW}), 400),
    ];
    for (body, status) in cases {
        let answer = fake.post("/_sandbox/faults", body.clone()).await;
        assert_eq!(answer.status, status, "{body}");
        assert!(answer.json()["error"].is_string(), "{body}");
    }
    assert_eq!(fake.get(&authorization_path(&[])).await.status, 200);
}

#[tokio::test]
async fn a_fault_can_strike_each_so_manieth_call_and_begin_late() {
    let fake = Fake::start();
    let details = async || fake.old(OLD, json!({"userid": "user-lina"})).await.reason();
    let body = json!({"endpoint": OLD, "fault": "throttle", "times": null, "after": 1, "every": 3});
    fake.control(Method::POST, "/faults", body).await;
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(details().await);
    }
    let struck = "90018";
    assert_eq!(codes, ["0", "0", "0", struck, "0", "0", struck, "0"]);

    fake.control(Method::DELETE, "/faults", json!({})).await;
    let token = fake.app_token().await;
    let down = json!({"endpoint": "*", "fault": "status500", "times": null, "after": 2});
    fake.control(Method::POST, "/faults", down).await;
    let path = format!("/topapi/v2/department/listsub?access_token={token}");
    for status in [200, 200, 500, 500] {
        assert_eq!(fake.post(&path, json!({})).await.status, status);
    }
    let page = fake.get(&authorization_path(&[])).await;
    assert_eq!(page.status, 200, "the login page is not struck");
}

#[tokio::test]
async fn a_cursor_can_stand_still() {
    let fake = Fake::start();
    let list = "/topapi/v2/user/list";
    let body = json!({"dept_id": 919_600_001, "cursor": 1, "size": 1});
    order(&fake, list, "stuckCursor", json!(1)).await;
    let stuck = fake.old(list, body.clone()).await.json()["result"].clone();
    let right = fake.old(list, body).await.json()["result"].clone();
    assert_eq!(
        (&stuck["has_more"], &stuck["next_cursor"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(stuck["list"], right["list"]);
    assert_eq!(right["next_cursor"], json!(2));
    let wrong = json!({"endpoint": OLD, "fault": "stuckCursor"});
    let request = fake.request(Method::POST, "/_sandbox/faults").json(&wrong);
    assert_eq!(fake.send(request).await.status, 400);
}
