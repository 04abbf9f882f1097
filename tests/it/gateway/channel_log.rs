//! What a channel of this product's type leaves to do in NocoBase: its log, and copies that nobody wants.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::forwarded_send;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::channels::{have, kept, options, sent};
use super::forwarding::{ASK, bound, forward, gateway_before, look, now, received, row, rows};
use crate::support::message_workers::follow_up;
use crate::support::nocobase::{answer, nocobase, target};
use crate::support::{TestGateway, eventually};

/// What was written to NocoBase: action with its query, and body.
type Written = Arc<Mutex<Vec<String>>>;

/// A line of NocoBase's log.
fn line(id: &str, content: &str, at: &str) -> Value {
    let message = json!({"title": "A title", "content": content});
    json!({"id": id, "createdAt": at, "message": message})
}

/// A gateway before a NocoBase whose log has a line of another send and that of ours.
async fn office() -> (TestGateway, Written) {
    let in_year = |year: u32| format!("{year}-01-01T00:00:00.000Z");
    let lines = json!([
        line("other", "not this one", &in_year(2090)),
        line("earlier", "Hello", &in_year(1990)),
        line("ours", "Hello", &in_year(2090)),
        line("later", "Hello", &in_year(2091)),
    ]);
    office_with(move |_| lines.clone()).await
}

/// A gateway before a NocoBase whose log has these lines, for whoever asks with this query.
async fn office_with(
    lines: impl Fn(&str) -> Value + Send + Sync + 'static,
) -> (TestGateway, Written) {
    let written = Written::default();
    let log = written.clone();
    let upstream = nocobase(move |head, connection| {
        let body = String::from_utf8_lossy(&connection.body(head)).into_owned();
        let (path, query) = target(head);
        let told = match path {
            "/api/notificationSendLogs:list" => lines(query),
            "/api/notificationSendLogs:update" | "/api/notificationInAppMessages:destroy" => {
                log.lock().unwrap().push(format!("{path}?{query} {body}"));
                json!([])
            }
            _ => serde_json::from_str(&body).unwrap_or_default(),
        };
        answer(&json!({ "data": told }))
    });
    // In a box, because the compiler limits how deep one future may lie in another.
    (Box::pin(gateway_before(upstream)).await, written)
}

/// The value of a parameter, as JSON.
fn value_in(query: &str, name: &str) -> Value {
    let mut query = url::form_urlencoded::parse(query.as_bytes());
    let (_, value) = query.find(|(key, _)| key == name).unwrap();
    serde_json::from_str(&value).unwrap()
}

/// The filter of a list.
fn filter_in(query: &str) -> Value {
    value_in(query, "filter")
}

/// The worker's step, so much later.
async fn follow(gateway: &TestGateway, seconds: i64) {
    gateway.app.clock.advance(TimeDelta::seconds(seconds));
    let app = gateway.server.app.clone();
    gateway.server.does(follow_up(app)).await;
}

/// The worker's steps until something is written.
async fn until_written(gateway: &TestGateway, written: &Written) {
    eventually("the line", async || {
        follow(gateway, 5).await;
        !written.lock().unwrap().is_empty()
    })
    .await;
}

async fn create(gateway: &TestGateway, options: &Value) {
    let token = gateway.root_token().await;
    let path = "/api/notificationChannels:create";
    let saved = gateway.browser().post_as(&token, path, sent(options)).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    have(gateway, &kept(options)).await;
}

/// The same words to two people, as rows 1 and 2 of the inbox.
async fn hello(gateway: &TestGateway, at: i64, channel: &str, (one, other): (i64, i64)) {
    let both = [
        (1, one, channel, "Hello", ""),
        (2, other, channel, "Hello", ""),
    ];
    rows(gateway, at, &both).await;
}

