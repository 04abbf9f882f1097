//! Bodies are streamed in both directions: neither side waits for the end.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::upstream::{ScriptedUpstream, header, signal, wait_for};
use crate::support::{TestGateway, grows_no_more};

const MEGABYTE: usize = 1024 * 1024;

#[actix_web::test]
async fn a_stream_of_events_arrives_event_by_event() {
    let (heard, may_go_on) = signal();
    let upstream = ScriptedUpstream::start(move |mut connection| {
        connection.request();
        connection.say(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
        );
        for event in 0..3 {
            let text = format!("data: {event}\n\n");
            connection.say(format!("{:x}\r\n{text}\r\n", text.len()));
            // The next part is not even sent before the client has this one.
            wait_for(&may_go_on);
        }
        connection.say("0\r\nX-Trailer: 1\r\n\r\n");
    });
    let gateway = TestGateway::before(upstream).await;
    let mut client = gateway.raw();
    client.say("GET /api/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for event in 0..3 {
        client.hear_until(&format!("data: {event}\n\n"));
        heard.send(()).unwrap();
    }
    assert!(
        client.hear_all().ends_with("0\r\n\r\n"),
        "it ends well, without the trailer"
    );
}

#[actix_web::test]
async fn an_upload_reaches_the_upstream_piece_by_piece_fixed_or_chunked() {
    for chunked in [false, true] {
        let (got, client_may_go_on) = signal();
        let upstream = ScriptedUpstream::start(move |mut connection| {
            let head = connection.request().unwrap();
            let mut body = Vec::new();
            for _ in 0..3 {
                if header(&head, "transfer-encoding").is_some() {
                    body.extend(connection.chunk().unwrap());
                } else {
                    let mut piece = vec![0; 5];
                    connection.stream.read_exact(&mut piece).unwrap();
                    body.extend(piece);
                }
                got.send(()).unwrap();
            }
            if header(&head, "transfer-encoding").is_some() {
                assert!(connection.chunk().is_none());
            }
            connection.say(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ));
            connection.say(body);
        });
        let gateway = TestGateway::before(upstream).await;
        let mut client = gateway.raw();
        let framing = if chunked {
            "Transfer-Encoding: chunked"
        } else {
            "Content-Length: 15"
        };
        client.say(format!(
            "POST /api/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{framing}\r\n\r\n"
        ));
        for piece in ["aaaaa", "bbbbb", "ccccc"] {
            if chunked {
                client.say(format!("5\r\n{piece}\r\n"));
            } else {
                client.say(piece);
            }
            wait_for(&client_may_go_on);
        }
        if chunked {
            client.say("0\r\n\r\n");
        }
        let answer = client.hear_all();
        assert!(answer.ends_with("\r\n\r\naaaaabbbbbccccc"), "{answer}");
        let head = &gateway.upstream.heads()[0];
        assert_eq!(header(head, "content-length").is_some(), !chunked, "{head}");
        assert_eq!(
            header(head, "transfer-encoding").is_some(),
            chunked,
            "{head}"
        );
    }
}

#[actix_web::test]
async fn a_client_that_waits_to_be_told_to_go_on_is() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let gateway = TestGateway::before(upstream).await;
    let mut client = gateway.raw();
    client.say(
        "POST /api/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\
         Expect: 100-continue\r\n\r\n",
    );
    client.hear_until("HTTP/1.1 100 Continue\r\n\r\n");
    client.say("body");
    assert!(client.hear_all().ends_with("ok"));
    assert_eq!(header(&gateway.upstream.heads()[0], "expect"), None);
}

#[actix_web::test]
async fn an_answer_that_comes_before_the_end_of_the_upload_arrives() {
    let upstream = ScriptedUpstream::start(|mut connection| {
        connection.request();
        connection.say(
            "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo much",
        );
    });
    let gateway = TestGateway::before(upstream).await;
    let mut client = gateway.raw();
    client.say("POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nonly this");
    let answer = client.hear_until("too much");
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[actix_web::test]
async fn a_slow_reader_slows_the_upstream_down() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = sent.clone();
    let upstream = ScriptedUpstream::start(move |mut connection| {
        connection.request();
        connection.say(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            200 * MEGABYTE
        ));
        let piece = vec![b'x'; MEGABYTE];
        for _ in 0..200 {
            if connection.stream.write_all(&piece).is_err() {
                break;
            }
            counter.fetch_add(MEGABYTE, Ordering::SeqCst);
        }
    });
    let gateway = TestGateway::before(upstream).await;
    let mut client = gateway.raw();
    client.say("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client.hear_until("\r\n\r\n");
    // The client reads nothing, so the upstream stops when the buffers in between are full.
    let held = grows_no_more("what was sent", &sent).await;
    assert!(held < 50 * MEGABYTE, "{held} bytes are held somewhere");
    let mut read = 0;
    let mut buffer = vec![0; MEGABYTE];
    while let Ok(piece @ 1..) = client.0.read(&mut buffer) {
        read += piece;
    }
    assert_eq!(read, 200 * MEGABYTE);
}

#[actix_web::test]
async fn answers_without_a_body_keep_what_they_say() {
    for (method, answer, expected) in [
        (
            "HEAD",
            "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n",
            "content-length: 1234",
        ),
        ("GET", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n", "x-a: 1"),
        (
            "GET",
            "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
            "etag: \"a\"",
        ),
        (
            "GET",
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
            "location: /x",
        ),
    ] {
        let gateway = TestGateway::before(ScriptedUpstream::answering(answer)).await;
        let request = format!("{method} /file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let heard = gateway.exchange(request);
        let (head, body) = heard.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "", "{heard}");
        assert_eq!(head.lines().next(), answer.lines().next());
        let lower = head.to_lowercase();
        assert!(lower.contains(expected), "{heard}");
        assert!(!lower.contains("transfer-encoding"), "{heard}");
        if answer.contains("204") {
            assert!(!lower.contains("content-length"), "{heard}");
        }
    }
}

#[actix_web::test]
async fn a_compressed_answer_stays_compressed() {
    let upstream = ScriptedUpstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f_no",
    );
    let gateway = TestGateway::before(upstream).await;
    let heard = gateway.exchange(
        "GET /a.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
    );
    assert!(heard.contains("content-encoding: gzip"), "{heard}");
    assert!(heard.ends_with("\x1f_no"), "{heard}");
    let sent = &gateway.upstream.heads()[0];
    assert_eq!(header(sent, "accept-encoding").unwrap(), "gzip");
}
