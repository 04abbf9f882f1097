//! Finding accounts and bindings in large tables, and that copies never decide.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{join, join_all};
use nocobase_dingtalk::phone::Phone;
use nocobase_dingtalk::store::{NewUser, StoreError};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::lookups::{asked, change, reconcile};
use crate::support::plans::{Heard, analyze, refuse_full_scans};
use crate::support::{Kind, TestApp, crowd, database::texts, eventually, in_dialect};

/// Enough rows for databases to prefer an index.
const PEOPLE: usize = 10_000;

/// The tables that the crowd fills, and this product's copies.
const TABLES: [&str; 7] = [
    "users",
    "rolesUsers",
    "usersAuthenticators",
    "issuedTokens",
    "dingtalk_audit",
    "dingtalk_contacts",
    "dingtalk_bound_people",
];

fn with_mailboxes() -> Value {
    json!({
        "linkExisting": "phoneOrEmail",
        "emailDomains": "corp.example",
        "public": {"autoSignup": true},
    })
}

/// The account that a number finds.
async fn holders(app: &TestApp, number: &str) -> Vec<i64> {
    let phone = Phone::of_account(number).unwrap();
    app.store().users_by_phone(&phone).await.unwrap().same
}

#[actix_web::test]
async fn whatever_a_sign_in_asks_is_answered_by_an_index() {
    let app = TestApp::with_options(with_mailboxes()).await;
    crowd::fill(&app.database, PEOPLE).await;
    reconcile(&app.server).await;
    analyze(&app.database, &TABLES).await;
    let linked = app
        .create_user("By phone", Some("+86 (138) 0000/0001"))
        .await;
    let by_mail = NewUser {
        username: Some("Ada".to_owned()),
        email: Some("He.Fan@corp.example".to_owned()),
        ..NewUser::default()
    };
    app.store().create_user(by_mail).await.unwrap();
    let change = json!({"orgEmail": "HE.FAN@corp.example", "mobile": null});
    app.sandbox.change_person("lina", change).await;
    let form = json!([{"field": "username", "show": true, "required": true}, {"field": "email", "show": true}]);
    app.set_password_options(json!({"public": {"allowSignUp": true, "signupForm": form}}))
        .await;
    let heard = Heard::of(app.store());
    let refuse = async |what: &str| {
        refuse_full_scans(&app.database, what, &asked(&heard)).await;
    };

    for (what, person) in [
        ("linking by a phone number", "zhangwei"),
        ("linking by a mailbox", "lina"),
        ("signing up", "chenjing"),
        ("signing in as somebody who is bound", "chenjing"),
    ] {
        let page = app.browser().sign_in(&app.sandbox, person).await;
        assert!(page.session().is_some(), "{what}: {page:?}");
        refuse(what).await;
    }
    let bound = app.bindings_of("user-zhangwei").await;
    assert_eq!(bound[0].user_id, linked);
    // The stable ID finds the binding when the other one has changed.
    let found = app
        .store()
        .bindings_with_stable_id("dingtalk", "union-zhangwei");
    assert_eq!(found.await.unwrap().len(), 1);
    refuse("the second identifier").await;

    let mut browser = app.browser();
    let sign_up = |name: &str| json!({"username": name, "email": format!("{name}@corp.example"), "password": "pw", "confirm_password": "pw"});
    let answer = browser.post("/api/auth:signUp", sign_up("eve")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    refuse("signing up with a password").await;
    let taken = browser.post("/api/auth:signUp", sign_up("ADA")).await;
    assert_eq!(taken.status, 400, "{}", taken.text);
    refuse("a user name that is taken").await;
    for account in ["eve", "EVE@corp.example"] {
        let token = browser.sign_in_as(account, "pw").await;
        refuse("signing in with a password").await;
        app.store().forget();
        browser.get_as(&token, "/api/auth:check").await;
        refuse("the check of a session").await;
        let profile = json!({"username": "eve", "nickname": account, "email": "Eve@corp.example"});
        let update = "/api/users:updateProfile";
        let answer = browser.post_as(&token, update, profile).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        refuse("one's own profile").await;
    }
    let root = browser.sign_in_as_root().await;
    heard.take();
    let new = json!({"username": "new", "email": "new@corp.example", "phone": "13900000009"});
    let answer = browser.post_as(&root, "/api/users:create", new).await;
    let id = &answer.json()["data"]["id"];
    refuse("an account that an administrator makes").await;
    let path = format!("/api/users:update?filterByTk={id}");
    let change = json!({"email": "Newer@corp.example", "phone": "139 0000 0010"});
    browser.post_as(&root, &path, change).await;
    refuse("an account that an administrator changes").await;
}

#[actix_web::test]
async fn copies_follow_what_others_change_behind_the_servers_back() {
    let app = TestApp::start().await;
    let kept = app.create_user("Kept", Some("139 0000 0001")).await;
    let gone = app.create_user("Gone", Some("(139) 0000.0002")).await;
    reconcile(&app.server).await;
    let database = &app.database;
    let new = 5_000_000_000_i64;
    let insert = format!(
        "INSERT INTO \"users\" (\"id\", \"phone\", \"email\") VALUES ({new}, '+86 / 139 0000 0003', 'Three@corp.example')"
    );
    change(database, &insert).await;
    let renumber =
        format!("UPDATE \"users\" SET \"phone\" = '139/0000/0004' WHERE \"id\" = {kept}");
    change(database, &renumber).await;
    change(
        database,
        &format!("DELETE FROM \"users\" WHERE \"id\" = {gone}"),
    )
    .await;
    // An outdated copy is never used, even before it has been noticed.
    for number in ["13900000001", "13900000002"] {
        assert_eq!(holders(&app, number).await, [0; 0], "{number}");
    }
    // It is also corrected by whoever noticed it.
    assert_eq!(holders(&app, "13900000004").await, [kept]);
    reconcile(&app.server).await;
    assert_eq!(holders(&app, "13900000003").await, [new]);
    assert_eq!(
        app.store()
            .users_by_email("THREE@corp.example")
            .await
            .unwrap(),
        [new]
    );
    let connection = database.connect().await;
    let rows = in_dialect(
        &connection,
        "SELECT CAST(count(*) AS CHAR(20)) FROM \"dingtalk_contacts\"",
    );
    let counted = texts(&connection, &rows).await;
    connection.into_inner().close().await.unwrap();
    assert_eq!(counted[0].trim(), "3", "root and two");
}

/// An account that NocoBase or another program writes is found at once if its number has a usual
/// spelling.
#[actix_web::test]
async fn usual_spellings_are_found_before_any_comparison() {
    let app = TestApp::start().await;
    reconcile(&app.server).await;
    for (id, written) in [
        (101, "13900000001"),
        (102, "+8613900000002"),
        (103, "+86 139 0000 0003"),
        (104, "86-13900000004"),
        (105, "139-0000-0005"),
    ] {
        let insert =
            format!("INSERT INTO \"users\" (\"id\", \"phone\") VALUES ({id}, '{written}')");
        change(&app.database, &insert).await;
        let number = format!("1390000000{}", id - 100);
        assert_eq!(holders(&app, &number).await, [id], "{written}");
    }
}

#[actix_web::test]
async fn before_the_first_comparison_everything_is_found_as_ever() {
    let app = TestApp::start().await;
    // The server's own first comparison must not end after this test says that there was none.
    eventually("the first comparison", async || {
        app.store().coverage().is_complete()
    })
    .await;
    let insert = "INSERT INTO \"users\" (\"id\", \"phone\", \"email\", \"username\") \
                  VALUES (101, '139/0000/0001', 'One@corp.example', 'One')";
    change(&app.database, insert).await;
    app.store().coverage().set_accounts(false);
    assert_eq!(holders(&app, "13900000001").await, [101]);
    assert_eq!(
        app.store()
            .users_by_email("ONE@corp.example")
            .await
            .unwrap(),
        [101]
    );
    let taken = app.store().username_is_taken_in_any_case("ONE", None);
    assert!(taken.await.unwrap());
}

/// The copies are in the state in which an old dump, or a server of an older release, leaves them.
#[actix_web::test]
async fn two_accounts_with_one_address_stay_and_get_no_third() {
    let mut app = TestApp::start().await;
    for (id, email) in [(101, "he.fan@corp.example"), (102, "He.Fan@corp.example")] {
        let insert = format!("INSERT INTO \"users\" (\"id\", \"email\") VALUES ({id}, '{email}')");
        change(&app.database, &insert).await;
    }
    app.restart();
    reconcile(&app.server).await;
    let store = app.store();
    assert_eq!(
        store.users_by_email("he.fan@corp.example").await.unwrap(),
        [101, 102]
    );
    for id in [101, 102] {
        // Each of the accounts can be changed, and keeps its address.
        let transaction = store.begin().await.unwrap();
        let mut row = transaction.lock_user(id).await.unwrap().unwrap();
        row.nickname = Some("Changed".to_owned());
        transaction.save_user(&row).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let third = NewUser {
        email: Some("HE.FAN@corp.example".to_owned()),
        ..NewUser::default()
    };
    let third = store.create_user(third).await;
    assert!(matches!(third, Err(StoreError::Conflict(_))), "{third:?}");
}

#[actix_web::test]
async fn of_sign_ups_with_one_address_at_the_same_time_one_is_let_in() {
    let app = TestApp::with_flags(&["--db-pool-max=12"], json!({})).await;
    let form = json!([{"field": "username", "show": true, "required": true}, {"field": "email", "show": true, "required": true}]);
    app.set_password_options(json!({"public": {"allowSignUp": true, "signupForm": form}}))
        .await;
    for round in 0..5 {
        let mut browsers: Vec<_> = (0..6).map(|_| app.browser()).collect();
        let sign_ups = browsers.iter_mut().enumerate().map(|(n, browser)| {
            let capital = |(at, c): (usize, char)| if at == n { c.to_ascii_uppercase() } else { c };
            let name: String = "abcdef".chars().enumerate().map(capital).collect();
            let email = format!("{name}{round}@corp.example");
            let body = json!({"username": format!("u{round}-{n}"), "email": email, "password": "pw", "confirm_password": "pw"});
            browser.send(Method::POST, "/api/auth:signUp", &[], Some(body))
        });
        let answers = join_all(sign_ups).await;
        let good = answers.iter().filter(|answer| answer.status == 200);
        assert_eq!(good.count(), 1, "{answers:?}");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!(answer.message(), "Email already exists", "{}", answer.text);
        }
    }
}

/// When two servers compare at the same time, the second one finds nothing to do, or tries again.
#[actix_web::test]
async fn servers_may_compare_at_the_same_time() {
    let app = TestApp::start().await;
    crowd::fill(&app.database, PEOPLE).await;
    if app.database.kind == Kind::Sqlite {
        join(reconcile(&app.server), reconcile(&app.server)).await;
    } else {
        let second = app.second_server();
        join(reconcile(&app.server), reconcile(&second)).await;
    }
    let found = app.store().users_by_email("MAIL@5000").await.unwrap();
    assert_eq!(found, [5000]);
}

/// SQLite's connections keep the statements that they have run, each with a place for every value.
#[actix_web::test]
async fn a_comparison_leaves_no_large_statements_in_memory() {
    let app = TestApp::start().await;
    crowd::fill(&app.database, 2_000).await;
    let most = Arc::new(AtomicUsize::new(0));
    let heard = most.clone();
    let is_heard = app.store().hear_statements(move |statement| {
        let values = statement.values.as_ref().map_or(0, |values| values.0.len());
        heard.fetch_max(values, Ordering::Relaxed);
    });
    assert!(is_heard);
    reconcile(&app.server).await;
    let found = app.store().users_by_email("MAIL@1999").await.unwrap();
    assert_eq!(found, [1999]);
    let most = most.load(Ordering::Relaxed);
    assert!(most <= 1_000, "{most} values in one statement");
}
