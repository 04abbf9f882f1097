//! Somebody who reads NocoBase's SQLite file, which has no log: nobody can commit meanwhile.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use entity::naming::NamedConnection;
use entity::{application_plugin, switch, user, user_authenticator};
use futures_util::future::{Either, select};
use reqwest::Method;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, TransactionTrait,
};
use serde_json::json;

use crate::support::{Answer, Browser, Kind, Place, Process};

/// A gateway on a file as NocoBase keeps it.
async fn gateway(place: &Place) -> Process {
    let mut first = place.start();
    place.open(&first).await;
    first.stop();
    let connection = place.database.connect().await;
    let without_log = "PRAGMA journal_mode = DELETE";
    connection.execute_unprepared(without_log).await.unwrap();
    // There are no migrations of ours for NocoBase's tables.
    let not_ours = "DELETE FROM \"dingtalk_migrations\" WHERE version LIKE '%nocobase_tables' \
                    OR version LIKE '%api_keys'";
    connection.execute_unprepared(not_ours).await.unwrap();
    // NocoBase knows nothing of our plugin, which is switched on elsewhere.
    application_plugin::Entity::delete_many()
        .filter(application_plugin::Column::Name.eq("auth-dingtalk"))
        .exec(&connection)
        .await
        .unwrap();
    let on = switch::ActiveModel {
        name: Set("auth-dingtalk".to_owned()),
        enabled: Set(true),
        changed_at: Set(0),
    };
    on.insert(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let mut program = place.program(&["serve"]);
    program.env("NOCOBASE_UPSTREAM_URL", "http://127.0.0.1:9");
    place.start_with(program)
}

/// Reads, and is not done.
async fn read(place: &Place) -> NamedConnection<DatabaseTransaction> {
    let connection = place.database.connect().await;
    let reading = connection.inner().begin().await.unwrap();
    let reading = NamedConnection::new(reading, connection.naming().clone());
    user::Entity::find().count(&reading).await.unwrap();
    reading
}

/// Signs Lina in by a code, whose first write is the transaction that makes her account.
async fn sign_in(place: &Place, server: &Process) -> Answer {
    let code = place.sandbox.code("lina", "oauth").await;
    let body = Some(json!({"authCode": code}));
    let headers = [("x-authenticator", "dingtalk")];
    let mut browser = Browser::at(server.address);
    browser
        .send(Method::POST, "/api/auth:signIn", &headers, body)
        .await
}

/// Waits until the server has everything to commit and waits for its readers: SQLite then holds the byte that lets
/// no new ones in.
async fn until_it_commits(place: &Place, server: &Process) {
    const PENDING: &str = "1073741824";
    let inode = fs::metadata(place.sqlite_file()).unwrap().ino();
    let inode = format!(":{inode}");
    let id = server.id().to_string();
    loop {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let waits = locks.lines().any(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.contains(&"WRITE")
                && words.contains(&id.as_str())
                && words.contains(&PENDING)
                && words.iter().any(|word| word.ends_with(&inode))
        });
        if waits {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn accounts_and_bindings(place: &Place) -> (u64, u64) {
    let connection = place.database.connect().await;
    let accounts = user::Entity::find().count(&connection).await.unwrap();
    let bindings = user_authenticator::Entity::find().count(&connection).await;
    connection.into_inner().close().await.unwrap();
    (accounts, bindings.unwrap())
}

#[actix_web::test]
async fn a_commit_that_a_reader_holds_up_is_made_when_the_reader_is_done() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let server = gateway(&place).await;
    let reader = read(&place).await;
    let signing_in = Box::pin(sign_in(&place, &server));
    let committing = Box::pin(until_it_commits(&place, &server));
    let signing_in = match select(signing_in, committing).await {
        Either::Left((answer, _)) => panic!("nobody was waited for: {}", answer.text),
        Either::Right(((), signing_in)) => signing_in,
    };
    reader.into_inner().rollback().await.unwrap();
    let answer = signing_in.await;
    assert_eq!(answer.status, 200, "{} {}", answer.text, place.log());
    assert_eq!(accounts_and_bindings(&place).await, (2, 1));
}

#[actix_web::test]
async fn a_commit_that_a_reader_holds_up_for_too_long_is_not_made_and_can_be_repeated() {
    let place = Place::new();
    if place.database.kind != Kind::Sqlite {
        return;
    }
    let mut server = gateway(&place).await;
    let reader = read(&place).await;
    let answer = sign_in(&place, &server).await;
    assert_eq!(answer.status, 503, "{} {}", answer.text, place.log());
    // Whatever the server wrote first waits for the reader, so a question of the sign-in may be what waits.
    let message = &answer.json()["errors"][0]["message"];
    let expected = "The server is busy. Please try again.";
    assert_eq!(message, expected, "{}", place.log());
    reader.into_inner().rollback().await.unwrap();
    assert_eq!(accounts_and_bindings(&place).await, (1, 0));
    let answer = sign_in(&place, &server).await;
    assert_eq!(answer.status, 200, "{} {}", answer.text, place.log());
    server.kill();
    assert_eq!(accounts_and_bindings(&place).await, (2, 1));
}
