//! Headers on their way through.

use crate::support::TestGateway;
use crate::support::upstream::{Raw, ScriptedUpstream, header, headers};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

async fn sent(flags: &[&str], request: &str) -> String {
    let upstream = ScriptedUpstream::answering(OK);
    let gateway = TestGateway::with_flags(upstream, flags).await;
    let answer = gateway.exchange(request);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    gateway.upstream.heads()[0].clone()
}

#[actix_web::test]
async fn the_path_goes_on_as_it_came() {
    for path in [
        "/a/../b/./c",
        "/%2e%2e/%2F?x=%00&y=%zz",
        "/a//b?q={a:[1]}&r='",
        "/?",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let head = sent(&[], &request).await;
        assert_eq!(head.lines().next().unwrap(), format!("GET {path} HTTP/1.1"));
    }
}

#[actix_web::test]
async fn values_come_through_as_they_are_and_as_often_as_they_came() {
    let upstream = ScriptedUpstream::start(|mut connection| {
        while connection.request().is_some() {
            connection.say(
                b"HTTP/1.1 200 Fine\r\nSet-Cookie: a=1; path=/\r\nSet-Cookie: b=2\r\n\
                  X-Name: \xe4\xb8\xad \xff\r\nX-Empty:\r\nServer: NocoBase\r\nKeep-Alive: timeout=5\r\n\
                  Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nContent-Length: 0\r\n\r\n"
                    .as_slice(),
            );
        }
    });
    let gateway = TestGateway::before(upstream).await;
    let mut client = gateway.raw();
    client.say(
        b"GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close, TE\r\nTE: trailers\r\n\
          X-Bytes: \xe4\xb8\xad \xff\r\nX-Twice: 1\r\nX-Twice: 2\r\nProxy-Authorization: p\r\n\r\n"
            .as_slice(),
    );
    let mut answer = Vec::new();
    std::io::Read::read_to_end(&mut client.0, &mut answer).unwrap();
    let has = |bytes: &[u8]| answer.windows(bytes.len()).any(|part| part == bytes);
    assert!(has(b"set-cookie: a=1; path=/\r\n") && has(b"set-cookie: b=2\r\n"));
    assert!(has(b"x-name: \xe4\xb8\xad \xff\r\n"));
    assert!(has(b"x-empty: \r\n") && has(b"server: NocoBase\r\n"));
    assert!(!has(b"x-hop") && !has(b"keep-alive"));
    let head = &gateway.upstream.heads()[0];
    assert_eq!(headers(head, "x-twice"), ["1", "2"]);
    for gone in [
        "te",
        "proxy-authorization",
        "connection",
        "transfer-encoding",
        "content-length",
    ] {
        assert_eq!(header(head, gone), None, "{gone}: {head}");
    }
    assert!(header(head, "x-bytes").unwrap().starts_with('\u{4e2d}'));
}

#[actix_web::test]
async fn what_strangers_say_about_the_way_here_does_not_count() {
    let request = "GET / HTTP/1.1\r\nHost: office.example:81\r\nConnection: close\r\n\
        X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n\
        X-Forwarded-Port: 1\r\nX-Forwarded-Prefix: /x\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n\r\n";
    let head = sent(&[], request).await;
    assert_eq!(headers(&head, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(headers(&head, "x-forwarded-proto"), ["http"]);
    assert_eq!(headers(&head, "x-forwarded-host"), ["office.example:81"]);
    assert_eq!(headers(&head, "host"), ["office.example:81"]);
    assert_eq!(headers(&head, "via"), ["1.1 nocobase-dingtalk"]);
    assert!(
        !head.contains("6.6.6.6") && !head.contains("evil"),
        "{head}"
    );
    for gone in [
        "x-forwarded-port",
        "x-forwarded-prefix",
        "forwarded",
        "x-real-ip",
    ] {
        assert_eq!(header(&head, gone), None, "{gone}");
    }

    let head = sent(&["--trusted-proxies=127.0.0.1"], request).await;
    assert_eq!(headers(&head, "x-forwarded-for"), ["6.6.6.6, 127.0.0.1"]);
    assert_eq!(headers(&head, "x-forwarded-proto"), ["https"]);
    assert_eq!(headers(&head, "x-forwarded-host"), ["evil.example"]);
}

#[actix_web::test]
async fn nocobase_is_told_https_and_an_address_as_everybody_writes_it() {
    let request = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
        X-Forwarded-Proto: wss\r\nX-Forwarded-Host: office.example\r\n\r\n";
    let upstream = ScriptedUpstream::answering(OK);
    let flags = ["--app-host=::", "--trusted-proxies=127.0.0.1"];
    let gateway = TestGateway::with_flags(upstream, &flags).await;
    let port = gateway.server.address.port();
    let answer = Raw::to(([127, 0, 0, 1], port).into())
        .say(request)
        .hear_all();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let head = &gateway.upstream.heads()[0];
    assert_eq!(headers(head, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(headers(head, "x-forwarded-proto"), ["https"]);
}

#[actix_web::test]
async fn the_host_can_be_nocobases_own() {
    let request = "GET / HTTP/1.1\r\nHost: office.example\r\nConnection: close\r\n\r\n";
    let head = sent(&["--nocobase-upstream-host=upstream"], request).await;
    assert!(
        header(&head, "host").unwrap().starts_with("127.0.0.1:"),
        "{head}"
    );
    assert_eq!(headers(&head, "x-forwarded-host"), ["office.example"]);
    let head = sent(&["--app-public-url=https://office.example"], request).await;
    assert_eq!(headers(&head, "x-forwarded-proto"), ["https"]);
}

#[actix_web::test]
async fn connections_are_used_again_and_a_loop_is_noticed() {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    let mut client = gateway.raw();
    for _ in 0..20 {
        client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.hear_until("\r\n\r\n");
    }
    assert_eq!(gateway.upstream.heads().len(), 20);
    assert_eq!(gateway.upstream.connections(), 1);
    let answer =
        gateway.exchange("GET / HTTP/1.1\r\nHost: x\r\nVia: 1.0 a, 1.1 nocobase-dingtalk\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 508"), "{answer}");
    assert_eq!(gateway.upstream.heads().len(), 20);
}
