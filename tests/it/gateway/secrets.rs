//! Stored secrets in NocoBase's answers.

use serde_json::json;

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase, target};
use crate::support::upstream::header;

const SECRET: &str = dingtalk_sandbox::seed::CLIENT_SECRET;

#[actix_web::test]
async fn an_answer_about_authenticators_that_cannot_be_read_is_held_back() {
    let deep = format!(
        "{{\"data\":{}\"{SECRET}\"{}}}",
        "[".repeat(200),
        "]".repeat(200)
    );
    for (kind, body) in [
        ("text/plain", format!("{{\"data\":\"{SECRET}\"}}")),
        ("text/csv", format!("x,{SECRET}")),
        ("application/json", format!("{{\"data\":\"{SECRET}\"")),
        ("application/json", format!("{{\"rows\":\"{SECRET}\"}}")),
        ("application/json", deep),
        (
            "application/json\r\nContent-Encoding: gzip",
            SECRET.to_owned(),
        ),
    ] {
        for status in ["200 OK", "201 Created"] {
            let body = body.clone();
            let upstream = nocobase(move |head, connection| {
                connection.body(head);
                let length = body.len();
                format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
                )
            });
            let gateway = TestGateway::before(upstream).await;
            // The gateway does not know this secret; it refuses the answer because it cannot be
            // searched.
            for path in [
                "/api/authenticators:list",
                "/api/authenticators:get?filterByTk=1",
            ] {
                let heard = gateway.browser().get_as("admin", path).await;
                assert_eq!(heard.status, 502, "{kind}: {}", heard.text);
                assert!(!heard.text.contains(SECRET), "{kind}: {}", heard.text);
            }
        }
    }
}

#[actix_web::test]
async fn an_answer_that_ends_like_a_secret_begins_arrives_whole() {
    let begun = format!("x{}", SECRET.chars().take(10).collect::<String>());
    let text = begun.clone();
    let upstream = nocobase(move |head, connection| {
        connection.body(head);
        let (length, kind) = (text.len(), "text/plain");
        if target(head).0 == "/api/pieces" {
            return format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n\
                 {length:x}\r\n{text}\r\n0\r\n\r\n"
            );
        }
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{text}")
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.create_authenticator("ding", true).await;
    for path in ["/api/pieces", "/api/whole"] {
        let heard = gateway.browser().get(path).await;
        assert_eq!(heard.text, begun, "{path}");
    }
}

#[actix_web::test]
async fn a_stored_secret_is_masked_wherever_it_stands() {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        let (path, _) = target(head);
        let row = json!({"other": {"name": SECRET}, "text": format!("x{SECRET}y")});
        match path {
            "/api/pieces" => {
                let body = row.to_string();
                let (one, two) = body.split_at(body.find(SECRET).unwrap() + 5);
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
                     {:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
                    one.len(),
                    two.len()
                )
            }
            "/api/failed" => answer(&row).replace("200 OK", "500 Internal Server Error"),
            _ => answer(&row),
        }
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.create_authenticator("ding", true).await;
    for path in [
        "/api/users:list",
        "/api/pieces",
        "/api/failed",
        "/api/anything/1/else:get?x=1",
        "/api/__app/sub/authenticators:list",
        "/api/authenticators/x/users:list?paginate=false",
    ] {
        let headers = [("accept-encoding", "gzip")];
        let heard = gateway
            .browser()
            .send(reqwest::Method::GET, path, &headers, None)
            .await;
        assert!(!heard.text.contains(SECRET), "{path}: {}", heard.text);
        let masks = "*".repeat(SECRET.len());
        if heard.status == 200 {
            assert!(
                heard.text.contains(&format!("x{masks}y")),
                "{path}: {}",
                heard.text
            );
        }
    }
    // NocoBase opens no WebSocket there, and its ordinary answer is like any other.
    for path in ["/api/users:list", "/api/pieces"] {
        let told = gateway.exchange(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n"
        ));
        assert!(
            !told.contains(SECRET) && told.contains("****"),
            "{path}: {told}"
        );
    }
    let heads = gateway.upstream.heads();
    assert!(
        heads
            .iter()
            .all(|head| header(head, "accept-encoding").unwrap() == "identity"),
        "{heads:?}"
    );
    // Files are not part of the API.
    let heard = gateway.browser().get("/storage/uploads/a").await;
    assert!(heard.text.contains(SECRET));
}
