//! Signing out in front of a NocoBase, which requires a role for every action.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::nocobase::{answer, target};
use crate::support::upstream::{ScriptedUpstream, header};
use crate::support::{Answer, TestGateway};

const SIGN_OUT: &str = "/api/auth:signOut";

/// NocoBase's refusal with this code.
fn refusal(code: &str) -> String {
    answer(&json!({"errors": [{"code": code}]})).replacen("200 OK", "401 Unauthorized", 1)
}

/// A NocoBase that knows the token `good`, and `outcast` of an account without roles. It checks the
/// token first and then the role, as NocoBase 2.2.15 does.
async fn gateway() -> TestGateway {
    let upstream = ScriptedUpstream::start(|mut connection| {
        while let Some(head) = connection.request() {
            connection.body(&head);
            let token = header(&head, "authorization").unwrap_or_default();
            let role = header(&head, "x-role");
            let told = match (token.as_str(), role.as_deref()) {
                ("Bearer good" | "Bearer outcast", Some("anonymous"))
                | ("Bearer good", None | Some("member")) => answer(&json!({})),
                ("Bearer good", _) => refusal("ROLE_NOT_FOUND_FOR_USER"),
                ("Bearer outcast", _) => refusal("USER_HAS_NO_ROLES_ERR"),
                _ => refusal("BLOCKED_TOKEN"),
            };
            connection.say(told);
        }
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    gateway
}

/// Sends a request, and returns the answer with the heads that NocoBase received.
async fn ask(
    gateway: &TestGateway,
    path: &str,
    token: &str,
    role: Option<&str>,
    body: Option<Value>,
) -> (Answer, Vec<String>) {
    let before = gateway.upstream.heads().len();
    let bearer = format!("Bearer {token}");
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("x-authenticator", "dingtalk"),
    ];
    headers.extend(role.map(|role| ("x-role", role)));
    let answer = gateway
        .browser()
        .send(Method::POST, path, &headers, body)
        .await;
    (answer, gateway.upstream.heads().split_off(before))
}

#[actix_web::test]
async fn no_role_stands_in_the_way_of_signing_out() {
    let gateway = gateway().await;
    for (token, role, body) in [
        ("outcast", None, Some(json!({}))),
        ("outcast", Some("member"), None),
        ("good", Some("admin"), Some(json!({}))),
    ] {
        let (answer, heads) = ask(&gateway, SIGN_OUT, token, role, body).await;
        let case = format!("{token} {role:?}");
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (200, "{}"),
            "{case}"
        );
        let [first, second] = heads.as_slice() else {
            panic!("{case}: {heads:?}");
        };
        assert_eq!(header(first, "x-role").as_deref(), role, "{case}");
        assert_eq!(header(second, "x-role").unwrap(), "anonymous", "{case}");
        assert_eq!(target(first), target(second), "{case}");
        assert_eq!(
            header(second, "content-type"),
            None,
            "nothing is sent twice"
        );
        for name in ["authorization", "x-authenticator", "x-request-id"] {
            assert_eq!(header(first, name), header(second, name), "{case}");
        }
        assert_eq!(header(second, "x-authenticator").unwrap(), "basic");
    }
}

#[actix_web::test]
async fn a_sign_out_with_a_role_is_passed_on_as_it_is() {
    let gateway = gateway().await;
    for role in [None, Some("member")] {
        let (answer, heads) = ask(&gateway, SIGN_OUT, "good", role, Some(json!({}))).await;
        assert_eq!(answer.status, 200);
        assert_eq!(heads.len(), 1, "{heads:?}");
        assert_eq!(header(&heads[0], "x-role").as_deref(), role);
    }
}

#[actix_web::test]
async fn without_a_role_nobody_gets_further_than_to_sign_out() {
    let gateway = gateway().await;
    let (answer, _) = ask(&gateway, SIGN_OUT, "ended", None, None).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (401, "BLOCKED_TOKEN".to_owned())
    );
    for path in [
        "/api/auth:check",
        "/api/users:list",
        "/api/auth:signOut/1/x",
    ] {
        let (answer, heads) = ask(&gateway, path, "outcast", None, None).await;
        assert_eq!(answer.code(), "USER_HAS_NO_ROLES_ERR", "{path}");
        assert_eq!(heads.len(), 1, "{path}: {heads:?}");
    }
}
