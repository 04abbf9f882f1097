//! Messages of NocoBase's inbox that also go to DingTalk.

use std::sync::Arc;

use chrono::TimeDelta;
use dingtalk_sandbox::seed;
use nocobase_dingtalk::domain::forwarding::Forwarder;
use nocobase_dingtalk::state::AppState;
use nocobase_dingtalk::store::{AuthenticatorValues, StoreError};
use nocobase_dingtalk::worker::forwarding::step;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::lookups::asked;
use crate::support::message_rows::new_send;
use crate::support::plans::Heard;
use crate::support::upstream::ScriptedUpstream;
use crate::support::{Kind, TestGateway, eventually, in_dialect};

/// Everybody may do everything.
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"data\":{\"role\":\"root\",\"allowAll\":true}}";
pub const ASK: &str = "/topapi/message/corpconversation/asyncsend_v2";

/// A gateway before a NocoBase with notifications.
pub async fn gateway() -> TestGateway {
    gateway_before(ScriptedUpstream::answering(OK)).await
}

/// The same before this NocoBase.
pub async fn gateway_before(upstream: ScriptedUpstream) -> TestGateway {
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    authenticator(&gateway).await;
    let id = match gateway.app.database.kind {
        Kind::Postgres => "uuid",
        _ => "char(36)",
    };
    run(&gateway, r#"CREATE TABLE "notificationChannels" ("name" varchar(255) PRIMARY KEY, "title" varchar(255), "notificationType" varchar(255), "options" json)"#).await;
    run(&gateway, &format!(r#"CREATE TABLE "notificationInAppMessages" ("id" {id} PRIMARY KEY, "userId" bigint, "channelName" varchar(255), "title" text, "content" text, "receiveTimestamp" bigint, "options" json)"#)).await;
    run(&gateway, r#"INSERT INTO "notificationChannels" ("name", "title", "notificationType") VALUES ('news', 'News', 'in-app-message'), ('other', 'Other', 'in-app-message'), ('mail', 'Mail', 'email')"#).await;
    gateway
}

/// Options that name the sandbox's application and its agent.
pub fn app_options(enabled: bool) -> Value {
    json!({
        "clientId": seed::CLIENT_ID,
        "clientSecret": seed::CLIENT_SECRET,
        "agentId": seed::AGENT_ID.to_string(),
        "public": {"autoSignup": true},
        "dingtalkGateway": {"enabled": enabled},
    })
}

/// An authenticator that names the agent of the sandbox's application.
async fn authenticator(gateway: &TestGateway) {
    let values = AuthenticatorValues {
        name: "dingtalk".to_owned(),
        auth_type: "dingtalk".to_owned(),
        title: None,
        description: String::new(),
        options: app_options(true),
        enabled: false,
        author: None,
    };
    let app = gateway.server.app.clone();
    let created = async move { app.store.create_authenticator(values).await };
    gateway.server.does(created).await.unwrap();
    gateway.know().await;
}

pub async fn run(gateway: &TestGateway, statement: &str) {
    let connection = gateway.app.database.connect().await;
    let statement = in_dialect(&connection, statement);
    let done = connection.execute_unprepared(&statement).await;
    done.expect(&statement);
    connection.into_inner().close().await.unwrap();
}

/// A row of the inbox: its number, the account, the channel, the content, and the address.
type Row<'a> = (u32, i64, &'a str, &'a str, &'a str);

/// Rows as NocoBase makes them, now or a moment later. They come in one statement, so that whoever looks meanwhile
/// sees all of them or none.
pub async fn rows(gateway: &TestGateway, at: i64, rows: &[Row<'_>]) {
    let values: Vec<_> = rows
        .iter()
        .map(|(number, user, channel, content, url)| {
            let id = format!("00000000-0000-4000-8000-{number:012}");
            let options = json!({"url": url});
            format!("('{id}', {user}, '{channel}', 'A title', '{content}', {at}, '{options}')")
        })
        .collect();
    let values = values.join(", ");
    let insert = r#"INSERT INTO "notificationInAppMessages" VALUES"#;
    run(gateway, &format!("{insert} {values}")).await;
}

/// A single row.
pub async fn row(
    gateway: &TestGateway,
    at: i64,
    number: u32,
    user: i64,
    channel: &str,
    content: &str,
    url: &str,
) {
    rows(gateway, at, &[(number, user, channel, content, url)]).await;
}

pub async fn call(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let token = gateway.root_token().await;
    let answer = gateway.browser().post_as(&token, path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

pub async fn forward(gateway: &TestGateway, channel: &str) {
    let body = json!({"channel": channel, "authenticator": "dingtalk"});
    call(gateway, "/api/dingtalkMessages:saveChannel", body).await;
}

pub fn now(gateway: &TestGateway) -> i64 {
    gateway.app.clock.now().timestamp_millis()
}

/// The account of somebody who has signed in.
pub async fn bound(gateway: &TestGateway, person: &str) -> i64 {
    let page = gateway
        .browser()
        .sign_in(&gateway.app.sandbox, person)
        .await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap();
    gateway.known_to_nocobase(token).await["id"]
        .as_i64()
        .unwrap()
}

/// A look, as a process makes it that has just started and the lease of the one before has ended.
pub async fn look(gateway: &TestGateway) {
    gateway.app.clock.advance(TimeDelta::seconds(130));
    let app: Arc<AppState> = gateway.server.app.clone();
    gateway
        .server
        .does(async move { step(&mut Forwarder::default(), &app).await })
        .await
        .unwrap();
}

pub async fn received(gateway: &TestGateway) -> Vec<(String, String)> {
    let url = gateway
        .app
        .sandbox
        .url()
        .join("/_sandbox/messages")
        .unwrap();
    let text = reqwest::get(url).await.unwrap().text().await.unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let text = |message: &Value| {
        let content = &message["content"];
        let words = content["text"]["content"]
            .as_str()
            .or(content["oa"]["message_url"].as_str())
            .or(content["action_card"]["markdown"].as_str());
        (
            message["userid"].as_str().unwrap().to_owned(),
            words.unwrap().to_owned(),
        )
    };
    all.iter().map(text).collect()
}

#[actix_web::test]
async fn messages_of_a_chosen_channel_arrive_once_and_those_of_others_never() {
    let gateway = gateway().await;
    let (lina, zhang) = (
        bound(&gateway, "lina").await,
        bound(&gateway, "zhangwei").await,
    );
    row(
        &gateway,
        now(&gateway),
        1,
        lina,
        "news",
        "before it was chosen",
        "",
    )
    .await;
    gateway.app.clock.advance(TimeDelta::milliseconds(5));
    forward(&gateway, "news").await;
    let address = "https://nocobase.example.com/admin/x";
    let came = [
        (2, lina, "news", "A&amp;B", ""),
        (3, zhang, "news", "A&amp;B", ""),
        (4, lina, "other", "not this one", ""),
        (5, zhang, "news", "with an address", address),
        (6, 999_999, "news", "to nobody", ""),
    ];
    rows(&gateway, now(&gateway), &came).await;
    look(&gateway).await;
    look(&gateway).await;
    // The server looks, too: one of them sends.
    eventually("the messages", async || received(&gateway).await.len() >= 3).await;
    let mut got = received(&gateway).await;
    got.sort();
    let link = got
        .iter()
        .position(|(_, words)| words.contains("nocobase.example.com%2Fadmin%2Fx"));
    got.remove(link.expect("the address"));
    let expected =
        ["user-lina", "user-zhangwei"].map(|person| (person.to_owned(), "A title\nA&B".to_owned()));
    assert_eq!(got, expected);
    assert_eq!(
        gateway.app.sandbox.calls(ASK).await,
        2,
        "rows that say the same go together"
    );
}

#[actix_web::test]
async fn what_came_while_there_was_no_gateway_is_sent_when_there_is_one() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    forward(&gateway, "news").await;
    row(&gateway, now(&gateway), 1, lina, "news", "late", "").await;
    gateway.app.clock.advance(TimeDelta::hours(5));
    look(&gateway).await;
    eventually("the message", async || received(&gateway).await.len() == 1).await;
}

#[actix_web::test]
async fn more_rows_than_a_page_at_one_moment_are_all_taken() {
    let gateway = gateway().await;
    forward(&gateway, "news").await;
    let at = gateway.app.clock.now().timestamp_millis();
    let rows: Vec<_> = (1..=1203)
        .map(|number| {
            format!(
                "('00000000-0000-4000-8000-{number:012}', {number}, 'news', 't', 'c', {at}, '{{}}')"
            )
        })
        .collect();
    run(
        &gateway,
        &format!(
            r#"INSERT INTO "notificationInAppMessages" VALUES {}"#,
            rows.join(", ")
        ),
    )
    .await;
    look(&gateway).await;
    let token = gateway.root_token().await;
    let listed = async || {
        gateway
            .browser()
            .get_as(&token, "/api/dingtalkMessages:list?pageSize=1")
            .await
            .json()
    };
    eventually("all rows", async || listed().await["meta"]["count"] == 1203).await;
    assert_eq!(listed().await["data"][0]["state"], "notBound");
}

#[actix_web::test]
async fn one_process_takes_a_row() {
    let gateway = gateway().await;
    let app = gateway.server.app.clone();
    let (one, other) = (new_send("one"), new_send("other"));
    let taken = gateway.server.does(async move {
        let claims = ["a row".to_owned()];
        app.store.claim_messages(&one, &[], &claims).await.unwrap();
        app.store.claim_messages(&other, &[], &claims).await
    });
    let taken = taken.await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
}

#[actix_web::test]
async fn a_channel_that_is_kept_here_again_goes_nowhere() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    forward(&gateway, "news").await;
    let token = gateway.root_token().await;
    let listed = gateway
        .browser()
        .get_as(&token, "/api/dingtalkMessages:channels")
        .await
        .json();
    let expected = json!([
        {"channel": "news", "title": "News", "authenticator": "dingtalk"},
        {"channel": "other", "title": "Other", "authenticator": null},
    ]);
    assert_eq!(listed["data"], expected);
    call(
        &gateway,
        "/api/dingtalkMessages:saveChannel",
        json!({"channel": "news"}),
    )
    .await;
    row(&gateway, now(&gateway), 1, lina, "news", "no more", "").await;
    look(&gateway).await;
    assert_eq!(received(&gateway).await, []);
    let body = json!({"channel": "mail", "authenticator": "dingtalk"});
    let answer = gateway
        .browser()
        .post_as(&token, "/api/dingtalkMessages:saveChannel", body)
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}

/// A look of a process that goes on: it renews its lease, and may leave out what it has seen.
async fn look_again(gateway: &TestGateway, forwarder: Forwarder) -> Forwarder {
    look_after(gateway, 130, forwarder).await
}

/// A look so many seconds later.
pub async fn look_after(gateway: &TestGateway, seconds: i64, forwarder: Forwarder) -> Forwarder {
    gateway.app.clock.advance(TimeDelta::seconds(seconds));
    let app: Arc<AppState> = gateway.server.app.clone();
    let looked = async move {
        let mut forwarder = forwarder;
        step(&mut forwarder, &app).await.unwrap();
        forwarder
    };
    gateway.server.does(looked).await
}

/// A process that forwards alone: the gateway's own worker does nothing any more. A step of that worker that is still
/// under way reads channels only while it has the lease, so this waits until the lease is free. The clock is not
/// advanced for that, because after a minute the lease would be free in any case.
pub async fn alone(gateway: &TestGateway) -> Forwarder {
    gateway.server.app.begin_to_end();
    let mut forwarder = Forwarder::default();
    eventually("the lease", async || {
        // Whoever has asked in vain waits before they ask again, so each time another one asks.
        forwarder = look_after(gateway, 0, Forwarder::default()).await;
        forwarder.leads()
    })
    .await;
    forwarder
}

/// So many messages of the channel from long ago.
async fn old_rows(gateway: &TestGateway, count: u32) {
    let rows: Vec<_> = (1000..1000 + count)
        .map(|number| {
            format!("('00000000-0000-4000-8000-{number:012}', 1, 'news', 't', 'c', 1, '{{}}')")
        })
        .collect();
    let rows = rows.join(", ");
    let statement = format!(r#"INSERT INTO "notificationInAppMessages" VALUES {rows}"#);
    run(gateway, &statement).await;
}

#[actix_web::test]
async fn a_process_that_already_looks_does_not_read_what_is_older_than_the_first_channel() {
    let gateway = gateway().await;
    old_rows(&gateway, 20_000).await;
    let forwarder = look_again(&gateway, Forwarder::default()).await;
    forward(&gateway, "news").await;
    let app = gateway.server.app.clone();
    let before = app.store.statements();
    // The lease stands, and it is time to read the channels.
    let forwarder = look_after(&gateway, 20, forwarder).await;
    let statements = app.store.statements() - before;
    assert!(statements < 40, "{statements} statements");
    if gateway.app.database.kind != Kind::Sqlite {
        return;
    }
    // The next look passes over them by their number.
    let heard = Heard::of(&app.store);
    drop(look_after(&gateway, 1, forwarder).await);
    let looks = asked(&heard).into_iter();
    let mut looks = looks.filter(|sql| sql.contains("notificationInAppMessages"));
    assert!(looks.any(|sql| sql.contains("rowid")), "all are read again");
}

#[actix_web::test]
async fn a_new_message_is_found_among_thousands_also_when_what_was_behind_it_is_gone() {
    let gateway = gateway().await;
    let lina = bound(&gateway, "lina").await;
    old_rows(&gateway, 2500).await;
    forward(&gateway, "news").await;
    let mut forwarder = Forwarder::default();
    for round in 1..=3 {
        forwarder = look_again(&gateway, forwarder).await;
        row(
            &gateway,
            now(&gateway),
            round,
            lina,
            "news",
            &format!("round {round}"),
            "",
        )
        .await;
        forwarder = look_again(&gateway, forwarder).await;
        let count = usize::try_from(round).unwrap();
        eventually("the message", async || {
            received(&gateway).await.len() == count
        })
        .await;
    }
    // What comes now has the place of what is gone, before the row from which was looked on.
    run(
        &gateway,
        r#"DELETE FROM "notificationInAppMessages" WHERE "receiveTimestamp" = 1"#,
    )
    .await;
    row(&gateway, now(&gateway), 4, lina, "news", "round 4", "").await;
    drop(look_again(&gateway, forwarder).await);
    eventually("the last message", async || {
        received(&gateway).await.len() == 4
    })
    .await;
}
