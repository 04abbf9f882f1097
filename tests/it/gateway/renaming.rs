//! An authenticator that gets a new name while people sign in.

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
