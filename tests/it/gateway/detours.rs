//! Requests that reach what the gateway looks after in another way than by its own address.

use reqwest::Method;
use serde_json::json;

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase};

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
