//! Channels of this product's type on NocoBase's page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entity::message::State;
use nocobase_dingtalk::store::NewMessage;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::forwarding::{forward, gateway_before, now, run};
use crate::support::message_rows::new_send;
use crate::support::nocobase::{answer, nocobase, target};
use crate::support::{Answer, TestGateway, eventually};

/// The channel `dt`, as NocoBase keeps it.
pub fn kept(options: &Value) -> Value {
    let mut options = options.clone();
    options["dingtalkGateway"] = json!({"type": "dingtalk"});
    json!({"name": "dt", "title": "DT", "notificationType": "in-app-message", "options": options})
}

pub fn options() -> Value {
    json!({"authenticator": "dingtalk", "way": "workNotification", "keepCopy": true})
}

/// What the form sends.
pub fn sent(options: &Value) -> Value {
    json!({"name": "dt", "title": "DT", "notificationType": "dingtalk", "options": options})
}

/// A gateway before a NocoBase that answers a save with the row, and lists one channel of ours and one of its own.
pub async fn gateway() -> TestGateway {
    let upstream = nocobase(|head, connection| {
        let body = connection.body(head);
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        let own = json!({"name": "news", "notificationType": "in-app-message", "options": {}});
        let line =
            |channel: &str| json!({"channelName": channel, "notificationType": "in-app-message"});
        answer(&json!({"data": match target(head).0 {
            "/api/notificationChannels:list" => json!([kept(&options()), own]),
            "/api/notificationChannels:get" => kept(&options()),
            "/api/notificationSendLogs:list" => json!([line("dt"), line("news")]),
            // NocoBase answers an update with a list.
            "/api/notificationChannels:update" => json!([{"name": "dt", "options": said["options"], "notificationType": said["notificationType"]}]),
            _ => said,
        }}))
    });
    gateway_before(upstream).await
}

