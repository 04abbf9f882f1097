//! Health, metrics and the log of a gateway.

use std::net::SocketAddr;

use nocobase_dingtalk::server::BoundServer;
use reqwest::Method;

use crate::support::upstream::{ScriptedUpstream, header, headers};
use crate::support::{Browser, TestGateway, logs};

const OK: &str = "HTTP/1.1 200 OK\r\nX-Request-Id: theirs\r\nContent-Length: 2\r\n\r\nok";

/// A gateway, and the address of its second port.
async fn watched(flags: &[&str]) -> (TestGateway, Browser) {
    let flags = [flags, &["--metrics-port=0"]].concat();
    let gateway = TestGateway::with_flags(ScriptedUpstream::answering(OK), &flags).await;
    let operations = BoundServer::bind_operations(&gateway.server.opened)
        .unwrap()
        .unwrap();
    let address: SocketAddr = operations.address();
    actix_web::rt::spawn(operations.run());
    (gateway, Browser::at(address))
}

#[actix_web::test]
async fn a_gateway_is_ready_while_database_and_nocobase_are_there() {
    let (mut gateway, mut watcher) = watched(&[]).await;
    assert_eq!(watcher.get("/healthz").await.text, "ok\n");
    let ready = watcher.get("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.text, "server: ok\ndatabase: ok\nnocobase: ok\n");

    let address = gateway.upstream.address;
    gateway.upstream = ScriptedUpstream::answering(OK);
    while std::net::TcpStream::connect(address).is_ok() {}
    let away = watcher.get("/readyz").await;
    assert_eq!(away.status, 503);
    assert!(
        away.text
            .contains("database: ok\nnocobase: NocoBase cannot be reached"),
        "{}",
        away.text
    );
    assert_eq!(
        watcher.get("/healthz").await.status,
        200,
        "it is alive all the same"
    );

    // A node that answers that it is starting is reachable.
    let starting = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}";
    gateway.upstream = ScriptedUpstream::start_at(address, move |mut connection| {
        while connection.request().is_some() {
            connection.say(starting);
        }
    });
    assert_eq!(watcher.get("/readyz").await.status, 200);

    gateway.server.opened.end();
    let ending = watcher.get("/readyz").await;
    assert_eq!(ending.status, 503);
    assert!(
        ending.text.starts_with("server: is ending\n"),
        "{}",
        ending.text
    );
}

#[actix_web::test]
async fn what_passes_is_counted_and_nothing_that_was_sent_is_a_label() {
    let (gateway, mut watcher) = watched(&[]).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for path in ["/api/s3cret:list", "/p/s3cret?token=s3cret", "/api/pm:list"] {
        gateway.exchange(get(path));
    }
    gateway.exchange(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    let page = gateway
        .browser()
        .sign_in(&gateway.app.sandbox, "zhangwei")
        .await;
    assert!(page.session().is_some());
    let refused = [("x-authenticator", "dingtalk")];
    let body = Some(serde_json::json!({"authCode": "s3cret"}));
    gateway
        .browser()
        .send(Method::POST, "/api/auth:signIn", &refused, body)
        .await;
    let metrics = watcher.get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let has = |line: &str| {
        assert!(
            metrics.text.lines().any(|l| l == line),
            "{line}\n{}",
            metrics.text
        );
    };
    has(r#"nocobase_dingtalk_requests_total{kind="nocobase",status="2xx"} 2"#);
    has(r#"nocobase_dingtalk_requests_total{kind="spliced",status="2xx"} 1"#);
    has(r#"nocobase_dingtalk_requests_total{kind="websocket",status="2xx"} 1"#);
    has(r#"nocobase_dingtalk_request_duration_seconds_count{kind="nocobase"} 2"#);
    has(r#"nocobase_dingtalk_sign_ins_total{provider="dingtalk",result="OK"} 1"#);
    has(
        r#"nocobase_dingtalk_sign_ins_total{provider="dingtalk",result="DINGTALK_CODE_REJECTED"} 1"#,
    );
    has(r#"nocobase_dingtalk_dingtalk_calls_total{endpoint="user/get",outcome="ok"} 1"#);
    has(
        r#"nocobase_dingtalk_dingtalk_calls_total{endpoint="oauth2/userAccessToken",outcome="code_rejected"} 1"#,
    );
    has(r#"nocobase_dingtalk_circuit_breaker{host="oapi",state="closed"} 1"#);
    has("nocobase_dingtalk_websockets 0");
    assert!(
        metrics
            .text
            .contains("nocobase_dingtalk_upstream_connections_opened_total ")
    );
    assert!(
        !metrics.text.contains("s3cret") && !metrics.text.contains("other"),
        "{}",
        metrics.text
    );
}

#[actix_web::test]
async fn a_request_has_one_name_on_its_whole_way() {
    let named = "GET /api/x?token=s3cret HTTP/1.1\r\nHost: x\r\nX-Request-Id: from-proxy.1\r\n\
        Connection: close\r\n\r\n";
    // The request id of a stranger is ignored.
    let (gateway, _) = watched(&[]).await;
    let answer = gateway.exchange(named);
    let names = headers(&answer, "x-request-id");
    assert!(names.len() == 1 && names[0].len() == 36, "{answer}");
    let sent = gateway.upstream.heads().pop().unwrap();
    assert_eq!(headers(&sent, "x-request-id"), names);
    let line = logs();
    let line = line.lines().find(|line| line.contains(&names[0])).unwrap();
    for part in [
        "DEBUG access id=",
        "method=GET path=/api/x kind=nocobase status=200 ms=",
        "bytes=2 client=127.0.0.1 user=- nocobase_id=theirs",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains("s3cret"), "{line}");
    // The request id of a trusted proxy is used, if it is valid.
    let (gateway, _) = watched(&["--trusted-proxies=127.0.0.1"]).await;
    assert_eq!(
        header(&gateway.exchange(named), "x-request-id").unwrap(),
        "from-proxy.1"
    );
    let odd = named.replace("from-proxy.1", "a b");
    assert_eq!(
        header(&gateway.exchange(odd), "x-request-id")
            .unwrap()
            .len(),
        36
    );
}
