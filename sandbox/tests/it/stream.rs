//! Events through the Stream: what an application hears, and what it has to say.

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET, CORP_ID};

use crate::harness::{Answer, Fake};

type Socket = WebSocketStream<TcpStream>;

/// More attempts than the slowest machine needs.
const PATIENT: u32 = 1_000_000;

const OPEN: &str = "/v1.0/gateway/connections/open";

async fn open(fake: &Fake, secret: &str) -> Answer {
    let body = json!({
        "clientId": CLIENT_ID, "clientSecret": secret,
        "subscriptions": [{"type": "EVENT", "topic": "*"}], "ua": "test", "localIp": "127.0.0.1",
    });
    let request = fake.request(Method::POST, OPEN).json(&body);
    fake.send(request.header("accept", "application/json"))
        .await
}

/// The address with a new ticket.
async fn address(fake: &Fake) -> String {
    let opened = open(fake, CLIENT_SECRET).await.json();
    let (endpoint, ticket) = (&opened["endpoint"], &opened["ticket"]);
    format!(
        "{}?ticket={}",
        endpoint.as_str().unwrap(),
        ticket.as_str().unwrap()
    )
}

/// Connects there. The library's own function is under a feature with which the server would be built a second time.
async fn connect_to(address: &str) -> Result<Socket, Error> {
    let request = address.into_client_request()?;
    let server = request.uri().authority().unwrap();
    let stream = TcpStream::connect(server.as_str()).await?;
    Ok(client_async(request, stream).await?.0)
}

async fn connect(fake: &Fake) -> Socket {
    connect_to(&address(fake).await).await.unwrap()
}

/// The next frame that is no ping; none when the connection has ended.
async fn frame(socket: &mut Socket) -> Option<Value> {
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if frame["headers"]["topic"] != "ping" {
            return Some(frame);
        }
    }
    None
}

async fn acknowledge(socket: &mut Socket, frame: &Value, status: &str) {
    let said = json!({
        "code": 200, "message": "OK",
        "headers": {"messageId": frame["headers"]["messageId"], "contentType": "application/json"},
        "data": json!({"status": status, "message": "said"}).to_string(),
    });
    socket.send(Message::text(said.to_string())).await.unwrap();
}

async fn settings(fake: &Fake, settings: Value) {
    fake.control(Method::PUT, "/events", settings).await;
}

async fn dismiss(fake: &Fake, person: &str) {
    let path = format!("/people/{person}/dismiss");
    fake.control(Method::POST, &path, json!({})).await;
}

