//! How the old family reads its calls and refuses them.

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Fake};

const BY_UNION_ID: &str = "/topapi/user/getbyunionid";
const BY_MOBILE: &str = "/topapi/v2/user/getbymobile";
const DETAILS: &str = "/topapi/v2/user/get";
const IN_APP: &str = "/topapi/v2/user/getuserinfo";

/// A refusal of the gateway: 88 outside, the code as text within.
fn assert_wrapped(answer: &Answer, sub_code: &str, what: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["errcode"]),
        (200, &json!(88)),
        "{what}: {body}"
    );
    assert_eq!(body["sub_code"], sub_code, "{what}: {body}");
    let outer = body["errmsg"].as_str().unwrap();
    let inner = format!(
        "ding talk error[subcode={sub_code},submsg={}",
        body["sub_msg"].as_str().unwrap()
    );
    assert!(outer.starts_with(&inner), "{what}: {outer}");
    assert_request_id(&body);
}

/// A refusal of the service itself.
fn assert_plain(answer: &Answer, errcode: i32, what: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.status, &body["errcode"]),
        (200, &json!(errcode)),
        "{what}: {body}"
    );
    assert!(body.get("sub_code").is_none(), "{what}: {body}");
    assert_request_id(&body);
}

fn assert_request_id(body: &Value) {
    let id = body["request_id"].as_str().unwrap();
    let is_small = |it: char| it.is_ascii_digit() || it.is_ascii_lowercase();
    assert!(
        (8..=16).contains(&id.len()) && id.chars().all(is_small),
        "{id}"
    );
}

#[tokio::test]
async fn paths_and_methods_nobody_serves() {
    let fake = Fake::start();
    let unknown = fake.post("/topapi/v2/nothing/here", json!({})).await;
    let body = unknown.json();
    assert_eq!((unknown.status, &body["errcode"]), (200, &json!(22)));
    assert_eq!(
        body["sub_msg"],
        "不合法ApiName，ApiName = dingtalk.oapi.v2.nothing.here"
    );
    assert_eq!(
        body["errmsg"],
        "Invalid method[submsg=不合法ApiName，ApiName = dingtalk.oapi.v2.nothing.here]"
    );
    for path in ["/", "/xyz", "/oauth2/userAccessToken", "/contact/users/me"] {
        assert_plain(&fake.get(path).await, 404, path);
    }
    assert_plain(&fake.get(DETAILS).await, 43002, "GET");
}

#[tokio::test]
async fn get_token_reads_the_query_only_and_never_wraps() {
    let fake = Fake::start();
    let wrong = format!("/gettoken?appkey={CLIENT_ID}&appsecret=wrong");
    assert_plain(&fake.get(&wrong).await, 40096, "wrong secret");
    assert_plain(
        &fake.get("/gettoken?appkey=dingunknown&appsecret=x").await,
        40096,
        "wrong key",
    );
    let form = format!("appkey={CLIENT_ID}&appsecret={CLIENT_SECRET}");
    let in_body = fake.post_form("/gettoken", &form).await;
    assert_plain(&in_body, 40035, "form");
    assert_eq!(in_body.json()["errmsg"], "缺少参数 corpid or appkey");
    assert_plain(
        &fake.get(&format!("/gettoken?appkey={CLIENT_ID}")).await,
        40035,
        "no secret",
    );
    let good = fake.get(&format!("/gettoken?{form}")).await.json();
    assert_eq!(
        (&good["errcode"], &good["expires_in"]),
        (&json!(0), &json!(7200))
    );
}

#[tokio::test]
async fn the_token_is_read_from_the_query_or_a_form_but_not_from_a_header() {
    let fake = Fake::start();
    let token = fake.app_token().await;
    let query = format!("{BY_UNION_ID}?access_token={token}");
    let known = json!({"unionid": "union-lina"});
    assert_eq!(fake.post(&query, known.clone()).await.reason(), "0");
    assert_eq!(
        fake.post_form(&query, "unionid=union-lina").await.reason(),
        "0"
    );
    let form = format!("access_token={token}&unionid=union-lina");
    assert_eq!(fake.post_form(BY_UNION_ID, &form).await.reason(), "0");

    let header = fake
        .request(Method::POST, BY_UNION_ID)
        .header("x-acs-dingtalk-access-token", &token)
        .json(&known);
    assert_wrapped(&fake.send(header).await, "40000", "token in the header");
    let in_json = json!({"unionid": "union-lina", "access_token": token});
    assert_wrapped(
        &fake.post(BY_UNION_ID, in_json).await,
        "40000",
        "token in JSON",
    );
    let empty = fake
        .post(&format!("{BY_UNION_ID}?access_token="), known)
        .await;
    assert_wrapped(&empty, "40000", "empty token");
    assert_eq!(empty.json()["sub_msg"], "access_token is blank");
}

