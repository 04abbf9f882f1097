//! What clients see when NocoBase is unavailable, stops or comes back.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::many_clients::{ManyClients, unreliable};
use crate::support::TestGateway;
use crate::support::upstream::{ScriptedUpstream, header};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const GET: &str = "GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

#[actix_web::test]
async fn without_nocobase_clients_are_told_that_it_starts() {
    let mut gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    let address = gateway.upstream.address;
    gateway.upstream = ScriptedUpstream::answering(OK);
    // This waits until nobody listens there any more.
    while std::net::TcpStream::connect(address).is_ok() {}
    let heard = gateway.exchange(GET);
    assert!(heard.starts_with("HTTP/1.1 503"), "{heard}");
    let (_, body) = heard.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["error"]["maintaining"], true);
    assert_eq!(body["error"]["status"], 503);
    assert_eq!(body["error"]["code"], "APP_COMMANDING");
    let page = gateway.exchange(
        "GET /admin HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
    );
    assert!(
        page.starts_with("HTTP/1.1 503") && page.contains("http-equiv=\"refresh\""),
        "{page}"
    );
    for (path, accept) in [("/api/x", "text/html"), ("/admin", "*/*")] {
        let told = gateway.exchange(format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        ));
        assert!(told.contains("APP_COMMANDING"), "a program asks: {told}");
    }
    // The gateway itself is healthy.
    let own = "GET /api/__gateway_health_check HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert!(gateway.exchange(own).ends_with("ok"));
    // Requests work again when NocoBase is back.
    gateway.upstream = ScriptedUpstream::start_at(address, |mut connection| {
        while connection.request().is_some() {
            connection.say(OK);
        }
    });
    assert!(gateway.exchange(GET).ends_with("ok"));
}

#[actix_web::test]
async fn a_connection_that_breaks_is_an_error_and_nothing_is_sent_again() {
    for method in ["GET", "POST"] {
        let upstream = ScriptedUpstream::start(|mut connection| {
            if let Some(head) = connection.request() {
                connection.body(&head);
            }
            connection.reset();
        });
        let gateway = TestGateway::before(upstream).await;
        let heard = gateway.exchange(format!(
            "{method} /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
        ));
        assert!(heard.starts_with("HTTP/1.1 502"), "{heard}");
        assert_eq!(gateway.upstream.heads().len(), 1);
    }
}

#[actix_web::test]
async fn a_connection_that_ended_while_nobody_used_it_harms_nobody() {
    let upstream = ScriptedUpstream::start(|mut connection| {
        let head = connection.request().unwrap();
        connection.body(&head);
        // This upstream promises to keep the connection open, and closes it.
        connection.say(OK);
    });
    let gateway = TestGateway::before(upstream).await;
    let mut client = gateway.raw();
    for sent in 1..=20 {
        client.say("POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
        let head = client.hear_until("\r\n\r\n");
        // A request may meet the end of its connection, which is reported; it is never sent twice.
        if head.starts_with("HTTP/1.1 200") {
            client.hear_until("ok");
        } else {
            assert!(head.starts_with("HTTP/1.1 502"), "{head}");
            let length = header(&head, "content-length").unwrap().parse().unwrap();
            let mut body = vec![0; length];
            std::io::Read::read_exact(&mut client.0, &mut body).unwrap();
        }
        assert!(gateway.upstream.heads().len() <= sent);
    }
}

#[actix_web::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    for head in ["Content-Length: 100", "Transfer-Encoding: chunked"] {
        let upstream = ScriptedUpstream::start(move |mut connection| {
            connection.request();
            connection.say(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"));
            connection.say("4\r\nhalf\r\n");
        });
        let gateway = TestGateway::before(upstream).await;
        let heard = gateway.exchange("GET /file HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
        assert!(heard.contains("half"), "{heard}");
        assert!(!heard.ends_with("0\r\n\r\n"), "{heard}");
    }
}

#[actix_web::test]
async fn an_upload_that_breaks_off_does_not_look_whole() {
    for (head, piece) in [
        ("Content-Length: 100", "half"),
        ("Transfer-Encoding: chunked", "4\r\nhalf\r\n"),
    ] {
        let (sender, receiver) = std::sync::mpsc::channel();
        let upstream = ScriptedUpstream::start(move |mut connection| {
            connection.request();
            let mut rest = Vec::new();
            // The connection must end.
            let outcome = std::io::Read::read_to_end(&mut connection.stream, &mut rest);
            sender.send((outcome.is_ok(), rest)).unwrap();
        });
        let gateway = TestGateway::before(upstream).await;
        let mut client = gateway.raw();
        client.say(format!(
            "POST /upload HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{piece}"
        ));
        // The first half arrives before the client disconnects.
        while gateway.upstream.heads().is_empty() {
            tokio::task::yield_now().await;
        }
        drop(client);
        let (_, rest) = receiver
            .recv_timeout(crate::support::upstream::PATIENCE)
            .unwrap();
        let rest = String::from_utf8_lossy(&rest).into_owned();
        assert!(!rest.ends_with("0\r\n\r\n"), "{rest}");
        assert!(rest.len() < 100);
    }
}

#[actix_web::test]
async fn many_clients_survive_restarts_and_nothing_is_done_twice() {
    let done = Arc::new(AtomicUsize::new(0));
    let mut gateway = TestGateway::before(ScriptedUpstream::start(unreliable(done.clone()))).await;
    let upstream = gateway.upstream.address;
    let clients = ManyClients::start(gateway.server.address, 1000, 2);
    // Meanwhile the upstream is unavailable for a moment.
    gateway.upstream = ScriptedUpstream::answering(OK);
    while std::net::TcpStream::connect(upstream).is_ok() {}
    gateway.upstream = ScriptedUpstream::start_at(upstream, unreliable(done.clone()));
    clients.nothing_is_done_twice(&done);
}