/// Waits until all deliveries have these outcomes.
async fn outcomes(fake: &Fake, expected: &[(&str, u64, &str)]) {
    loop {
        let rows = fake.get("/_sandbox/events").await.json();
        let rows = rows.as_array().unwrap().clone();
        let seen: Vec<_> = rows
            .iter()
            .map(|row| {
                let text = |name: &str| row[name].as_str().unwrap();
                (
                    text("eventType"),
                    row["attempts"].as_u64().unwrap(),
                    text("outcome"),
                )
            })
            .collect();
        if seen == expected {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_event_has_the_form_that_the_sdks_read() {
    let fake = Fake::start();
    let mut socket = connect(&fake).await;
    dismiss(&fake, "lina").await;
    let event = frame(&mut socket).await.unwrap();
    assert_eq!(event["specVersion"], "1.0");
    assert_eq!(event["type"], "EVENT");
    let headers = &event["headers"];
    assert_eq!(headers["topic"], "*");
    assert_eq!(headers["eventType"], "user_leave_org");
    assert_eq!(headers["eventCorpId"], CORP_ID);
    for name in [
        "messageId",
        "eventId",
        "time",
        "eventBornTime",
        "connectionId",
    ] {
        assert!(headers[name].is_string(), "{name}: {event}");
    }
    let data: Value = serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
    assert_eq!(data["userId"], json!(["user-lina"]));
    assert!(data["timeStamp"].is_string());
    acknowledge(&mut socket, &event, "SUCCESS").await;
    outcomes(&fake, &[("user_leave_org", 1, "acknowledged")]).await;
}

#[tokio::test]
async fn what_happens_in_the_directory_is_told() {
    let fake = Fake::start();
    let mut socket = connect(&fake).await;
    let hired = json!({"id": "newbie"});
    fake.control(Method::POST, "/people", hired).await;
    fake.patch("newbie", json!({"name": "别名", "admin": true}))
        .await;
    fake.patch("newbie", json!({"personal": {"nick": "N"}}))
        .await;
    let created = json!({"name": "部门"});
    let id = fake.control(Method::POST, "/departments", created).await["id"].clone();
    let path = format!("/departments/{id}");
    fake.control(Method::PATCH, &path, json!({"name": "x"}))
        .await;
    fake.control(Method::DELETE, &path, json!({})).await;
    dismiss(&fake, "newbie").await;
    fake.control(Method::POST, "/people/newbie/rehire", json!({}))
        .await;
    fake.set_app(json!({"contactScope": {"departments": [919_600_001]}}))
        .await;
    let mut seen = Vec::new();
    while seen.len() < 11 {
        let event = frame(&mut socket).await.unwrap();
        acknowledge(&mut socket, &event, "SUCCESS").await;
        let data: Value = serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
        let subject = [&data["userId"], &data["deptId"], &data["deptIds"]];
        let subject = subject
            .into_iter()
            .find(|it| !it.is_null())
            .unwrap()
            .clone();
        seen.push((
            event["headers"]["eventType"].as_str().unwrap().to_owned(),
            subject,
        ));
        if data["diffInfo"].is_object() {
            assert_eq!(data["diffInfo"]["prev"]["name"], "newbie");
            assert_eq!(data["diffInfo"]["curr"]["name"], "别名");
        }
    }
    let expected: Vec<_> = [
        ("user_add_org", json!(["user-newbie"])),
        ("user_modify_org", json!(["user-newbie"])),
        ("user_modify_org", json!(["user-newbie"])),
        ("org_admin_add", json!(["user-newbie"])),
        ("org_dept_create", json!([id])),
        ("org_dept_modify", json!([id])),
        ("org_dept_remove", json!([id])),
        ("user_leave_org", json!(["user-newbie"])),
        ("user_add_org", json!(["user-newbie-2"])),
        ("user_modify_org", json!(["user-newbie-2"])),
        ("inner_app_scopes_change", json!([919_600_001])),
    ]
    .map(|(event, subject)| (event.to_owned(), subject))
    .into();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn tickets_are_for_one_connection_within_a_minute_and_a_half() {
    let fake = Fake::start();
    let wrong = open(&fake, "wrong").await;
    assert_eq!((wrong.status, wrong.reason().as_str()), (401, "authFailed"));
    let used = address(&fake).await;
    let _socket = connect_to(&used).await.unwrap();
    let late = address(&fake).await;
    fake.advance(90).await;
    for address in [
        used,
        late,
        format!("{}/connect?ticket=x", fake.base.replace("http", "ws")),
    ] {
        let refused = connect_to(&address).await;
        assert!(refused.is_err(), "{address}");
    }
    let plain = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET, "subscriptions": []});
    let answer = fake.post(OPEN, plain).await;
    assert!(answer.text.starts_with('<'), "XML: {}", answer.text);
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again() {
    let fake = Fake::start();
    settings(&fake, json!({"redeliveryMs": 20, "mostAttempts": PATIENT})).await;
    let mut socket = connect(&fake).await;
    dismiss(&fake, "lina").await;
    let first = frame(&mut socket).await.unwrap();
    let second = frame(&mut socket).await.unwrap();
    acknowledge(&mut socket, &second, "LATER").await;
    let third = frame(&mut socket).await.unwrap();
    acknowledge(&mut socket, &third, "SUCCESS").await;
    let ids = |frame: &Value, name: &str| frame["headers"][name].clone();
    for again in [&second, &third] {
        assert_eq!(ids(again, "eventId"), ids(&first, "eventId"));
        assert_ne!(ids(again, "messageId"), ids(&first, "messageId"));
    }
    // A machine under load may send it once more before it has read the answer.
    let settled = async |wanted: &str| loop {
        let rows = fake.get("/_sandbox/events").await.json();
        if rows.as_array().unwrap().last().unwrap()["outcome"] == wanted {
            return;
        }
        tokio::task::yield_now().await;
    };
    settled("acknowledged").await;
    settings(&fake, json!({"redeliveryMs": 5, "mostAttempts": 4})).await;
    dismiss(&fake, "marie").await;
    settled("failed").await;
}

#[tokio::test]
async fn events_can_come_twice_and_wait_for_a_connection() {
    let fake = Fake::start();
    settings(&fake, json!({"duplicates": 1})).await;
    dismiss(&fake, "lina").await;
    let mut socket = connect(&fake).await;
    let first = frame(&mut socket).await.unwrap();
    let second = frame(&mut socket).await.unwrap();
    assert_eq!(first["headers"]["eventId"], second["headers"]["eventId"]);
    for event in [first, second] {
        acknowledge(&mut socket, &event, "SUCCESS").await;
    }
    let twice = ("user_leave_org", 1, "acknowledged");
    outcomes(&fake, &[twice, twice]).await;
    socket.close(None).await.unwrap();
    while fake.get("/_sandbox/stream").await.json() != json!([]) {
        tokio::task::yield_now().await;
    }
    settings(&fake, json!({"keepMs": 0})).await;
    dismiss(&fake, "marie").await;
    outcomes(&fake, &[twice, twice, ("user_leave_org", 0, "failed")]).await;
}

#[tokio::test]
async fn events_can_come_in_any_order() {
    let fake = Fake::start();
    settings(&fake, json!({"jitterMs": 300})).await;
    let mut socket = connect(&fake).await;
    fake.control(Method::POST, "/people", json!({"count": 30}))
        .await;
    let mut heard = Vec::new();
    while heard.len() < 60 {
        let event = frame(&mut socket).await.unwrap();
        acknowledge(&mut socket, &event, "SUCCESS").await;
        heard.push(event["headers"]["eventId"].to_string());
    }
    let rows = fake.get("/_sandbox/events").await.json();
    let sent = rows.as_array().unwrap().iter();
    let sent: Vec<_> = sent.map(|row| row["eventId"].to_string()).collect();
    assert_ne!(heard, sent);
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    assert_eq!(sorted(heard), sorted(sent));
}

#[tokio::test]
async fn of_several_connections_each_event_goes_to_one() {
    let fake = Fake::start();
    let mut sockets = [connect(&fake).await, connect(&fake).await];
    let count = json!({"count": 20});
    fake.control(Method::POST, "/people", count).await;
    let mut heard = [0, 0];
    while heard.iter().sum::<u32>() < 40 {
        let [one, other] = &mut sockets;
        let (which, event) = tokio::select! {
            event = frame(one) => (0, event),
            event = frame(other) => (1, event),
        };
        acknowledge(&mut sockets[which], &event.unwrap(), "SUCCESS").await;
        heard[which] += 1;
    }
    assert!(heard[0] > 0 && heard[1] > 0, "{heard:?}");
}

#[tokio::test]
async fn connections_are_told_to_go_or_end_without_a_word() {
    let fake = Fake::start();
    settings(&fake, json!({"goodbyeMs": 20})).await;
    let mut socket = connect(&fake).await;
    fake.control(Method::POST, "/stream/close", json!({"how": "disconnect"}))
        .await;
    let frame_of_goodbye = frame(&mut socket).await.unwrap();
    assert_eq!(frame_of_goodbye["headers"]["topic"], "disconnect");
    // It hears nothing more: the new connection does.
    let mut next = connect(&fake).await;
    dismiss(&fake, "lina").await;
    let event = frame(&mut next).await.unwrap();
    acknowledge(&mut next, &event, "SUCCESS").await;
    assert_eq!(frame(&mut socket).await, None);
    fake.control(Method::POST, "/stream/close", json!({"how": "abrupt"}))
        .await;
    assert_eq!(frame(&mut next).await, None);
}

#[tokio::test]
async fn an_event_outlives_the_connection_that_took_it() {
    let fake = Fake::start();
    settings(&fake, json!({"redeliveryMs": 20, "mostAttempts": PATIENT})).await;
    let mut socket = connect(&fake).await;
    dismiss(&fake, "lina").await;
    let lost = frame(&mut socket).await.unwrap();
    fake.control(Method::POST, "/stream/close", json!({"how": "abrupt"}))
        .await;
    while frame(&mut socket).await.is_some() {}
    let mut next = connect(&fake).await;
    let again = frame(&mut next).await.unwrap();
    assert_eq!(again["headers"]["eventId"], lost["headers"]["eventId"]);
    acknowledge(&mut next, &again, "SUCCESS").await;
    loop {
        let rows = fake.get("/_sandbox/events").await.json();
        if rows[0]["outcome"] == "acknowledged" {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn pings_are_asked_and_their_answers_counted() {
    let fake = Fake::start();
    settings(&fake, json!({"pingMs": 10})).await;
    let mut socket = connect(&fake).await;
    let Some(Ok(Message::Text(text))) = socket.next().await else {
        panic!("a ping is due");
    };
    let ping: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(ping["type"], "SYSTEM");
    let said =
        json!({"code": 200, "headers": ping["headers"], "message": "OK", "data": ping["data"]});
    socket.send(Message::text(said.to_string())).await.unwrap();
    while fake.get("/_sandbox/stream").await.json()[0]["pongs"] == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_application_gets_what_it_has_ticked_in_the_form_of_choice() {
    let fake = Fake::start();
    let path = format!("/apps/{CLIENT_ID}/subscription");
    let only =
        json!({"push": {"mode": "stream"}, "types": ["user_modify_org"], "form": "recorded"});
    fake.control(Method::PUT, &path, only).await;
    let mut socket = connect(&fake).await;
    dismiss(&fake, "marie").await;
    fake.patch("lina", json!({"title": "x"})).await;
    let event = frame(&mut socket).await.unwrap();
    let data: Value = serde_json::from_str(event["data"].as_str().unwrap()).unwrap();
    assert!(data["diffInfo"].is_array(), "{data}");
    assert_eq!(data["eventId"], event["headers"]["eventId"]);
    let any = json!({"eventType": "user_modify_org", "data": {"userId": ["user-unknown"]}});
    fake.control(Method::POST, "/events", any).await;
    let event = frame(&mut socket).await.unwrap();
    assert!(event["data"].as_str().unwrap().contains("user-unknown"));
}