#[tokio::test]
async fn checks_come_in_the_documented_order() {
    let fake = Fake::start();
    let token = fake.app_token().await;
    fake.set_app(json!({"permissions": []})).await;
    let nothing = json!({});
    // Everything is wrong with the first call; each following one has one thing less wrong with it.
    assert_plain(
        &fake.post("/topapi/v2/user/gett", nothing.clone()).await,
        22,
        "method",
    );
    assert_wrapped(
        &fake.post(DETAILS, nothing.clone()).await,
        "40000",
        "token missing",
    );
    let path = format!("{DETAILS}?access_token=wrong");
    assert_wrapped(
        &fake.post(&path, nothing.clone()).await,
        "40014",
        "token wrong",
    );
    let path = format!("{DETAILS}?access_token={token}");
    assert_wrapped(
        &fake.post(&path, nothing.clone()).await,
        "60011",
        "permission",
    );
    fake.set_app(json!({"permissions": ["qyapi_get_member"]}))
        .await;
    assert_plain(&fake.post(&path, nothing).await, 33012, "parameter");
    assert_plain(
        &fake.post(&path, json!({"userid": "user-wuqiang"})).await,
        50002,
        "scope",
    );
    assert_plain(
        &fake.post(&path, json!({"userid": "user-nobody"})).await,
        60121,
        "user",
    );
    assert_plain(
        &fake.post(&path, json!({"userid": "user-lina"})).await,
        0,
        "nothing wrong",
    );
}

#[tokio::test]
async fn a_missing_permission_is_named_with_a_link_to_apply_for_it() {
    let fake = Fake::start();
    fake.set_app(json!({"permissions": []})).await;
    let cases = [
        (BY_UNION_ID, "qyapi_get_member"),
        (DETAILS, "qyapi_get_member"),
        (BY_MOBILE, "qyapi_get_member_by_mobile"),
    ];
    for (path, scope) in cases {
        let answer = fake.old(path, json!({})).await;
        assert_wrapped(&answer, "60011", path);
        let body = answer.json();
        let (inner, outer) = (
            body["sub_msg"].as_str().unwrap(),
            body["errmsg"].as_str().unwrap(),
        );
        assert!(inner.contains(&format!("[{scope}]")), "{inner}");
        assert!(
            inner.ends_with(&format!("content={CLIENT_ID}%23{scope}")),
            "{inner}"
        );
        assert!(
            outer.ends_with(&format!(", {{requiredScopes=[{scope}]}}]")),
            "{outer}"
        );
    }
}

#[tokio::test]
async fn a_persons_token_is_no_token_here() {
    let fake = Fake::start();
    let token = fake.user_token("zhangwei").await;
    let path = format!("{DETAILS}?access_token={token}");
    assert_wrapped(
        &fake.post(&path, json!({"userid": "user-lina"})).await,
        "40014",
        "person's token",
    );
}

#[tokio::test]
async fn wrong_parameters_have_codes_of_their_own() {
    let fake = Fake::start();
    let long = "u".repeat(65);
    let cases = [
        (BY_UNION_ID, json!({}), 40035),
        (BY_UNION_ID, json!({"unionid": ""}), 40035),
        (BY_UNION_ID, json!({"unionid": "not an id"}), 400_002),
        (BY_UNION_ID, json!({"unionid": "union-nobody"}), 60121),
        (BY_MOBILE, json!({}), 40035),
        (BY_MOBILE, json!({"mobile": "155****3240"}), 40104),
        (BY_MOBILE, json!({"mobile": "12"}), 40104),
        (BY_MOBILE, json!({"mobile": "13999999999"}), 60121),
        (DETAILS, json!({}), 33012),
        (DETAILS, json!({"userid": "not an id"}), 33012),
        (DETAILS, json!({"userid": long}), 33012),
        (IN_APP, json!({}), 40035),
        (IN_APP, json!({"code": "invented"}), 40078),
    ];
    for (path, body, errcode) in cases {
        let what = format!("{path} {body}");
        assert_plain(&fake.old(path, body).await, errcode, &what);
    }
}

#[tokio::test]
async fn an_in_app_code_works_once_for_five_minutes() {
    let fake = Fake::start();
    let code = json!({"code": fake.code("wangfang", "jsapi").await});
    let result = fake.old(IN_APP, code.clone()).await.json()["result"].clone();
    assert_eq!(
        result,
        json!({
            "userid": "user-wangfang", "unionid": "union-wangfang", "associated_unionid": "union-wangfang",
            "device_id": "sandbox-device", "name": "王芳", "sys": true, "sys_level": 1,
        })
    );
    assert_plain(&fake.old(IN_APP, code).await, 40078, "second time");
    let code = json!({"code": fake.code("lina", "jsapi").await});
    fake.advance(300).await;
    assert_plain(&fake.old(IN_APP, code).await, 40078, "expired");
}
