//! What the audit trail tells of authenticators that NocoBase saves and removes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::forwarding::run;
use crate::support::nocobase::{answer, nocobase, target};
use crate::support::{TestGateway, eventually};

/// What the trail has of authenticators, in order: the action, the name and who it was.
async fn trail(gateway: &TestGateway, token: &str) -> Vec<String> {
    let path = "/api/dingtalkAudit:list?sort=id&pageSize=200";
    let heard = gateway.browser().get_as(token, path).await;
    let rows = heard.json()["data"].clone();
    let rows = rows.as_array().expect(&heard.text).iter();
    let line = |row: &Value| {
        let (action, name) = (row["action"].as_str()?, row["authenticator"].as_str()?);
        let line = format!("{action} {name} by {}", row["actorId"]);
        action.starts_with("authenticator").then_some(line)
    };
    rows.filter_map(line).collect()
}

/// Removes the row of an authenticator.
async fn remove_row(gateway: &TestGateway, id: i64) {
    let statement = format!(r#"DELETE FROM "authenticators" WHERE "id" = {id}"#);
    run(gateway, &statement).await;
}

#[actix_web::test]
async fn what_nocobase_has_saved_is_recorded_and_what_it_refused_is_not() {
    let upstream = nocobase(|head, connection| {
        let row: Value = serde_json::from_slice(&connection.body(head)).unwrap_or_default();
        if row["title"] == "refused" {
            let why = json!({"errors": [{"message": "NocoBase says no"}]});
            return answer(&why).replacen("200 OK", "400 Bad Request", 1);
        }
        answer(&json!({"data": row}))
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    let id = gateway.create_authenticator("ding", true).await;
    let root = gateway.root_token().await;
    let (ada, token) = gateway.member("ada", None).await;
    let options = json!({"clientId": "a", "clientSecret": "b"});
    let ours = json!({"name": "n", "authType": "dingtalk", "options": options});
    let others = json!({"name": "b", "authType": "Email/Password"});
    let refused = |mut row: Value| {
        row["title"] = json!("refused");
        row
    };
    let change = format!("update?filterByTk={id}");
    for (action, row, status) in [
        ("create", refused(ours.clone()), 400),
        ("create", refused(others.clone()), 400),
        (&change, refused(json!({})), 400),
        ("create", ours, 200),
        ("create", others, 200),
        (&change, json!({"title": "Office"}), 200),
        (&change, json!({"name": "ding2"}), 200),
        ("update?filterByTk=999", json!({"title": "x"}), 200),
    ] {
        let path = format!("/api/authenticators:{action}");
        let heard = gateway.browser().post_as(&token, &path, row.clone()).await;
        assert_eq!(heard.status, status, "{action} {row}: {}", heard.text);
        let is_theirs = heard.message() == "NocoBase says no";
        assert_eq!(is_theirs, status == 400, "{action} {row}: {}", heard.text);
    }
    let expected = [
        "authenticatorCreate n",
        "authenticatorCreate b",
        "authenticatorUpdate ding",
        "authenticatorUpdate ding2",
        "authenticatorUpdate ",
    ];
    let expected = expected.map(|line| format!("{line} by {ada}"));
    assert_eq!(trail(&gateway, &root).await, expected);
}

#[actix_web::test]
async fn an_authenticator_that_nocobase_removed_is_recorded_and_offered_no_more() {
    let (arrived, removed) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (told, waits) = (arrived.clone(), removed.clone());
    let upstream = nocobase(move |head, connection| {
        connection.body(head);
        let (path, query) = target(head);
        if path != "/api/authenticators:destroy" {
            return answer(&json!({"data": []}));
        }
        if query.contains("refused") {
            return answer(&json!({"data": 1})).replacen("200 OK", "403 Forbidden", 1);
        }
        if query.contains("999") {
            // An action without a result.
            return answer(&json!({}));
        }
        if query.contains("waits") {
            told.store(true, Ordering::Release);
            while !waits.load(Ordering::Acquire) {
                std::thread::yield_now();
            }
        }
        answer(&json!({"data": 1}))
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    let id = gateway.create_authenticator("ding", true).await;
    gateway.create_authenticator("stays", true).await;
    let root = gateway.root_token().await;
    let destroy = async |query: &str| {
        let path = format!("/api/authenticators:destroy?{query}");
        let heard = gateway.browser().post_as(&root, &path, json!({})).await;
        heard.status.as_u16()
    };
    assert_eq!(destroy(&format!("filterByTk={id}&refused=1")).await, 403);
    // NocoBase found nothing to remove.
    assert_eq!(destroy("filterByTk=999").await, 200);
    assert_eq!(trail(&gateway, &root).await, [""; 0]);
    let remove = async {
        eventually("the removal", async || arrived.load(Ordering::Acquire)).await;
        remove_row(&gateway, id).await;
        removed.store(true, Ordering::Release);
    };
    let query = format!("filterByTk={id}&waits=1");
    let (status, ()) = futures_util::join!(destroy(&query), remove);
    assert_eq!(status, 200);
    // The sign-in page knows it at once.
    let path = "/api/authenticators:publicList";
    let offered = gateway.browser().get(path).await.names();
    assert!(!offered.contains(&"ding".to_owned()), "{offered:?}");
    assert!(offered.contains(&"stays".to_owned()), "{offered:?}");
    assert_eq!(
        trail(&gateway, &root).await,
        ["authenticatorDestroy ding by 1"]
    );
}

/// Has root ask for the removal of the authenticator `ding`, or of `stays`. Before NocoBase gives this answer, something
/// else happens to `ding`. Gives the status of the answer, the gateway and root's token.
async fn asked_meanwhile(
    (name, status, removed): (&str, &'static str, i64),
    happens: impl AsyncFnOnce(&TestGateway, i64),
) -> (u16, TestGateway, String) {
    let (arrived, happened) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (told, waits) = (arrived.clone(), happened.clone());
    let upstream = nocobase(move |head, connection| {
        connection.body(head);
        if target(head).0 != "/api/authenticators:destroy" {
            return answer(&json!({"data": []}));
        }
        told.store(true, Ordering::Release);
        while !waits.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
        answer(&json!({"data": removed})).replacen("200 OK", status, 1)
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    let ding = gateway.create_authenticator("ding", true).await;
    let stays = gateway.create_authenticator("stays", true).await;
    let root = gateway.root_token().await;
    let asked = if name == "ding" { ding } else { stays };
    let path = format!("/api/authenticators:destroy?filterByTk={asked}");
    let mut browser = gateway.browser();
    let asks = browser.post_as(&root, &path, json!({}));
    let meanwhile = async {
        eventually("the request", async || arrived.load(Ordering::Acquire)).await;
        happens(&gateway, ding).await;
        happened.store(true, Ordering::Release);
    };
    let (heard, ()) = futures_util::join!(asks, meanwhile);
    (heard.status.as_u16(), gateway, root)
}

#[actix_web::test]
async fn what_somebody_else_removes_meanwhile_is_not_recorded_of_who_asks() {
    for (asked, expected) in [
        (("ding", "403 Forbidden", 1), 403),
        (("stays", "200 OK", 1), 200),
        (("ding", "200 OK", 0), 200),
    ] {
        let (status, gateway, root) = asked_meanwhile(asked, remove_row).await;
        assert_eq!(status, expected, "{asked:?}");
        assert_eq!(trail(&gateway, &root).await, [""; 0], "{asked:?}");
    }
}

#[actix_web::test]
async fn a_database_that_fails_after_a_removal_makes_no_error_of_it() {
    let fails = async |gateway: &TestGateway, _: i64| {
        run(gateway, r#"ALTER TABLE "authenticators" RENAME TO "away""#).await;
    };
    let (status, _gateway, _) = asked_meanwhile(("ding", "200 OK", 1), fails).await;
    assert_eq!(status, 200);
}
