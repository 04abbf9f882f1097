//! Signing in through DingTalk in front of NocoBase, and what NocoBase finds afterwards.

use entity::issued_token;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use crate::support::upstream::{ScriptedUpstream, header};
use crate::support::{Kind, TestGateway};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"data\":null}";

async fn gateway() -> TestGateway {
    let gateway = TestGateway::before(ScriptedUpstream::answering(OK)).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    gateway
}

#[actix_web::test]
async fn a_session_begins_under_an_authenticator_that_nocobase_knows() {
    let gateway = gateway().await;
    let sandbox = &gateway.app.sandbox;
    let mut browser = gateway.browser();
    let page = browser.sign_in(sandbox, "zhangwei").await;
    let session = page.session().expect(&page.text);
    // Its own name is for the browser alone, which tells by it how the session began.
    assert_eq!(session["authenticator"], "dingtalk");
    assert_eq!(browser.cookies["nb_authenticator_main"].1, "basic");
    // The standalone server has the same secret and database, as NocoBase has.
    let token = session["token"].as_str().unwrap();
    let known = gateway.known_to_nocobase(token).await;
    assert_eq!(known["roles"][0]["name"], "member");
    let connection = gateway.app.database.connect().await;
    let user = known["id"].as_i64().unwrap();
    // Without its id, which is of another type on PostgreSQL.
    let (authenticator, signed_in, issued): (Option<String>, i64, i64) =
        issued_token::Entity::find()
            .select_only()
            .columns([
                issued_token::Column::Authenticator,
                issued_token::Column::SignInTime,
                issued_token::Column::IssuedTime,
            ])
            .filter(issued_token::Column::UserId.eq(user))
            .into_tuple()
            .one(&connection)
            .await
            .unwrap()
            .unwrap();
    connection.into_inner().close().await.unwrap();
    assert_eq!(authenticator.as_deref(), Some("basic"));
    assert_eq!(signed_in, issued);
    assert_eq!(gateway.upstream.heads(), [""; 0]);
}

#[actix_web::test]
async fn first_sign_ins_of_one_person_at_one_time_make_one_account() {
    let gateway = gateway().await;
    // In NocoBase's tables nothing forbids it.
    let connection = gateway.app.database.connect().await;
    let index = "dingtalk_users_authenticators_subject";
    let drop = match gateway.app.database.kind {
        Kind::Mariadb => format!("DROP INDEX `{index}` ON `usersAuthenticators`"),
        _ => format!("DROP INDEX \"{index}\""),
    };
    sea_orm::ConnectionTrait::execute_unprepared(&connection, &drop)
        .await
        .expect("there was an index");
    connection.into_inner().close().await.unwrap();
    let sandbox = &gateway.app.sandbox;
    let mut ways = Vec::new();
    for _ in 0..6 {
        let mut browser = gateway.browser();
        let url = browser.begin(Value::Null).await;
        let location = sandbox.choose(&url, "zhangwei").await;
        ways.push((browser, location));
    }
    let before = gateway.app.count_users().await;
    let returns = ways
        .iter_mut()
        .map(|(browser, location)| browser.get(location));
    let pages = futures_util::future::join_all(returns).await;
    assert!(pages.iter().all(|page| page.session().is_some()));
    assert_eq!(gateway.app.count_users().await, before + 1);
}

#[actix_web::test]
async fn who_names_dingtalk_reaches_nocobase_under_another_name() {
    let gateway = gateway().await;
    gateway.create_authenticator("off", false).await;
    for name in ["dingtalk", "off"] {
        let headers = [
            ("x-authenticator", name),
            ("cookie", "a=1; nb_authenticator_main=off"),
        ];
        gateway
            .browser()
            .send(Method::GET, "/api/auth:check", &headers, None)
            .await;
        let head = gateway.upstream.heads().pop().unwrap();
        assert_eq!(header(&head, "x-authenticator").unwrap(), "basic");
        assert_eq!(
            header(&head, "cookie").unwrap(),
            "a=1; nb_authenticator_main=basic"
        );
    }
    // A sign-in at one that is in use is ours, at another NocoBase's.
    let body = || Some(json!({"authCode": "nonsense"}));
    let path = "/api/auth:signIn";
    let before = gateway.upstream.heads().len();
    let answer = gateway
        .browser()
        .send(
            Method::POST,
            path,
            &[("x-authenticator", "dingtalk")],
            body(),
        )
        .await;
    assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED", "{}", answer.text);
    assert_eq!(gateway.upstream.heads().len(), before);
    for name in ["off", "basic", "nope"] {
        gateway
            .browser()
            .send(Method::POST, path, &[("x-authenticator", name)], body())
            .await;
    }
    assert_eq!(gateway.upstream.heads().len(), before + 3);
}

#[actix_web::test]
async fn while_the_plugin_or_the_authenticator_is_off_nobody_signs_in() {
    let gateway = gateway().await;
    gateway.create_authenticator("off", false).await;
    let headers = [("x-authenticator", "off")];
    let path = "/api/dingtalk:getAuthUrl";
    let refused = gateway
        .browser()
        .send(Method::POST, path, &headers, None)
        .await;
    assert_eq!(refused.code(), "DINGTALK_DISABLED");
    let store = &gateway.server.app.store;
    store.set_switch("auth-dingtalk", false).await.unwrap();
    let refused = gateway.browser().try_begin(Value::Null).await;
    assert_eq!(refused.code(), "DINGTALK_DISABLED");
}

#[actix_web::test]
async fn on_postgres_nocobases_tables_are_found_in_their_schema() {
    if Kind::chosen() != Kind::Postgres {
        return;
    }
    let upstream = ScriptedUpstream::answering("");
    let gateway = TestGateway::with_flags(upstream, &["--db-schema=Noco-Base"]).await;
    gateway.enable_plugin().await;
    gateway.create_authenticator("dingtalk", true).await;
    let mut browser = gateway.browser();
    let page = browser.sign_in(&gateway.app.sandbox, "lina").await;
    let session = page.session().expect(&page.text);
    // Who reads the tables of that schema knows the session.
    let token = session["token"].as_str().unwrap();
    assert_eq!(gateway.known_to_nocobase(token).await["nickname"], "李娜");
}
