//! Requests that reach what the gateway looks after in another way than by its own address.

use reqwest::Method;
use serde_json::json;

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase};
use crate::support::upstream::header;

/// A gateway in front of a NocoBase that answers everything with no rows.
async fn gateway() -> TestGateway {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        answer(&json!({"data": []}))
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    gateway
}

/// The first lines of the requests that NocoBase got, without questions about permissions.
fn performed(gateway: &TestGateway) -> Vec<String> {
    let heads = gateway.upstream.heads().into_iter();
    let lines = heads.map(|head| head.lines().next().unwrap_or_default().to_owned());
    let lines = lines.filter(|line| !line.starts_with("GET /api/roles:check "));
    lines.collect()
}

#[actix_web::test]
async fn no_other_collection_leads_to_authenticators() {
    let gateway = gateway().await;
    for (path, query) in [
        (
            "posts:get",
            "targetCollection=authenticators&filter={\"options\":{\"$includes\":\"s\"}}",
        ),
        (
            "posts:update",
            "filterByTk=1&targetCollection=authenticators",
        ),
        (
            "posts:update",
            "filterByTk=1&%74argetCollection=usersAuthenticators",
        ),
        ("posts/1", "targetCollection[]=authenticators"),
        (
            "posts/1/comments:get",
            "targetCollection=userDataSyncSources",
        ),
        (
            "__app/main/posts:get",
            "targetCollection=notificationChannels",
        ),
        ("posts:get", "targetCollection=posts.authenticator"),
        ("posts:get", "[targetCollection]=authenticators"),
    ] {
        for method in [Method::GET, Method::POST] {
            let path = format!("/api/{path}?{query}");
            let bearer = [("authorization", "Bearer admin")];
            let mut browser = gateway.browser();
            let body = (method == Method::POST).then(|| json!({"options": {}}));
            let heard = browser.send(method.clone(), &path, &bearer, body).await;
            assert_eq!(heard.status, 400, "{method} {path}: {}", heard.text);
            let errors = heard.json()["errors"].clone();
            assert!(errors[0]["message"].is_string(), "{path}: {}", heard.text);
        }
    }
    assert_eq!(performed(&gateway), [""; 0]);
    for path in [
        "/api/posts:get?targetCollection=articles",
        "/api/posts:list?x=%zz&[y]=1",
        "/api/__app/sub/posts:get?targetCollection=authenticators",
    ] {
        let heard = gateway.browser().get_as("admin", path).await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.text);
        let sent = performed(&gateway).pop().unwrap_or_default();
        assert_eq!(
            sent,
            format!("GET {path} HTTP/1.1"),
            "it goes on as it came"
        );
    }
}

#[actix_web::test]
async fn whoever_configures_authenticators_creates_and_unbinds_no_accounts_by_their_values() {
    let gateway = gateway().await;
    let ding = gateway.create_authenticator("ding", true).await;
    let change = format!("update?filterByTk={ding}");
    let evil = json!([{"username": "evil", "password": "Evil123!", "roles": ["admin"]}]);
    let options = json!({"clientId": "a", "clientSecret": "b"});
    for (action, mut row) in [
        (
            "create",
            json!({"name": "x", "authType": "Email/Password", "options": {}}),
        ),
        (
            "create",
            json!({"name": "x", "authType": "dingtalk", "options": options}),
        ),
        ("update?filterByTk=999", json!({"title": "x"})),
        (&change, json!({"title": "x"})),
    ] {
        let path = format!("/api/authenticators:{action}");
        for (name, value) in [
            ("users", evil.clone()),
            ("users", json!([])),
            ("createdBy", evil[0].clone()),
        ] {
            row[name] = value;
            for body in [row.clone(), json!([row])] {
                let heard = gateway
                    .browser()
                    .post_as("clerk", &path, body.clone())
                    .await;
                assert_eq!(heard.status, 400, "{path} {body}: {}", heard.text);
            }
            row.as_object_mut().unwrap().remove(name);
        }
    }
    assert_eq!(performed(&gateway), [""; 0]);
    // NocoBase's own form sends the row as it was listed.
    for (id, name, auth_type, options) in [
        (ding, "ding", "dingtalk", options),
        (999, "basic", "Email/Password", json!({})),
    ] {
        let row = json!({
            "id": id, "name": name, "authType": auth_type, "title": "New", "description": "",
            "options": options, "enabled": true, "sort": 1, "createdAt": "2026-11-22T16:27:44.998Z",
            "updatedAt": "2026-11-22T16:27:44.998Z", "createdById": null, "updatedById": 1,
        });
        let path = format!("/api/authenticators:update?filterByTk={id}");
        let heard = gateway.browser().post_as("admin", &path, row).await;
        assert_eq!(heard.status, 200, "{name}: {}", heard.text);
    }
}

#[actix_web::test]
async fn bindings_below_an_authenticator_are_changed_by_who_may_give_roles() {
    let gateway = gateway().await;
    gateway.create_authenticator("ding", true).await;
    for (method, rows) in [
        (Method::POST, "users:add"),
        (Method::POST, "users:set"),
        (Method::GET, "users:remove?filterByTk=1"),
        (Method::POST, "users:update?filterByTk=1"),
        (Method::POST, "users:create"),
        (Method::POST, "users"),
        (Method::POST, "users/1"),
        (Method::PUT, "users/1"),
        (Method::DELETE, "users/1"),
        (Method::POST, "createdBy:update"),
    ] {
        let path = format!("/api/authenticators/ding/{rows}");
        let before = performed(&gateway).len();
        for (bearer, status) in [("Bearer clerk", 403), ("Bearer admin", 200)] {
            let headers = [("authorization", bearer)];
            let mut browser = gateway.browser();
            let heard = browser.send(method.clone(), &path, &headers, None).await;
            assert_eq!(heard.status, status, "{bearer} {path}: {}", heard.text);
        }
        assert_eq!(performed(&gateway).len(), before + 1, "{method} {path}");
    }
    for rows in ["users:list", "users", "users/1"] {
        let path = format!("/api/authenticators/ding/{rows}");
        let heard = gateway.browser().get_as("clerk", &path).await;
        assert_eq!(heard.status, 200, "{path}: {}", heard.text);
    }
}

#[actix_web::test]
async fn a_false_preflight_performs_nothing_in_the_name_of_its_sender() {
    let gateway = gateway().await;
    let headers = [
        ("origin", "https://other.example"),
        ("access-control-request-method", "POST"),
        ("authorization", "Bearer admin"),
        ("cookie", "a=1; token=admin"),
    ];
    for query in ["filterByTk=2", "filterByTk=2&token=admin&%74oken=admin"] {
        for action in ["authenticators:destroy", "authenticators/ding/users:set"] {
            let path = format!("/api/{action}?{query}");
            let mut browser = gateway.browser();
            let heard = browser.send(Method::OPTIONS, &path, &headers, None).await;
            assert_eq!(heard.status, 200, "{path}: {}", heard.text);
            let head = gateway.upstream.heads().pop().unwrap_or_default();
            let sent = format!("OPTIONS /api/{action}?filterByTk=2 HTTP/1.1\r\n");
            assert!(head.starts_with(&sent), "{head}");
            assert_eq!(header(&head, "origin").unwrap(), headers[0].1);
            for name in ["authorization", "cookie"] {
                assert_eq!(header(&head, name), None, "{path}: {head}");
            }
        }
    }
}
