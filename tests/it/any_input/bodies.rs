//! Bodies: every type in every field of every action that reads a body.

use proptest::prelude::*;
use serde_json::Value;

use super::{json, one_of, sent, try_all};
use crate::support::TestApp;

/// Actions that read a body, in an order in which none of them ends the session too early.
const ACTIONS: &[&str] = &[
    "apiKeys:create",
    "auth:signIn",
    "auth:signUp",
    "auth:changePassword",
    "authenticators:create",
    "authenticators:update?filterByTk=dingtalk",
    "authenticators:move",
    "dingtalk:getAuthUrl",
    "pm:list",
    "users:create",
    "users:update?filterByTk=2",
    "users/2/roles:add",
    "users/2/roles:remove",
    "users/2/roles:set",
    "users:updateProfile",
    "users:updateLang",
    "users:setDefaultRole",
    "flowModels:save",
];

const FIELDS: &[&str] = &[
    "account",
    "email",
    "username",
    "nickname",
    "phone",
    "password",
    "confirm_password",
    "oldPassword",
    "newPassword",
    "confirmPassword",
    "resetToken",
    "baseURL",
    "authCode",
    "redirect",
    "name",
    "title",
    "description",
    "authType",
    "enabled",
    "options",
    "public",
    "autoSignup",
    "clientId",
    "clientSecret",
    "corpId",
    "bindBy",
    "linkExisting",
    "role",
    "roles",
    "roleName",
    "expiresIn",
    "appLang",
    "defaultRole",
    "sourceId",
    "targetId",
    "targetScope",
    "sortField",
    "method",
    "sticky",
    "id",
    "values",
];

fn action() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(ACTIONS)
}

async fn app_with_somebody() -> (TestApp, String) {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    let body = serde_json::json!({"username": "ada", "password": "pw"});
    let made = browser.post_as(&token, "/api/users:create", body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    (app, token)
}

#[test]
fn no_value_breaks() {
    let token = std::sync::OnceLock::new();
    let object = proptest::collection::vec((one_of(FIELDS), json(FIELDS)), 0..6)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()));
    try_all(
        file!(),
        128,
        async || {
            let (app, root) = app_with_somebody().await;
            token.set(root).unwrap();
            app
        },
        (
            action(),
            prop_oneof![4 => object.boxed(), 1 => json(FIELDS)],
        ),
        async |app, (action, body)| {
            let browser = app.browser();
            let request = browser.http().post(app.url(&format!("/api/{action}")));
            let request = request.bearer_auth(token.get().unwrap()).json(&body);
            // Guesses and sign-ups are limited, and this test is not about the limits.
            app.clock.advance(chrono::TimeDelta::seconds(7));
            sent(request.send().await, (action, body))
        },
    );
}

#[test]
fn no_bytes_break() {
    let kind = one_of(&[
        "application/json",
        "application/json; charset=latin1",
        "application/vnd.api+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
    ]);
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        json(FIELDS).prop_perturb(|value, mut random| {
            let mut bytes = value.to_string().into_bytes();
            let at = random.random_range(0..bytes.len().max(1));
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.random();
            }
            bytes
        }),
    ];
    try_all(
        file!(),
        64,
        async || TestApp::start().await,
        (action(), kind, bytes),
        async |app, (action, kind, bytes)| {
            let url = app.url(&format!("/api/{action}"));
            let browser = app.browser();
            let request = browser.http().post(url).header("content-type", &kind);
            app.clock.advance(chrono::TimeDelta::seconds(7));
            sent(
                request.body(bytes.clone()).send().await,
                (action, kind, bytes),
            )
        },
    );
}

#[actix_web::test]
async fn lists_of_roles_are_looked_up_whatever_they_hold() {
    let (app, token) = app_with_somebody().await;
    let many: Vec<_> = (0..40_000).map(|n| format!("role{n}")).collect();
    let huge = "x".repeat(100_000);
    for names in [
        serde_json::json!(["\0"]),
        serde_json::json!(["member", "a\0b"]),
        serde_json::json!([huge]),
        serde_json::json!(vec!["member"; 40_000]),
        serde_json::json!(many),
    ] {
        for action in ["add", "remove", "set"] {
            let path = format!("/api/users/2/roles:{action}");
            let answer = app.browser().post_as(&token, &path, names.clone()).await;
            let status = answer.status.as_u16();
            assert!(
                matches!(status, 200 | 400),
                "{action}: {status} {}",
                answer.text
            );
        }
    }
}
