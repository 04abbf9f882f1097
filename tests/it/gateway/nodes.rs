//! A NocoBase of several nodes.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use nocobase_dingtalk::server::BoundServer;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::many_clients::{ManyClients, unreliable};
use crate::support::upstream::{Connection, Raw, ScriptedUpstream};
use crate::support::{Browser, TestGateway, connect_websocket, eventually};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CLOSING: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
const STARTING: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\n{}";

/// A gateway before these nodes, and the address of its metrics.
async fn before(nodes: &[&ScriptedUpstream]) -> (TestGateway, Browser) {
    let urls: Vec<_> = nodes.iter().map(|node| node.url()).collect();
    let flag = format!("--nocobase-upstream-url={}", urls.join(","));
    let unused = ScriptedUpstream::answering("");
    let gateway = TestGateway::with_flags(unused, &[&flag, "--metrics-port=0"]).await;
    let operations = BoundServer::bind_operations(&gateway.server.opened)
        .unwrap()
        .unwrap();
    let watcher = Browser::at(operations.address());
    actix_web::rt::spawn(operations.run());
    (gateway, watcher)
}

/// How many requests of clients a node got.
fn of_clients(node: &ScriptedUpstream) -> usize {
    let heads = node.heads();
    heads
        .iter()
        .filter(|head| head.contains(" /api/x "))
        .count()
}

fn ask(address: SocketAddr) -> String {
    Raw::to(address)
        .say("GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .hear_all()
}

/// Waits until nothing listens there.
fn is_gone(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {}
}

#[actix_web::test]
async fn requests_go_to_all_nodes_and_past_one_that_is_away_until_it_is_back() {
    // A connection for each request, so that none outlives its node.
    let node = |mut connection: Connection| {
        if connection.request().is_some() {
            connection.say(CLOSING);
        }
    };
    let [one, other] = [(); 2].map(|()| ScriptedUpstream::start(node));
    let (gateway, mut watcher) = before(&[&one, &other]).await;
    let address = gateway.server.address;
    for _ in 0..8 {
        assert!(ask(address).starts_with("HTTP/1.1 200"));
    }
    assert_eq!((of_clients(&one), of_clients(&other)), (4, 4));
    let ready = watcher.get("/readyz").await;
    let lines = format!(
        "server: ok\ndatabase: ok\nnocobase {}: ok\nnocobase {}: ok\nnocobase: ok\n",
        one.url(),
        other.url()
    );
    assert_eq!((ready.status.as_u16(), ready.text), (200, lines));

    let (gone, url) = (one.address, one.url());
    drop(one);
    is_gone(gone);
    for _ in 0..8 {
        assert!(ask(address).starts_with("HTTP/1.1 200"));
    }
    assert_eq!(of_clients(&other), 12);
    let ready = watcher.get("/readyz").await;
    assert_eq!(ready.status, 200);
    let away = format!("nocobase {url}: NocoBase cannot be reached");
    assert!(ready.text.contains(&away), "{}", ready.text);

    // Back, but not ready: it is asked whether it is well, and nothing else.
    let is_ready = Arc::new(AtomicBool::new(false));
    let ready = is_ready.clone();
    let one = ScriptedUpstream::start_at(gone, move |mut connection| {
        if connection.request().is_some() {
            let is_ready = ready.load(Ordering::SeqCst);
            connection.say(if is_ready { CLOSING } else { STARTING });
        }
    });
    // With the second question the answer to the first was noted.
    eventually("questions after its health", async || one.heads().len() > 1).await;
    for _ in 0..8 {
        assert!(ask(address).starts_with("HTTP/1.1 200"));
    }
    assert_eq!(of_clients(&one), 0);
    is_ready.store(true, Ordering::SeqCst);
    eventually("requests for the node that is back", async || {
        assert!(ask(address).starts_with("HTTP/1.1 200"));
        of_clients(&one) > 0
    })
    .await;

    for node in [one, other] {
        let address = node.address;
        drop(node);
        is_gone(address);
    }
    assert!(ask(address).starts_with("HTTP/1.1 503"));
    let ready = watcher.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(
        ready.text.ends_with("nocobase: no node answers\n"),
        "{}",
        ready.text
    );
}

#[actix_web::test]
async fn nothing_is_done_twice_while_nodes_die_and_come_back() {
    let done = Arc::new(AtomicUsize::new(0));
    let nodes = [(); 2].map(|()| ScriptedUpstream::start(unreliable(done.clone())));
    let (gateway, _) = before(&[&nodes[0], &nodes[1]]).await;
    let clients = ManyClients::start(gateway.server.address, 200, 5);
    // Meanwhile one node after the other is away for a moment.
    let nodes = nodes.map(|node| {
        let address = node.address;
        drop(node);
        is_gone(address);
        ScriptedUpstream::start_at(address, unreliable(done.clone()))
    });
    assert!(clients.nothing_is_done_twice(&done) > 0);
    drop(nodes);
}

#[actix_web::test]
async fn a_page_stays_connected_to_its_node() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let all = heard.clone();
    let (close, closed) = tokio::sync::oneshot::channel::<()>();
    actix_web::rt::spawn(async move {
        let mut socket = loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Another connection asks whether this node is well.
            if let Ok(socket) = accept_async(stream).await {
                break socket;
            }
        };
        // From now on this node takes no other connection.
        drop(listener);
        let _ = close.send(());
        while let Some(Ok(message)) = socket.next().await {
            all.lock().unwrap().push(message.clone());
            socket.send(message).await.unwrap();
        }
    });
    let other = ScriptedUpstream::answering(OK);
    let flag = format!("--nocobase-upstream-url=http://{address},{}", other.url());
    let unused = ScriptedUpstream::answering("");
    let gateway = TestGateway::with_flags(unused, &[&flag]).await;
    let url = format!("ws://{}/ws", gateway.server.address);
    let (mut page, _) = connect_websocket(url).await.unwrap();
    closed.await.unwrap();
    for word in ["one", "two", "three"] {
        // The node counts as away meanwhile, and requests go to the other.
        assert!(ask(gateway.server.address).starts_with("HTTP/1.1 200"));
        page.send(Message::text(word)).await.unwrap();
        assert_eq!(page.next().await.unwrap().unwrap(), Message::text(word));
    }
    assert_eq!(heard.lock().unwrap().len(), 3);
}
