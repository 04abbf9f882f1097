//! Stopping a gateway while clients or upstreams are slow.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::upstream::{ScriptedUpstream, signal, wait_for};
use crate::support::{TestGateway, grows_no_more};

const MEGABYTE: usize = 1024 * 1024;

#[actix_web::test]
async fn what_is_on_its_way_arrives_when_the_gateway_ends() {
    let (go_on, may_go_on) = signal();
    let upstream = ScriptedUpstream::start(move |mut connection| {
        connection.request();
        connection.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
        wait_for(&may_go_on);
        connection.say("later");
    });
    let gateway = TestGateway::before(upstream).await;
    let address = gateway.server.address;
    let mut client = gateway.raw();
    client.say("GET /export HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    client.hear_until("first");
    let ended = gateway.server.begin_to_end();
    // New connections are refused.
    while std::net::TcpStream::connect(address).is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    go_on.send(()).unwrap();
    assert_eq!(client.hear_all(), "later");
    ended.await;
}

#[actix_web::test]
async fn an_upstream_that_reads_slowly_slows_the_client_down() {
    let (go_on, may_go_on) = signal();
    let upstream = ScriptedUpstream::start(move |mut connection| {
        connection.request();
        wait_for(&may_go_on);
        let mut left = 200 * MEGABYTE;
        let mut buffer = vec![0; MEGABYTE];
        while left > 0 {
            match connection.stream.read(&mut buffer) {
                Ok(read @ 1..) => left -= read,
                _ => return,
            }
        }
        connection.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
    let gateway = TestGateway::before(upstream).await;
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = sent.clone();
    let mut client = gateway.raw();
    client.say(format!(
        "POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        200 * MEGABYTE
    ));
    let sender = std::thread::spawn(move || {
        let piece = vec![b'x'; MEGABYTE];
        for _ in 0..200 {
            client.0.write_all(&piece).unwrap();
            counter.fetch_add(MEGABYTE, Ordering::SeqCst);
        }
        client.hear_all()
    });
    // The server reads nothing here, so the client stops when the buffers in between are full.
    let held = grows_no_more("what was sent", &sent).await;
    assert!(held < 50 * MEGABYTE, "{held} bytes are held somewhere");
    go_on.send(()).unwrap();
    assert!(sender.join().unwrap().ends_with("ok"));
}
