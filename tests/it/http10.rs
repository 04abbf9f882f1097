//! Clients of HTTP/1.0, which has no chunked encoding.

use crate::support::upstream::ScriptedUpstream;
use crate::support::{TestApp, TestGateway};

const IN_PIECES: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n\
    5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
const OF_A_LENGTH: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

/// The head and the body of everything that comes until the connection ends.
fn ask(gateway: &TestGateway, version: &str, headers: &str) -> (String, String) {
    let host = gateway.server.address;
    let request = format!("GET /x {version}\r\nHost: {host}\r\n{headers}\r\n");
    let answer = gateway.exchange(request);
    let (head, body) = answer.split_once("\r\n\r\n").expect(&answer);
    (head.to_ascii_lowercase(), body.to_owned())
}

#[actix_web::test]
async fn what_has_no_length_ends_with_the_connection() {
    let gateway = TestGateway::before(ScriptedUpstream::answering(IN_PIECES)).await;
    for headers in ["", "Connection: keep-alive\r\n", "TE: chunked\r\n"] {
        let (head, body) = ask(&gateway, "HTTP/1.0", headers);
        assert!(head.contains(" 200 "), "{head}");
        assert!(!head.contains("transfer-encoding"), "{headers} {head}");
        assert!(!head.contains("content-length"), "{headers} {head}");
        assert!(!head.contains("keep-alive"), "{headers} {head}");
        assert_eq!(body, "hello world", "{headers}");
    }
    let (head, body) = ask(&gateway, "HTTP/1.1", "Connection: close\r\n");
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert!(
        body.starts_with("5\r\nhello\r\n") || body.starts_with("b\r\n"),
        "{body}"
    );
}

#[actix_web::test]
async fn what_has_a_length_keeps_it() {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OF_A_LENGTH)).await;
    let (head, body) = ask(&gateway, "HTTP/1.0", "");
    assert!(head.contains("content-length: 5"), "{head}");
    assert_eq!(body, "hello");
    let app = TestApp::start().await;
    let answer = app.raw("GET /api/app:getLang?locale=en-US HTTP/1.0\r\nHost: x\r\n\r\n");
    let head = answer.to_ascii_lowercase();
    assert!(head.contains("content-length: "), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
}
