//! `WebSocket`s through the gateway.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use nocobase_dingtalk::edge::open_pages::{PageMessage, Status};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

use crate::support::upstream::{ScriptedUpstream, header};
use crate::support::{TestGateway, connect_websocket};

type Page = WebSocketStream<TcpStream>;

/// NocoBase's end: what it hears, and what it is to say.
struct Peer {
    heard: UnboundedReceiver<Message>,
    say: UnboundedSender<Message>,
}

impl Peer {
    async fn hear(&mut self) -> Option<Message> {
        let heard = tokio::time::timeout(Duration::from_secs(10), self.heard.recv()).await;
        heard.expect("something is heard")
    }
}

/// A gateway, a page that is connected through it, and NocoBase's end of that.
async fn connected() -> (TestGateway, Page, Peer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (to_test, heard) = unbounded_channel();
    let (say, mut to_say) = unbounded_channel::<Message>();
    actix_web::rt::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        #[expect(clippy::result_large_err, reason = "the library's type")]
        let check = |request: &tokio_tungstenite::tungstenite::handshake::server::Request,
                     answer| {
            assert!(request.headers().get("sec-websocket-extensions").is_none());
            assert_eq!(request.headers()["x-forwarded-for"], "127.0.0.1");
            Ok(answer)
        };
        let mut socket = accept_hdr_async(stream, check).await.unwrap();
        loop {
            tokio::select! {
                message = socket.next() => {
                    let Some(Ok(message)) = message else { break };
                    if to_test.send(message).is_err() { break }
                }
                message = to_say.recv() => {
                    let Some(message) = message else { break };
                    if socket.send(message).await.is_err() { break }
                }
            }
        }
    });
    // Started for its database; its upstream is the one above.
    let unused = ScriptedUpstream::answering("");
    let flag = format!("--nocobase-upstream-url={url}");
    let gateway = TestGateway::with_flags(unused, &[&flag]).await;
    let url = format!("ws://{}/ws?x=1", gateway.server.address);
    let (page, answer) = connect_websocket(url).await.unwrap();
    assert_eq!(answer.status(), 101);
    (gateway, page, Peer { heard, say })
}

async fn next(page: &mut Page) -> Message {
    let next = tokio::time::timeout(Duration::from_secs(10), page.next()).await;
    next.expect("something is said").unwrap().unwrap()
}

#[actix_web::test]
async fn messages_of_all_sizes_and_kinds_arrive_both_ways() {
    let (_gateway, mut page, mut peer) = connected().await;
    for size in [0, 1, 125, 126, 65_535, 65_536, 5_000_000] {
        let text = Message::text("x".repeat(size));
        let bytes = Message::binary(vec![7; size]);
        for message in [text, bytes] {
            page.send(message.clone()).await.unwrap();
            assert!(peer.hear().await.unwrap() == message, "{size}");
            peer.say.send(message.clone()).unwrap();
            assert!(next(&mut page).await == message, "{size}");
        }
    }
    page.send(Message::Ping(b"a".as_slice().into()))
        .await
        .unwrap();
    assert_eq!(
        peer.hear().await.unwrap(),
        Message::Ping(b"a".as_slice().into())
    );
    peer.say.send(Message::text("after")).unwrap();
    assert_eq!(next(&mut page).await, Message::Pong(b"a".as_slice().into()));
    assert_eq!(next(&mut page).await, Message::text("after"));
}

#[actix_web::test]
async fn the_end_is_told_with_its_code_from_either_side() {
    let close = |code| CloseFrame {
        code: CloseCode::from(code),
        reason: "that is why".into(),
    };
    let (_gateway, mut page, mut peer) = connected().await;
    page.close(Some(close(4001))).await.unwrap();
    assert_eq!(
        peer.hear().await.unwrap(),
        Message::Close(Some(close(4001)))
    );
    let (_gateway, mut page, peer) = connected().await;
    peer.say.send(Message::Close(Some(close(1012)))).unwrap();
    assert_eq!(next(&mut page).await, Message::Close(Some(close(1012))));
}

#[actix_web::test]
async fn when_one_end_vanishes_so_does_the_other() {
    let (_gateway, page, mut peer) = connected().await;
    drop(page);
    while peer.hear().await.is_some() {}
    let (_gateway, mut page, peer) = connected().await;
    drop(peer);
    let last = tokio::time::timeout(Duration::from_secs(10), page.next())
        .await
        .unwrap();
    assert!(!matches!(last, Some(Ok(Message::Text(_)))), "{last:?}");
}

#[actix_web::test]
async fn our_own_messages_stand_between_those_of_nocobase() {
    let (gateway, mut page, peer) = connected().await;
    let hub = gateway.server.opened.pages();
    let frame = PageMessage::Maintaining(Status::running(true));
    let own = Message::text(serde_json::to_string(&frame).unwrap());
    hub.tell(&frame);
    assert_eq!(next(&mut page).await, own);
    // In the middle of a great many others too, each of which arrives whole.
    let big = Message::text("y".repeat(300_000));
    for _ in 0..20 {
        peer.say.send(big.clone()).unwrap();
        hub.tell(&frame);
    }
    let mut theirs = 0;
    let mut ours = 0;
    while theirs < 20 || ours < 20 {
        let message = next(&mut page).await;
        if message == big {
            theirs += 1;
        } else {
            assert!(message == own);
            ours += 1;
        }
    }
}

#[actix_web::test]
async fn nocobase_does_not_hear_of_dingtalk_authenticators() {
    let (gateway, mut page, mut peer) = connected().await;
    gateway.create_authenticator("ding", true).await;
    let said = |name| {
        let text = format!(
            r#"{{"type":"auth:token","payload":{{"token":"t","authenticator":"{name}"}}}}"#
        );
        Message::text(text)
    };
    page.send(said("ding")).await.unwrap();
    assert_eq!(peer.hear().await.unwrap(), said("basic"));
    page.send(said("other")).await.unwrap();
    assert_eq!(peer.hear().await.unwrap(), said("other"));
}

#[actix_web::test]
async fn pages_are_let_go_when_the_server_ends() {
    let (gateway, mut page, _peer) = connected().await;
    gateway.server.opened.pages().close();
    let Message::Close(Some(frame)) = next(&mut page).await else {
        panic!("no end");
    };
    assert_eq!(frame.code, CloseCode::Away);
}

#[actix_web::test]
async fn a_refusal_to_change_the_protocol_is_an_answer_like_any_other() {
    let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    let gateway = TestGateway::before(ScriptedUpstream::answering(answer)).await;
    let heard = gateway.exchange(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    assert!(
        heard.starts_with("HTTP/1.1 403") && heard.ends_with("no"),
        "{heard}"
    );
}

#[actix_web::test]
async fn whoever_asks_for_a_websocket_at_an_action_is_passed_on_as_such() {
    let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
    let gateway = TestGateway::before(ScriptedUpstream::answering(answer)).await;
    let heard = gateway.exchange(
        "GET /api/auth:signOut HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    assert!(heard.starts_with("HTTP/1.1 401"), "{heard}");
    let heads = gateway.upstream.heads();
    let [head] = heads.as_slice() else {
        panic!("it is no sign-out, which would be sent again: {heads:?}");
    };
    assert_eq!(header(head, "upgrade").as_deref(), Some("websocket"));
}