/// Has NocoBase's row, as it stands after a save.
pub async fn have(gateway: &TestGateway, row: &Value) {
    let (name, options) = (row["name"].as_str().unwrap(), &row["options"]);
    run(
        gateway,
        &format!(r#"DELETE FROM "notificationChannels" WHERE "name" = '{name}'"#),
    )
    .await;
    run(gateway, &format!(r#"INSERT INTO "notificationChannels" VALUES ('{name}', 'DT', 'in-app-message', '{options}')"#)).await;
}

pub async fn ask(gateway: &TestGateway, action: &str, body: Value) -> Answer {
    let token = gateway.root_token().await;
    let path = format!("/api/{action}");
    gateway.browser().post_as(&token, &path, body).await
}

/// What NocoBase was sent last.
fn written(gateway: &TestGateway) -> Value {
    let bodies = gateway.upstream.bodies();
    serde_json::from_str(bodies.last().expect("a body")).unwrap()
}

pub async fn created(gateway: &TestGateway, options: &Value) {
    let answer = ask(gateway, "notificationChannels:create", sent(options)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    have(gateway, &kept(options)).await;
}

#[actix_web::test]
async fn nocobase_keeps_a_channel_of_its_inbox_and_everybody_sees_one_of_dingtalk() {
    let gateway = gateway().await;
    let saved = ask(&gateway, "notificationChannels:create", sent(&options())).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
    assert_eq!(written(&gateway), kept(&options()));
    assert_eq!(saved.json()["data"], sent(&options()));
    have(&gateway, &kept(&options())).await;

    let listed = ask(&gateway, "notificationChannels:list", json!({}))
        .await
        .json();
    let types: Vec<_> = [0, 1]
        .map(|at| listed["data"][at]["notificationType"].clone())
        .into();
    assert_eq!(types, ["dingtalk", "in-app-message"]);
    assert_eq!(listed["data"][0]["options"], options());
    let path = "notificationChannels:get?filterByTk=dt";
    let one = ask(&gateway, path, json!({})).await.json();
    assert_eq!(one["data"], sent(&options()));
    let log = ask(&gateway, "notificationSendLogs:list", json!({}))
        .await
        .json();
    let types: Vec<_> = [0, 1]
        .map(|at| log["data"][at]["notificationType"].clone())
        .into();
    assert_eq!(types, ["dingtalk", "in-app-message"]);

    let filter = json!({"notificationType": "dingtalk"});
    for (action, column) in [
        ("notificationChannels:list", "name"),
        ("notificationSendLogs:list", "channelName"),
    ] {
        let path = format!("/api/{action}?filter={filter}");
        let token = gateway.root_token().await;
        gateway.browser().get_as(&token, &path).await;
        let head = gateway.upstream.heads().pop().unwrap();
        let (_, query) = target(&head);
        let sent = query.strip_prefix("filter=").unwrap();
        let sent = percent_encoding::percent_decode_str(sent).decode_utf8();
        let ours = format!(r#"{{"{column}":{{"$in":["dt"]}}}}"#);
        assert!(sent.as_ref().unwrap().contains(&ours), "{sent:?}");
    }

    let app = gateway.server.app.clone();
    let off = async move { app.store.set_switch("auth-dingtalk", false).await };
    gateway.server.does(off).await.unwrap();
    gateway.know().await;
    let one = ask(&gateway, path, json!({})).await.json();
    assert_eq!(
        one["data"],
        kept(&options()),
        "without the plugin it is what NocoBase keeps"
    );
}

#[actix_web::test]
async fn what_cannot_work_is_refused_before_nocobase_keeps_it() {
    let gateway = gateway().await;
    for (wrong, code) in [
        (json!({}), "Authenticator"),
        (json!({"authenticator": " "}), "Authenticator"),
        (json!({"authenticator": "nobody"}), "No authenticator"),
        (
            json!({"authenticator": "dingtalk", "way": "pigeon"}),
            "options",
        ),
        (
            json!({"authenticator": "dingtalk", "keepCopy": "x"}),
            "options",
        ),
    ] {
        let answer = ask(&gateway, "notificationChannels:create", sent(&wrong)).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{wrong}: {}",
            answer.text
        );
        assert!(answer.text.contains(code), "{wrong}: {}", answer.text);
    }
    let mut like = sent(&options());
    like["notificationType"] = json!("DingTalk ");
    let mut list = sent(&options());
    list["notificationType"] = json!(["dingtalk"]);
    have(&gateway, &kept(&options())).await;
    let rename = json!({"title": "x"});
    for (action, body) in [
        ("notificationChannels:create", like),
        ("notificationChannels:create", list),
        ("notificationChannels:create", json!([sent(&options())])),
        ("notificationChannels:updateOrCreate", sent(&options())),
        ("notificationChannels:update?filter={}", rename.clone()),
        (
            "notificationChannels:update?filterByTk=dt&filterByTk=news",
            rename.clone(),
        ),
        ("notificationChannels:update?filterByTk=[%22dt%22]", rename),
    ] {
        let answer = ask(&gateway, action, body.clone()).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{action} {body}: {}",
            answer.text
        );
    }
    assert_eq!(
        gateway.upstream.bodies().len(),
        0,
        "NocoBase has seen none of it"
    );
    let path = "/api/notificationChannels:create";
    let refused = gateway
        .browser()
        .post_as("clerk", path, sent(&options()))
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
}

#[actix_web::test]
async fn rows_of_a_channel_of_another_type_are_written_as_they_are() {
    let gateway = gateway().await;
    have(&gateway, &kept(&options())).await;
    let other = json!({"name": "mail", "notificationType": "email", "options": {"host": "x"}});
    let saved = ask(&gateway, "notificationChannels:create", other.clone()).await;
    assert_eq!((saved.status, written(&gateway)), (StatusCode::OK, other));
    let update = "notificationChannels:update?filterByTk=news";
    let title = json!({"title": "News of today"});
    ask(&gateway, update, title.clone()).await;
    assert_eq!(written(&gateway), title);
    // The mark is the gateway's alone to give.
    let forged = kept(&json!({"authenticator": "nobody"}));
    ask(&gateway, update, forged).await;
    assert_eq!(
        written(&gateway)["options"],
        json!({"authenticator": "nobody"})
    );
}

#[actix_web::test]
async fn a_change_of_some_values_keeps_the_mark_and_another_type_takes_it_off() {
    let gateway = gateway().await;
    created(&gateway, &options()).await;
    let update = "notificationChannels:update?filterByTk=dt";
    ask(&gateway, update, json!({"title": "New"})).await;
    let mut expected = kept(&options());
    expected["title"] = json!("New");
    expected.as_object_mut().unwrap().remove("name");
    assert_eq!(written(&gateway), expected);

    let forwarded = async || {
        let app = gateway.server.app.clone();
        let rows = async move { app.store.forwarded_channels().await.unwrap() };
        gateway.server.does(rows).await.len()
    };
    assert_eq!(forwarded().await, 1);
    let mut plain = sent(&options());
    plain["notificationType"] = json!("in-app-message");
    ask(&gateway, update, plain.clone()).await;
    assert_eq!(written(&gateway), plain);
    assert_eq!(forwarded().await, 0);
    have(&gateway, &plain).await;
}

#[actix_web::test]
async fn the_forms_are_described_for_whoever_may_use_them() {
    let gateway = gateway().await;
    let channel = ask(&gateway, "dingtalkMessages:optionsSchema", json!({}))
        .await
        .json();
    let choices = &channel["data"]["properties"]["authenticator"]["oneOf"];
    assert_eq!(
        *choices,
        json!([{"const": "dingtalk", "title": "dingtalk"}])
    );
    let message = ask(&gateway, "dingtalkMessages:messageSchema", json!({}))
        .await
        .json();
    assert_eq!(message["data"]["required"], json!(["title", "content"]));
}

#[actix_web::test]
async fn a_channel_that_nocobase_removed_is_forgotten_and_one_that_it_keeps_is_not() {
    let (arrived, removed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (told, waits) = (arrived.clone(), removed.clone());
    let upstream = nocobase(move |head, connection| {
        let said = serde_json::from_slice(&connection.body(head)).unwrap_or(json!(1));
        let (path, query) = target(head);
        if path == "/api/notificationChannels:destroy" && !query.contains("refused") {
            told.store(true, Ordering::Release);
            while !waits.swap(false, Ordering::AcqRel) {
                std::thread::yield_now();
            }
        }
        if query.contains("denied") {
            return answer(&json!({})).replacen("200 OK", "403 Forbidden", 1);
        }
        answer(&json!({ "data": said }))
    });
    let gateway = gateway_before(upstream).await;
    created(&gateway, &options()).await;
    let chosen = json!({"channel": "news", "authenticator": "dingtalk"});
    ask(&gateway, "dingtalkMessages:saveChannel", chosen).await;
    let forwarded = async || {
        let app = gateway.server.app.clone();
        let rows = async move { app.store.forwarded_channels().await.unwrap() };
        let rows = gateway.server.does(rows).await.into_iter();
        rows.map(|row| row.channel).collect::<Vec<_>>()
    };
    let refused = "notificationChannels:destroy?filterByTk=dt&refused";
    ask(&gateway, refused, json!({})).await;
    assert_eq!(forwarded().await, ["dt", "news"]);
    let root = gateway.root_token().await;
    let recorded = async || {
        let path = "/api/dingtalkAudit:list?pageSize=200";
        let heard = gateway.browser().get_as(&root, path).await.json();
        let rows = heard["data"].as_array().unwrap().iter();
        rows.filter(|row| row["action"] == "messageChannel").count()
    };
    let before = recorded().await;

    let destroy = "notificationChannels:destroy?filterByTk=dt";
    let remove = async |name: &str| {
        let is_asked = async || arrived.swap(false, Ordering::AcqRel);
        eventually("the removal", is_asked).await;
        let statement = format!(r#"DELETE FROM "notificationChannels" WHERE "name" = '{name}'"#);
        run(&gateway, &statement).await;
        removed.store(true, Ordering::Release);
    };
    // Somebody is refused in the moment in which another channel is removed.
    let path = format!("{destroy}&denied");
    let denied = ask(&gateway, &path, json!({}));
    let (answer, ()) = futures_util::join!(denied, remove("news"));
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text);
    assert_eq!(forwarded().await, ["dt", "news"]);
    assert_eq!(recorded().await, before, "nothing was removed by them");

    let destroy = ask(&gateway, destroy, json!({}));
    let (answer, ()) = futures_util::join!(destroy, remove("dt"));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(forwarded().await, ["news"]);
    assert_eq!(recorded().await, before + 1, "the removal is recorded");
}

#[actix_web::test]
async fn who_saves_a_channel_that_nocobase_alone_has_saved_is_told_to_save_it_again() {
    let gateway = gateway().await;
    let table = "dingtalk_mirrored_channels";
    let rename =
        |from: &str, to: &str| format!(r#"ALTER TABLE "{table}" RENAME COLUMN "{from}" TO "{to}""#);
    run(&gateway, &rename("authenticator", "away")).await;
    let saved = ask(&gateway, "notificationChannels:create", sent(&options())).await;
    assert_eq!(
        saved.code(),
        "MESSAGE_CHANNEL_SAVED_BY_HALF",
        "{}",
        saved.text
    );
    assert_eq!(written(&gateway), kept(&options()));
    have(&gateway, &kept(&options())).await;
    run(&gateway, &rename("away", "authenticator")).await;
    let update = "notificationChannels:update?filterByTk=dt";
    let again = ask(&gateway, update, sent(&options())).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    let channels = gateway.app.store().forwarded_channels().await.unwrap();
    assert_eq!(channels.len(), 1);
}

#[actix_web::test]
async fn channels_and_what_waits_follow_an_authenticator_that_gets_another_name() {
    let gateway = gateway().await;
    created(&gateway, &options()).await;
    forward(&gateway, "news").await;
    let send = new_send("waits");
    let message = NewMessage {
        user_id: 1,
        receiver: None,
        state: State::Claimed,
        reason: None,
        due_ms: Some(now(&gateway) + 1_800_000),
    };
    let app = gateway.server.app.clone();
    let waits = async move { app.store.claim_messages(&send, &[message], &[]).await };
    gateway.server.does(waits).await.unwrap();

    let store = gateway.app.store();
    let row = store.authenticator("dingtalk").await.unwrap().unwrap();
    let action = format!("authenticators:update?filterByTk={}", row.id);
    let renamed = ask(&gateway, &action, json!({"name": "office"})).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
    let mut expected = options();
    expected["authenticator"] = json!("office");
    let expected = json!({"options": kept(&expected)["options"]});
    assert_eq!(written(&gateway), expected);
    let channels = store.forwarded_channels().await.unwrap().into_iter();
    let mut names: Vec<_> = channels.map(|row| row.authenticator).collect();
    let messages = store.messages_of("waits").await.unwrap().into_iter();
    names.extend(messages.map(|row| row.authenticator));
    assert_eq!(names, ["office"; 3]);
}

#[actix_web::test]
async fn a_channel_that_cannot_follow_a_new_name_keeps_no_other_from_following() {
    const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    let upstream = nocobase(|head, connection| {
        let said = serde_json::from_slice(&connection.body(head)).unwrap_or(json!(1));
        match target(head) {
            ("/api/notificationChannels:update", "filterByTk=board") => REFUSED.to_owned(),
            _ => answer(&json!({ "data": said })),
        }
    });
    let gateway = gateway_before(upstream).await;
    // Channels are renamed in the order of their names.
    for name in ["board", "dt"] {
        let mut row = sent(&options());
        row["name"] = json!(name);
        let saved = ask(&gateway, "notificationChannels:create", row).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
        let mut row = kept(&options());
        row["name"] = json!(name);
        have(&gateway, &row).await;
    }

    let row = gateway.app.store().authenticator("dingtalk").await;
    let action = format!(
        "authenticators:update?filterByTk={}",
        row.unwrap().unwrap().id
    );
    let renamed = ask(&gateway, &action, json!({"name": "office"})).await;
    assert_eq!(renamed.status, StatusCode::OK, "{}", renamed.text);
    let heads = gateway.upstream.heads();
    let asked = |name: &str| {
        let line = format!("/api/notificationChannels:update?filterByTk={name} ");
        heads.iter().filter(|head| head.contains(&line)).count()
    };
    assert_eq!((asked("board"), asked("dt")), (1, 1));
    let mut expected = options();
    expected["authenticator"] = json!("office");
    let expected = json!({"options": kept(&expected)["options"]});
    assert_eq!(written(&gateway), expected);
}