#[actix_web::test]
async fn the_log_says_for_whom_a_message_did_not_arrive() {
    let (gateway, written) = office().await;
    let lina = bound(&gateway, "lina").await;
    create(&gateway, &options()).await;
    let (stranger, _) = gateway.member("stranger", None).await;
    let at = now(&gateway);
    hello(&gateway, at, "dt", (lina, stranger)).await;
    look(&gateway).await;
    eventually("the message", async || received(&gateway).await.len() == 1).await;
    until_written(&gateway, &written).await;
    // A database may have cut off the milliseconds of a line, so it is looked for a second before.
    let heads = gateway.upstream.heads();
    let list = heads.iter().find(|head| head.contains("SendLogs:list?"));
    let (_, query) = target(list.unwrap());
    let filter = filter_in(query);
    let since = DateTime::from_timestamp_millis(at - 1000).unwrap();
    let since = since.to_rfc3339_opts(SecondsFormat::Millis, true);
    assert_eq!(filter["createdAt"]["$gte"], since, "{filter}");
    // A line is written once, as long as it stays true.
    for seconds in [60, 500, 500] {
        follow(&gateway, seconds).await;
    }
    let all = written.lock().unwrap().clone();
    let [one] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert!(
        one.starts_with("/api/notificationSendLogs:update?filterByTk=ours "),
        "{one}"
    );
    let reason = "1 of 2 receivers are not bound to DingTalk: stranger";
    assert!(one.contains(reason) && one.contains("failure"), "{one}");
    let store = gateway.app.store();
    assert_eq!(
        store.due_sends(10).await.unwrap(),
        [],
        "nothing more is looked for"
    );
}

#[actix_web::test]
async fn of_lines_with_the_same_words_the_first_from_that_moment_on_is_meant() {
    let (gateway, written) = office_with(|query| {
        let asked = filter_in(query)["createdAt"]["$gte"].clone();
        let since: DateTime<Utc> = asked.as_str().unwrap().parse().unwrap();
        // Lines from a second before the message on are asked for.
        let after = |ms| (since + TimeDelta::milliseconds(ms)).to_rfc3339();
        json!([
            line("earlier", "Hello", &after(999)),
            line("ours", "Hello", &after(1000)),
            line("later", "Hello", &after(1001)),
        ])
    })
    .await;
    create(&gateway, &options()).await;
    let (stranger, _) = gateway.member("stranger", None).await;
    let at = now(&gateway);
    row(&gateway, at, 1, stranger, "dt", "Hello", "").await;
    look(&gateway).await;
    until_written(&gateway, &written).await;
    let all = written.lock().unwrap().clone();
    assert!(all[0].contains("filterByTk=ours "), "{all:?}");
}

#[actix_web::test]
async fn the_line_is_found_however_many_others_the_channel_has_from_that_moment() {
    let (gateway, written) = office_with(|query| {
        let asked = filter_in(query)["createdAt"]["$gte"].clone();
        let since: DateTime<Utc> = asked.as_str().unwrap().parse().unwrap();
        let at = (since + TimeDelta::seconds(2)).to_rfc3339();
        let lines = value_in(query, "pageSize").as_u64().unwrap();
        match value_in(query, "page").as_u64() {
            Some(3) => json!([line("ours", "Hello", &at)]),
            _ => (0..lines)
                .map(|_| line("other", "not this one", &at))
                .collect(),
        }
    })
    .await;
    create(&gateway, &options()).await;
    let (stranger, _) = gateway.member("stranger", None).await;
    row(&gateway, now(&gateway), 1, stranger, "dt", "Hello", "").await;
    look(&gateway).await;
    until_written(&gateway, &written).await;
    let all = written.lock().unwrap().clone();
    assert!(all[0].contains("filterByTk=ours "), "{all:?}");
}

/// A server that is killed in the middle of a call does not forget to tell NocoBase.
#[actix_web::test]
async fn what_became_of_a_send_is_followed_from_before_its_call_on() {
    let (gateway, _) = office().await;
    let lina = bound(&gateway, "lina").await;
    create(&gateway, &options()).await;
    let sandbox = &gateway.app.sandbox;
    sandbox.fault(ASK, "slowBody", Value::Null, 1_000).await;
    row(&gateway, now(&gateway), 1, lina, "dt", "Hello", "").await;
    let connection = gateway.app.database.connect().await;
    let followed = async {
        eventually("the call", async || sandbox.calls(ASK).await == 1).await;
        forwarded_send::Entity::find().count(&connection).await
    };
    let ((), followed) = futures_util::join!(look(&gateway), followed);
    assert_eq!(followed.unwrap(), 1);
    connection.into_inner().close().await.unwrap();
}

