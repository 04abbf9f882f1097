//! The order of the sign-in page, which an administrator changes in NocoBase's list.

use std::sync::{Arc, OnceLock};

use entity::authenticator;
use entity::naming::NamedConnection;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Database, EntityTrait, QueryFilter};
use serde_json::json;
use url::Url;

use crate::support::nocobase::{answer, nocobase, target};
use crate::support::{TestGateway, naming};

/// Does what NocoBase does when somebody drags DingTalk before everything else.
fn move_to_the_top(database: &Url) {
    actix_web::rt::System::new().block_on(async {
        let connection = Database::connect(database.as_str()).await.unwrap();
        let connection = NamedConnection::new(connection, Arc::new(naming()));
        let update = authenticator::Entity::update_many()
            .col_expr(authenticator::Column::Sort, Expr::value(-1))
            .filter(authenticator::Column::Name.eq("dingtalk"));
        update.exec(&connection).await.unwrap();
        connection.into_inner().close().await.unwrap();
    });
}

#[actix_web::test]
async fn who_looks_after_an_authenticator_was_moved_sees_the_new_order() {
    let database: Arc<OnceLock<Url>> = Arc::default();
    let known = database.clone();
    let upstream = nocobase(move |head, connection| {
        connection.body(head);
        let basic = json!({"name": "basic", "authType": "Email/Password", "options": {}});
        match target(head).0 {
            "/api/authenticators:publicList" => answer(&json!({"data": [basic]})),
            "/api/authenticators:move" => {
                move_to_the_top(known.get().unwrap());
                answer(&json!({"data": "ok"}))
            }
            _ => answer(&json!({"data": []})),
        }
    });
    let gateway = TestGateway::before(upstream).await;
    database.set(gateway.app.database.url().clone()).unwrap();
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let order = async || {
        let listed = gateway
            .browser()
            .get("/api/authenticators:publicList")
            .await;
        let listed = listed.json()["data"].as_array().unwrap().clone();
        let names = listed
            .iter()
            .map(|way| way["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(order().await, ["basic", "dingtalk"]);
    let path = "/api/authenticators:move?sourceId=2&targetId=1";
    let moved = gateway.browser().post_as("admin", path, json!({})).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert_eq!(order().await, ["dingtalk", "basic"]);
}
