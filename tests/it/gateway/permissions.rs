//! Who may do what in front of a NocoBase: NocoBase decides, and it counts the roles of
//! departments.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::nocobase::{answer, nocobase};
use crate::support::upstream::{ScriptedUpstream, header};
use crate::support::{TestGateway, in_dialect};

const AUDIT: &str = "/api/dingtalkAudit:list";

/// A gateway in front of a NocoBase that gives everybody these permissions.
async fn gateway(rights: serde_json::Value) -> TestGateway {
    let told = answer(&json!({"data": rights}));
    let told = told.replace(
        "Content-Length",
        "X-New-Token: next\r\nSet-Cookie: a=b\r\nContent-Length",
    );
    let gateway = TestGateway::before(ScriptedUpstream::answering(&told)).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    gateway
}

/// A token of an account that has only the default role in the tables.
async fn member(gateway: &TestGateway) -> (i64, String) {
    gateway.member("ada", Some("+8613800000001")).await
}

#[actix_web::test]
async fn nocobase_says_what_somebody_may() {
    // The role can come from a department, for instance.
    let gateway_of_admin = gateway(json!({
        "role": "office", "allowAll": false, "snippets": ["pm.auth*"], "strategy": {"actions": []},
    }))
    .await;
    let (_, token) = member(&gateway_of_admin).await;
    for path in [AUDIT, "/api/dingtalk:optionsSchema"] {
        let heard = gateway_of_admin.browser().get_as(&token, path).await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.text);
        // A new token from NocoBase is passed on.
        assert_eq!(heard.header("x-new-token"), "next");
    }
    let head = gateway_of_admin.upstream.heads().pop().unwrap();
    assert!(head.starts_with("GET /api/roles:check HTTP/1.1\r\n"));
    assert_eq!(
        header(&head, "authorization").unwrap(),
        format!("Bearer {token}")
    );

    let gateway_of_others = gateway(json!({
        "role": "root", "allowAll": false, "snippets": ["pm.users", "!pm.auth*"],
    }))
    .await;
    let (_, token) = member(&gateway_of_others).await;
    let heard = gateway_of_others.browser().get_as(&token, AUDIT).await;
    assert_eq!(heard.status, 403, "a name is no right: {}", heard.text);
    assert_eq!(
        heard.header("x-new-token"),
        "next",
        "who is refused stays signed in"
    );
    let path = "/api/dingtalk:binding?authenticator=dingtalk";
    let heard = gateway_of_others.browser().get_as(&token, path).await;
    assert_eq!(heard.status, 200, "{}", heard.text);
}

#[actix_web::test]
async fn whoever_gives_roles_by_an_authenticator_may_change_all_accounts_and_roles() {
    for (actions, snippet, status) in [
        (json!(["view", "update"]), "pm.acl.roles", 200),
        (json!(["view", "update"]), "ui.*", 403),
        (json!(["view"]), "pm.acl.roles", 403),
        (json!(["view", "update:own"]), "pm.acl.roles", 403),
    ] {
        let gateway = gateway(json!({
            "role": "office", "allowAll": false, "strategy": {"actions": actions},
            "snippets": ["pm.auth.authenticators", snippet],
        }))
        .await;
        let (_, token) = member(&gateway).await;
        let body = json!({"name": "n", "authType": "dingtalk", "options": {
            "clientId": "a", "clientSecret": "b", "newUserRoles": ["admin"],
        }});
        let path = "/api/authenticators:create";
        let heard = gateway.browser().post_as(&token, path, body).await;
        assert_eq!(heard.status, status, "{actions} {snippet}: {}", heard.text);
        assert_eq!(heard.header("x-new-token"), "next", "{actions} {snippet}");
    }
}

#[actix_web::test]
async fn nocobases_refusal_is_the_answer() {
    let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 45\r\n\r\n\
        {\"errors\":[{\"code\":\"USER_HAS_NO_ROLES_ERR\"}]}";
    let gateway = TestGateway::before(ScriptedUpstream::answering(refusal)).await;
    gateway.enable_plugin().await;
    let (_, token) = member(&gateway).await;
    let heard = gateway.browser().get_as(&token, AUDIT).await;
    assert_eq!(
        (heard.status.as_u16(), heard.code().as_str()),
        (401, "USER_HAS_NO_ROLES_ERR")
    );
    // NocoBase is not asked about a caller without a valid token.
    let sent = gateway.upstream.heads().len();
    assert_eq!(
        gateway.browser().get_as("nonsense", AUDIT).await.code(),
        "INVALID_TOKEN"
    );
    assert_eq!(gateway.browser().get(AUDIT).await.code(), "EMPTY_TOKEN");
    assert_eq!(gateway.upstream.heads().len(), sent);
}

#[actix_web::test]
async fn an_administrator_by_department_is_not_linked_by_phone() {
    let gateway = TestGateway::before(nocobase(|_, _| String::new())).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let (id, _) = member(&gateway).await;
    let connection = gateway.app.database.connect().await;
    let phone = format!(r#"UPDATE "users" SET phone = '13800000001' WHERE id = {id}"#);
    let phone = in_dialect(&connection, &phone);
    connection.execute_unprepared(&phone).await.unwrap();
    connection.into_inner().close().await.unwrap();
    gateway.put_into_department(id, "admin").await;
    let page = gateway
        .browser()
        .sign_in(&gateway.app.sandbox, "zhangwei")
        .await;
    assert!(page.session().is_none(), "{}", page.text);
    // Without that department they are linked, because the phone number is theirs.
    gateway.empty_departments().await;
    let page = gateway
        .browser()
        .sign_in(&gateway.app.sandbox, "zhangwei")
        .await;
    let session = page.session().expect(&page.text);
    let claims = gateway
        .server
        .app
        .sessions
        .read(session["token"].as_str().unwrap())
        .unwrap();
    assert_eq!(claims.user_id, Some(id));
}
