//! Every statement of a request finds its rows by an index.

use chrono::TimeDelta;

use nocobase_dingtalk::domain::inspection::inspect;

use crate::support::message_rows::new_send;
use crate::support::plans::{Heard, analyze, fault_of, indexes_of, refuse_full_scans};
use crate::support::{TestApp, crowd, in_dialect, naming};

/// Enough rows for databases to prefer an index.
const PEOPLE: usize = 10_000;

/// A server with a crowd, and the statements that it sends.
async fn crowded() -> (TestApp, Heard) {
    let app = TestApp::start().await;
    crowd::fill(&app.database, PEOPLE).await;
    let tables = [
        "users",
        "rolesUsers",
        "usersAuthenticators",
        "issuedTokens",
        "dingtalk_audit",
        "dingtalk_members",
    ];
    analyze(&app.database, &tables).await;
    let heard = Heard::of(app.store());
    (app, heard)
}

#[actix_web::test]
async fn an_account_is_found_by_its_key() {
    let (app, heard) = crowded().await;
    let user = app.store().user(crowd::FIRST).await.unwrap();
    assert!(user.is_some());
    refuse_full_scans(&app.database, "by key", &heard.take()).await;
}

/// Requests a list twice, because the rows are counted the first time.
async fn sent_for(app: &TestApp, heard: &Heard, path: &str) -> Vec<String> {
    let mut browser = app.browser();
    let root = app.root_token().await;
    for _ in 0..2 {
        heard.take();
        let answer = browser.get_as(&root, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    heard.take()
}

#[actix_web::test]
async fn a_list_is_read_along_an_index() {
    let (app, heard) = crowded().await;
    for path in [
        "/api/users:list?pageSize=20",
        "/api/users:list?pageSize=20&page=500",
        "/api/users:list?pageSize=20&sort=-id",
        "/api/dingtalkAudit:list?pageSize=20",
        "/api/dingtalkAudit:list?pageSize=20&sort=-id",
        "/api/dingtalkAudit:list?pageSize=20&sort=-createdAt",
        "/api/dingtalkAudit:list?pageSize=20&filter={\"userId\":100}",
        "/api/dingtalkAudit:list?pageSize=20&sort=-createdAt&filter={\"userId\":100}",
        "/api/dingtalkAudit:list?pageSize=20&sort=-createdAt&filter={\"result\":\"refused\"}",
        "/api/dingtalkAudit:list?pageSize=20&sort=-createdAt&filter={\"address\":\"192.0.2.9\"}",
        "/api/dingtalkAudit:list?pageSize=20&sort=-createdAt&filter={\"action\":\"bind\",\"result\":\"refused\"}",
        "/api/dingtalkAudit:list?pageSize=20&sort=-createdAt&filter={\"action\":\"bind\"}",
        "/api/dingtalkAudit:export?filter={\"result\":\"refused\"}",
        "/api/dingtalkPeople:list?authenticator=dingtalk&pageSize=20",
        "/api/dingtalkPeople:list?authenticator=dingtalk&search=name100",
        "/api/dingtalkPeople:accounts?authenticator=dingtalk&search=somebody",
        "/api/dingtalk:overview",
    ] {
        let sent = sent_for(&app, &heard, path).await;
        refuse_full_scans(&app.database, path, &sent).await;
    }
    // The number of bindings is counted.
    let path = "/api/authenticators/dingtalk/users:list?pageSize=20";
    let mut sent = sent_for(&app, &heard, path).await;
    sent.retain(|sql| !sql.contains("COUNT(*)"));
    refuse_full_scans(&app.database, path, &sent).await;
}

#[actix_web::test]
async fn what_is_over_is_found_by_an_index() {
    let (app, heard) = crowded().await;
    let store = app.store();
    let now = app.clock.now();
    heard.take();

    store
        .consume_state("state", now.timestamp() + 60)
        .await
        .unwrap();
    refuse_full_scans(&app.database, "a state", &heard.take()).await;

    let long_ago = now - TimeDelta::days(1000);
    store.remove_audit_rows(long_ago).await.unwrap();
    refuse_full_scans(&app.database, "old rows of the audit trail", &heard.take()).await;

    store.blacklist("token", Some(now)).await.unwrap();
    let sent = heard.take();
    let removes = |sql: &String| sql.starts_with("DELETE");
    assert!(!sent.iter().any(removes), "{sent:?}");

    let transaction = store.begin().await.unwrap();
    let first = crowd::FIRST;
    transaction.end_sessions(first, None).await.unwrap();
    transaction.remove_user(first).await.unwrap();
    transaction.commit().await.unwrap();
    refuse_full_scans(&app.database, "an account", &heard.take()).await;
}

/// Everybody of a source is found by an index, too, so the one that is meant is named.
#[actix_web::test]
async fn an_event_finds_others_with_the_same_number_or_mailbox_by_indexes_of_their_own() {
    let (app, heard) = crowded().await;
    let store = app.store();
    heard.take();
    let (phone, email) = (
        format!("13{}", crowd::FIRST),
        format!("Mail@{}", crowd::FIRST),
    );
    let phone = store.mirrors_phone_of_another(1, &phone, "nobody").await;
    assert!(phone.unwrap());
    let by_phone = heard.take();
    let email = store.mirrors_email_of_another(1, &email, "nobody").await;
    assert!(email.unwrap());
    let by_email = heard.take();
    let table = naming().table("dingtalk_members");
    for (index, mut sent) in [
        ("dingtalk_members_phone", by_phone),
        ("dingtalk_members_mailbox", by_email),
    ] {
        // Workers ask for other things at any moment.
        sent.retain(|sql| sql.contains(&*table));
        for sql in &sent {
            let used = indexes_of(&app.database, sql).await;
            assert!(used.contains(&*naming().table(index)), "{index}: {used}");
        }
        refuse_full_scans(&app.database, index, &sent).await;
    }
}

/// Apart from its look-ups, a sign-in reads nothing that grows.
#[actix_web::test]
async fn a_session_begins_without_a_look_at_others() {
    let (app, heard) = crowded().await;
    heard.take();
    app.browser().sign_in_as_root().await;
    let mut sent = heard.take();
    sent.retain(|sql| !sql.contains("users"));
    assert!(
        !sent.iter().any(|sql| sql.contains("issuedTokens")),
        "{sent:?}"
    );
}

/// The first answer after a start would wait for it.
#[actix_web::test]
async fn a_start_counts_nobody() {
    let (app, heard) = crowded().await;
    heard.take();
    let state = &app.server.app;
    let found = inspect(&state.store, &state.vault, &state.providers).await;
    assert_eq!(found.unwrap().len(), 1);
    let mut sent = heard.take();
    sent.retain(|sql| sql.contains("COUNT("));
    assert!(sent.is_empty(), "{sent:?}");
}

/// A test of this test: a full scan is recognised.
#[actix_web::test]
async fn a_look_at_all_rows_is_seen() {
    let (app, _) = crowded().await;
    let connection = app.database.connect().await;
    for sql in [
        "SELECT * FROM \"users\" WHERE \"nickname\" = 'x'",
        "SELECT * FROM \"users\" WHERE \"nickname\" = 'x' ORDER BY \"id\" LIMIT 1",
        "SELECT COUNT(*) FROM \"users\"",
        "SELECT * FROM \"users\" ORDER BY \"nickname\" LIMIT 20",
        "DELETE FROM \"issuedTokens\" WHERE \"signInTime\" < 5",
        "SELECT * FROM \"usersAuthenticators\" WHERE \"nickname\" = 'x'",
    ] {
        let sql = in_dialect(&connection, sql);
        let fault = fault_of(&app.database, &sql).await;
        assert!(fault.is_some(), "{sql}");
    }
}

#[actix_web::test]
async fn the_roles_of_all_accounts_of_a_page_are_read_together() {
    let (app, heard) = crowded().await;
    let list = "/api/users:list?pageSize=50&appends=roles";
    let sent = sent_for(&app, &heard, list).await;
    let table = naming().table("rolesUsers").into_owned();
    let asked = sent.iter().filter(|sql| sql.contains(&table)).count();
    // One more may be for the roles of the caller.
    assert!((1..=2).contains(&asked), "{sent:#?}");
}

#[actix_web::test]
async fn whether_an_earlier_message_waits_costs_no_look_at_old_ones() {
    use entity::message::State;
    use nocobase_dingtalk::store::{KeptContent, NewMessage, NewSend};
    let app = TestApp::start().await;
    let store = app.store();
    let send = |number: usize, kept: bool| NewSend {
        kept: kept.then(|| KeptContent {
            content: "{}".to_owned(),
            give_up_ms: i64::MAX,
        }),
        ..new_send(&format!("send-{number}"))
    };
    let rows = |state, reason| {
        let row = move |user_id| NewMessage {
            user_id,
            receiver: Some(format!("u{user_id}")),
            state,
            reason,
            due_ms: Some(0),
        };
        (1..=100).map(row).collect::<Vec<_>>()
    };
    // Everybody got hundreds of messages, and one waits.
    for number in 0..200 {
        let old = rows(State::Delivered, None);
        store
            .claim_messages(&send(number, false), &old, &[])
            .await
            .unwrap();
    }
    let waits = rows(State::Claimed, Some("unreachable"));
    store
        .claim_messages(&send(1000, true), &waits, &[])
        .await
        .unwrap();
    let new = rows(State::Claimed, None);
    store
        .claim_messages(&send(1001, true), &new, &[])
        .await
        .unwrap();
    analyze(
        &app.database,
        &["dingtalk_messages", "dingtalk_waiting_sends"],
    )
    .await;
    let heard = Heard::of(store);
    let carrier = ("dingtalk", "workNotification");
    let behind = store
        .behind_earlier("send-1001", carrier, &[1, 2, 101])
        .await;
    assert_eq!(behind.unwrap(), [1, 2].into());
    for sql in heard.take() {
        // What waits at this moment is read whole, and nothing else is.
        let fault = fault_of(&app.database, &sql).await.unwrap_or_default();
        let named = fault.lines().next().unwrap_or_default();
        assert!(
            named.is_empty() || named.contains("dingtalk_waiting_sends"),
            "{fault}"
        );
    }
    let other = store
        .behind_earlier("send-1001", ("dingtalk", "robot"), &[1])
        .await;
    assert_eq!(other.unwrap(), [].into());
    let first = store.behind_earlier("send-1000", carrier, &[1]).await;
    assert_eq!(first.unwrap(), [].into());
}
