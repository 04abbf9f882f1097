//! An authenticator that gets a new name while people sign in.

use chrono::TimeDelta;
use nocobase_dingtalk::worker::renames;
use serde_json::json;

use crate::support::TestGateway;
use crate::support::bindings::new_binding;
use crate::support::nocobase::{answer, nocobase};

#[actix_web::test]
async fn who_was_bound_under_the_new_name_already_holds_up_nobody() {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        answer(&json!({"data": []}))
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    let id = gateway.create_authenticator("ding", true).await;
    let (ada, _) = gateway.member("ada", None).await;
    let (bea, _) = gateway.member("bea", None).await;
    let (cleo, _) = gateway.member("cleo", None).await;
    let app = gateway.server.app.clone();
    let bound = async move {
        let transaction = app.store.begin().await.unwrap();
        for new in [
            new_binding("ding", ada, "ada-before"),
            new_binding("ding", bea, "bea"),
            // Ada was linked again, and Cleo to what is Bea's, before the bindings were renamed.
            new_binding("ding2", ada, "ada-after"),
            new_binding("ding2", cleo, "bea"),
        ] {
            transaction.create_binding(new).await.unwrap();
        }
        transaction.commit().await.unwrap();
    };
    gateway.server.does(bound).await;
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let heard = gateway
        .browser()
        .post_as("admin", &path, json!({"name": "ding2"}))
        .await;
    assert_eq!(heard.status, 200, "{}", heard.text);
    let store = gateway.app.store();
    for (account, uuid) in [(ada, Some("ada-before")), (bea, Some("bea")), (cleo, None)] {
        let found = store.binding_of_user("ding2", account).await.unwrap();
        assert_eq!(found.as_ref().map(|found| found.uuid.as_str()), uuid);
        let left = store.binding_of_user("ding", account).await.unwrap();
        assert!(left.is_none(), "{left:?}");
    }
}

/// A gateway that has asked for the new name of an authenticator, at which an account is bound. A proxy
/// before NocoBase answered that it does not know what became of the request.
async fn asked_for_a_new_name() -> (TestGateway, i64, i64) {
    let upstream = nocobase(|head, connection| {
        connection.body(head);
        "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n".to_owned()
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    let id = gateway.create_authenticator("ding", true).await;
    let (ada, _) = gateway.member("ada", None).await;
    let app = gateway.server.app.clone();
    let bound = async move {
        let transaction = app.store.begin().await.unwrap();
        let new = new_binding("ding", ada, "user-lina");
        transaction.create_binding(new).await.unwrap();
        transaction.commit().await.unwrap();
    };
    gateway.server.does(bound).await;
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let body = json!({"name": "ding2"});
    let answer = gateway.browser().post_as("admin", &path, body).await;
    assert_eq!(answer.status, 504, "{}", answer.text);
    (gateway, id, ada)
}

/// One step of the worker.
async fn finish(gateway: &TestGateway) {
    let app = gateway.server.app.clone();
    gateway.server.does(renames::finish(app)).await;
}

/// Whether the account is bound at this authenticator.
async fn is_bound(gateway: &TestGateway, authenticator: &str, account: i64) -> bool {
    let store = gateway.app.store();
    let found = store.binding_of_user(authenticator, account).await.unwrap();
    found.is_some()
}

#[actix_web::test]
async fn bindings_follow_although_the_answer_was_lost() {
    let (gateway, id, ada) = asked_for_a_new_name().await;
    finish(&gateway).await;
    assert!(is_bound(&gateway, "ding", ada).await, "NocoBase is at work");
    gateway.rename_authenticator(id, "ding2").await;
    finish(&gateway).await;
    assert!(is_bound(&gateway, "ding2", ada).await);
    assert!(!is_bound(&gateway, "ding", ada).await);
    let left = gateway.app.store().noted_renames().await.unwrap();
    assert_eq!(left, []);
}

#[actix_web::test]
async fn bindings_follow_before_the_next_name_is_asked_for() {
    let (gateway, id, ada) = asked_for_a_new_name().await;
    gateway.rename_authenticator(id, "ding2").await;
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let body = json!({"name": "ding3"});
    let answer = gateway.browser().post_as("admin", &path, body).await;
    assert_eq!(answer.status, 504, "{}", answer.text);
    assert!(is_bound(&gateway, "ding2", ada).await);
    gateway.rename_authenticator(id, "ding3").await;
    finish(&gateway).await;
    assert!(is_bound(&gateway, "ding3", ada).await);
}

#[actix_web::test]
async fn who_signs_in_before_the_bindings_have_followed_has_their_own_account() {
    let (gateway, id, ada) = asked_for_a_new_name().await;
    // The browser of these tests asks for this name.
    gateway.rename_authenticator(id, "dingtalk").await;
    let sandbox = &gateway.app.sandbox;
    let page = gateway.browser().sign_in(sandbox, "lina").await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap();
    assert_eq!(gateway.known_to_nocobase(token).await["id"], ada);
    assert!(is_bound(&gateway, "dingtalk", ada).await);
}

#[actix_web::test]
async fn an_authenticator_gets_no_other_people_while_its_bindings_follow() {
    let (gateway, id, _) = asked_for_a_new_name().await;
    gateway.rename_authenticator(id, "ding2").await;
    let path = format!("/api/authenticators:update?filterByTk={id}");
    let options = json!({"clientId": "dingother", "clientSecret": "s"});
    let body = json!({"options": options});
    let answer = gateway.browser().post_as("clerk", &path, body).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
}

#[actix_web::test]
async fn a_name_that_nocobase_did_not_take_is_forgotten() {
    let (gateway, _, ada) = asked_for_a_new_name().await;
    gateway.app.clock.advance(TimeDelta::minutes(9));
    finish(&gateway).await;
    let left = gateway.app.store().noted_renames().await.unwrap();
    assert_eq!(left.len(), 1, "NocoBase may be slow");
    gateway.app.clock.advance(TimeDelta::minutes(2));
    finish(&gateway).await;
    let left = gateway.app.store().noted_renames().await.unwrap();
    assert_eq!(left, []);
    assert!(is_bound(&gateway, "ding", ada).await);
}

#[actix_web::test]
async fn whoever_asks_again_and_again_leaves_one_note() {
    let (gateway, id, _) = asked_for_a_new_name().await;
    let path = format!("/api/authenticators:update?filterByTk={id}");
    for number in 3..6 {
        let body = json!({"name": format!("ding{number}")});
        let answer = gateway.browser().post_as("admin", &path, body).await;
        assert_eq!(answer.status, 504, "{}", answer.text);
    }
    let left = gateway.app.store().noted_renames().await.unwrap();
    let left: Vec<_> = left.iter().map(|note| note.old_name.as_str()).collect();
    assert_eq!(left, ["ding"]);
}

#[actix_web::test]
async fn bindings_of_another_authenticator_with_the_old_name_stay() {
    let (gateway, id, ada) = asked_for_a_new_name().await;
    gateway.rename_authenticator(id, "ding2").await;
    gateway.create_authenticator("ding", true).await;
    finish(&gateway).await;
    assert!(is_bound(&gateway, "ding", ada).await);
    assert!(!is_bound(&gateway, "ding2", ada).await);
    let left = gateway.app.store().noted_renames().await.unwrap();
    assert_eq!(left, []);
}