#[actix_web::test]
async fn whoever_got_a_message_keeps_no_copy_where_none_is_wanted() {
    let (gateway, written) = office().await;
    let lina = bound(&gateway, "lina").await;
    let (stranger, _) = gateway.member("stranger", None).await;
    let mut options = options();
    options["keepCopy"] = json!(false);
    create(&gateway, &options).await;
    hello(&gateway, now(&gateway), "dt", (lina, stranger)).await;
    look(&gateway).await;
    eventually("the copy", async || {
        let all = written.lock().unwrap();
        all.iter()
            .any(|entry| entry.contains("InAppMessages:destroy"))
    })
    .await;
    let all = written.lock().unwrap().clone();
    let taken: Vec<_> = all
        .iter()
        .filter(|entry| entry.contains("destroy"))
        .collect();
    let [one] = taken.as_slice() else {
        panic!("{all:?}");
    };
    assert!(
        one.contains("000000000001") && !one.contains("000000000002"),
        "{one}"
    );
}

#[actix_web::test]
async fn an_ordinary_channel_that_is_forwarded_keeps_its_inbox_and_its_log() {
    let (gateway, written) = office().await;
    let lina = bound(&gateway, "lina").await;
    let (stranger, _) = gateway.member("stranger", None).await;
    forward(&gateway, "news").await;
    hello(&gateway, now(&gateway), "news", (lina, stranger)).await;
    look(&gateway).await;
    eventually("the message", async || received(&gateway).await.len() == 1).await;
    for seconds in [5, 60, 500] {
        follow(&gateway, seconds).await;
    }
    assert_eq!(written.lock().unwrap().clone(), Vec::<String>::new());
}

#[actix_web::test]
async fn the_log_says_in_words_why_nothing_was_sent() {
    let (gateway, written) = office().await;
    let lina = bound(&gateway, "lina").await;
    create(&gateway, &options()).await;
    gateway.app.sandbox.change_app(json!({"agentId": 1})).await;
    row(&gateway, now(&gateway), 1, lina, "dt", "Hello", "").await;
    look(&gateway).await;
    until_written(&gateway, &written).await;
    let all = written.lock().unwrap().clone();
    let reason = "1 of 1 receivers got nothing in DingTalk (the Agent ID is not that of the app): ";
    assert!(all[0].contains(reason), "{all:?}");
}

#[cfg(feature = "standalone")]
#[actix_web::test]
async fn a_copy_that_nobody_wants_goes_when_a_message_that_waited_arrives_and_the_log_says_nothing()
{
    let (mut gateway, written) = office().await;
    let lina = bound(&gateway, "lina").await;
    let mut options = options();
    options["keepCopy"] = json!(false);
    create(&gateway, &options).await;
    // The server that is no gateway has no business here.
    gateway.app.server.end();
    gateway
        .app
        .sandbox
        .fault(ASK, "throttle", json!(3), 0)
        .await;
    row(&gateway, now(&gateway), 1, lina, "dt", "Hello", "").await;
    look(&gateway).await;
    eventually("the first try", async || {
        gateway.app.sandbox.calls(ASK).await == 1
    })
    .await;
    assert_eq!(written.lock().unwrap().clone(), Vec::<String>::new());
    eventually("the copy", async || {
        follow(&gateway, 10).await;
        !written.lock().unwrap().is_empty()
    })
    .await;
    assert_eq!(received(&gateway).await.len(), 1);
    for seconds in [60, 500, 500] {
        follow(&gateway, seconds).await;
    }
    let all = written.lock().unwrap().clone();
    let [one] = all.as_slice() else {
        panic!("{all:?}");
    };
    assert!(one.contains("notificationInAppMessages:destroy"), "{one}");
    assert!(
        one.contains("00000000-0000-4000-8000-000000000001"),
        "{one}"
    );
    assert_eq!(gateway.app.sandbox.calls(ASK).await, 4);
}
