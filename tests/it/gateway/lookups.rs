//! How accounts and bindings are found in NocoBase's tables, which have no index for it.

use nocobase_dingtalk::phone::Phone;
use serde_json::json;

use crate::support::lookups::{asked, change, reconcile};
use crate::support::plans::{Heard, analyze, refuse_full_scans};
use crate::support::upstream::ScriptedUpstream;
use crate::support::{Kind, TestGateway, crowd, eventually};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"data\":null}";
/// Enough for databases to prefer an index.
const PEOPLE: usize = 10_000;

/// A gateway on a table of bindings as NocoBase has it.
async fn gateway() -> TestGateway {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let index = "dingtalk_users_authenticators_subject";
    let drop = match gateway.app.database.kind {
        Kind::Mariadb => format!("DROP INDEX \"{index}\" ON \"usersAuthenticators\""),
        _ => format!("DROP INDEX \"{index}\""),
    };
    change(&gateway.app.database, &drop).await;
    gateway
}

/// The account of somebody who signs in.
async fn account_of(gateway: &TestGateway, person: &str) -> i64 {
    let page = gateway
        .browser()
        .sign_in(&gateway.app.sandbox, person)
        .await;
    let session = page
        .session()
        .unwrap_or_else(|| panic!("{person}: {page:?}"));
    let token = session["token"].as_str().unwrap();
    gateway.known_to_nocobase(token).await["id"]
        .as_i64()
        .unwrap()
}

fn binding(user_id: i64, subject: &str) -> String {
    format!(
        "INSERT INTO \"usersAuthenticators\" (\"createdAt\", \"updatedAt\", \"authenticator\", \"userId\", \
         \"uuid\", \"nickname\", \"avatar\") VALUES \
         (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 'dingtalk', {user_id}, '{subject}', '', '')"
    )
}

#[actix_web::test]
async fn whatever_a_sign_in_asks_is_answered_by_an_index() {
    let gateway = gateway().await;
    let database = &gateway.app.database;
    crowd::fill(database, PEOPLE).await;
    reconcile(&gateway.server).await;
    let tables = [
        "users",
        "rolesUsers",
        "usersAuthenticators",
        "issuedTokens",
        "dingtalk_contacts",
        "dingtalk_bound_people",
    ];
    analyze(database, &tables).await;
    let linked = gateway
        .app
        .create_user("By phone", Some("138 0000 0001"))
        .await;
    let heard = Heard::of(&gateway.server.app.store);
    let refuse = async |what: &str| refuse_full_scans(database, what, &asked(&heard)).await;
    for (what, person) in [
        ("linking", "zhangwei"),
        ("signing up", "chenjing"),
        ("signing in as somebody who is bound", "chenjing"),
    ] {
        let account = account_of(&gateway, person).await;
        assert_eq!(account == linked, person == "zhangwei");
        refuse(what).await;
    }
    let app = gateway.server.app.clone();
    let found = gateway.server.does(async move {
        let store = &app.store;
        let stable_id = store.bindings_with_stable_id("dingtalk", "union-zhangwei");
        (stable_id.await, store.users_by_email("MAIL@500").await)
    });
    let (bindings, accounts) = found.await;
    assert_eq!(bindings.unwrap().len(), 1);
    assert_eq!(accounts.unwrap(), [500]);
    refuse("the second identifier, and a mailbox").await;
}

#[actix_web::test]
async fn accounts_that_nocobase_has_just_made_are_linked() {
    let gateway = gateway().await;
    reconcile(&gateway.server).await;
    let insert = "INSERT INTO \"users\" (\"id\", \"phone\") VALUES (7000, '+86 / 138 / 00000001')";
    change(&gateway.app.database, insert).await;
    let role = "INSERT INTO \"rolesUsers\" (\"createdAt\", \"updatedAt\", \"roleName\", \"userId\") \
                VALUES (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 'member', 7000)";
    change(&gateway.app.database, role).await;
    assert_eq!(account_of(&gateway, "zhangwei").await, 7000);
}

#[actix_web::test]
async fn a_binding_that_was_moved_leads_to_its_new_person_alone() {
    let gateway = gateway().await;
    let database = &gateway.app.database;
    let lina = account_of(&gateway, "lina").await;
    let chenjing = account_of(&gateway, "chenjing").await;
    reconcile(&gateway.server).await;
    let none = "UPDATE \"usersAuthenticators\" SET \"meta\" = NULL";
    change(database, none).await;
    for (id, subject) in [(lina, "user-chenjing"), (chenjing, "user-lina")] {
        let moved = format!(
            "UPDATE \"usersAuthenticators\" SET \"uuid\" = '{subject}' WHERE \"userId\" = {id}"
        );
        change(database, &moved).await;
    }
    // The copies still say the opposite. Who follows one finds out, and puts it right.
    let app = gateway.server.app.clone();
    let asked = gateway.server.does(async move {
        let old = app.store.bindings_of_subject("dingtalk", "user-lina").await;
        let other = app
            .store
            .bindings_of_subject("dingtalk", "user-chenjing")
            .await;
        let new = app.store.bindings_of_subject("dingtalk", "user-lina").await;
        [old, other, new].map(|found| {
            found
                .unwrap()
                .iter()
                .map(|row| row.user_id)
                .collect::<Vec<_>>()
        })
    });
    let [old, _, new] = asked.await;
    assert_eq!(old, [0; 0]);
    assert_eq!(new, [chenjing]);
    assert_eq!(account_of(&gateway, "chenjing").await, lina);
    assert_eq!(account_of(&gateway, "lina").await, chenjing);
}

/// The person is found by their phone number, and with it the binding that no copy leads to yet.
#[actix_web::test]
async fn who_was_bound_by_hand_a_moment_ago_is_not_refused() {
    let gateway = gateway().await;
    let id = gateway
        .app
        .create_user("By hand", Some("13800000001"))
        .await;
    reconcile(&gateway.server).await;
    change(&gateway.app.database, &binding(id, "user-zhangwei")).await;
    assert_eq!(account_of(&gateway, "zhangwei").await, id);
}

#[actix_web::test]
async fn what_is_changed_through_the_gateway_is_soon_found() {
    let gateway = gateway().await;
    let id = gateway.app.create_user("Changed", None).await;
    reconcile(&gateway.server).await;
    let number = "UPDATE \"users\" SET \"phone\" = '138 / 00000001' WHERE \"id\" = ";
    change(&gateway.app.database, &format!("{number}{id}")).await;
    let mut browser = gateway.browser();
    browser
        .post("/api/users:update?filterByTk=5", json!({}))
        .await;
    eventually("the number is found", async || {
        let app = gateway.server.app.clone();
        let found = gateway.server.does(async move {
            let phone = Phone::of_account("13800000001").unwrap();
            app.store.users_by_phone(&phone).await.unwrap()
        });
        found.await.same.contains(&id)
    })
    .await;
}
