//! Questions about any collection, which could be about authenticators and their secrets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase};

async fn gateway() -> TestGateway {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        answer(&json!({"data": [{"n": 1}]}))
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("ding", true).await;
    gateway
}

fn chart(collection: &Value) -> Value {
    json!({
        "collection": collection,
        "measures": [{"field": ["id"], "aggregation": "count", "alias": "n"}],
        "filter": {"id": 2, "options": {"clientSecret": {"$gt": "m"}}},
    })
}

#[actix_web::test]
async fn no_question_of_a_chart_compares_secrets() {
    let gateway = gateway().await;
    let of = |name: &str| chart(&json!(name));
    let variable = json!({"template": "{{ ctx.r.options.clientSecret.slice(0, 1) }}",
        "contextParams": {"r": {"collection": "authenticators", "filterByTk": 2}}});
    let sql = json!({"sql": "SELECT substr(\"options\", 1, 1) FROM \"authenticators\""});
    for (path, body) in [
        ("charts:query", of("authenticators")),
        ("charts:query/1", of("authenticators")),
        ("charts:anything", of(" Authenticators")),
        ("charts:query", of("authenticators.users")),
        ("charts:query", of("{{ ctx.view.name }}")),
        ("charts:query", chart(&json!(["authenticators"]))),
        ("charts:query?__appName=main", of("authenticators")),
        ("__app/main/charts:query", of("authenticators")),
        ("charts:query?values[collection]=authenticators", json!({})),
        (
            "charts:query?values%5Bcollection%5D=%61uthenticators",
            json!({}),
        ),
        // Of the collection in the query there may be more than one spelling.
        ("charts:query?values[collection]=users", json!({})),
        ("charts:query?x=authenticators", json!({})),
        ("variables:resolve", variable),
        ("flowSql:run", sql.clone()),
        ("sqlCollection:execute", sql),
        (
            "flowSql:run",
            json!({"sql": "SELECT * FROM nb_authenticators"}),
        ),
        (
            "sqlCollection:execute",
            json!({"sql": "SELECT * FROM U&\"\\0061uth\""}),
        ),
    ] {
        for method in [Method::POST, Method::GET, Method::PUT] {
            let path = format!("/api/{path}");
            let bearer = [("authorization", "Bearer admin")];
            let mut browser = gateway.browser();
            let heard = browser.send(method.clone(), &path, &bearer, Some(body.clone()));
            let heard = heard.await;
            assert_eq!(heard.status, 403, "{method} {path} {body}: {}", heard.text);
        }
    }
    // A body that cannot be read with certainty reaches nobody, either.
    let body = of("authenticators")
        .to_string()
        .replace("auth", "\\u0061uth");
    let large = chart(&json!("x".repeat(300_000))).to_string();
    for (kind, body) in [
        ("application/json", body.as_str()),
        ("application/json", "{\"collection\": \"authenticators\""),
        ("application/json\r\nContent-Encoding: gzip", "\u{1f}..."),
        (
            "application/x-www-form-urlencoded",
            "collection=authenticators",
        ),
        (
            "application/json",
            "{\"__proto__\": {\"collection\": \"authenticators\"}}",
        ),
        ("application/json", &large),
    ] {
        let told = gateway.exchange(format!(
            "POST /api/charts:query HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        assert!(told.starts_with("HTTP/1.1 4"), "{kind}: {told}");
    }
    assert_eq!(gateway.upstream.heads(), [""; 0]);
}

#[actix_web::test]
async fn strangers_ask_short_questions() {
    let gateway = gateway().await;
    let body = chart(&json!("x".repeat(100_000)));
    let path = "/api/charts:query";
    let mut browser = gateway.browser();
    let refused = browser.post_as("stranger", path, body.clone()).await;
    assert_eq!(refused.status, 413, "{}", refused.text);
    let token = gateway.root_token().await;
    let passed = gateway.browser().post_as(&token, path, body).await;
    assert_eq!(passed.status, 200, "{}", passed.text);
}

#[actix_web::test]
async fn charts_of_other_collections_are_passed_on() {
    let gateway = gateway().await;
    let body = json!({
        "collection": "usersAuthenticators", "dimensions": [{"field": ["createdAt"]}],
        "measures": [{"field": ["uuid"], "aggregation": "count"}], "limit": 2000,
        "filter": {"$and": [{"userId": {"$eq": "{{ $user.id }}"}}]},
    });
    let mut browser = gateway.browser();
    let heard = browser.post_as("admin", "/api/charts:query?locale=zh-CN", body.clone());
    let heard = heard.await;
    assert_eq!(heard.json()["data"][0]["n"], 1, "{}", heard.text);
    let head = &gateway.upstream.heads()[0];
    assert!(
        head.starts_with("POST /api/charts:query?locale=zh-CN HTTP/1.1\r\n"),
        "{head}"
    );
    let sent: Value = serde_json::from_str(&gateway.upstream.bodies()[0]).unwrap();
    assert_eq!(sent, body);
}
