//! Bindings over the API, and the accounts that lists show with their rows.

use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};

use crate::support::requests::{get, post};
use crate::support::roles::new_role;
use crate::support::{TestApp, in_dialect};

const BINDINGS: &str = "/api/usersAuthenticators";

async fn root(app: &TestApp) -> String {
    app.root_token().await
}

/// An account with the admin role, and its token.
async fn admin(app: &TestApp, root: &str) -> String {
    let body = json!({"username": "ada", "roles": ["admin"]});
    let made = post(app, root, "/api/users:create", body).await;
    app.token_of(made.id()).await
}

#[actix_web::test]
async fn a_binding_lives_from_create_to_destroy() {
    let app = TestApp::start().await;
    let root = root(&app).await;
    let create = format!("{BINDINGS}:create");
    let body = json!({"authenticator": "dingtalk", "userId": 1, "uuid": "user-zhangwei"});
    let created = post(&app, &root, &create, body.clone()).await;
    let row = created.json()["data"].clone();
    assert_eq!(
        (
            &row["uuid"],
            &row["nickname"],
            &row["meta"],
            &row["createdById"]
        ),
        (&json!("user-zhangwei"), &json!(""), &json!({}), &json!(1)),
        "{}",
        created.text
    );
    let again = post(&app, &root, &create, body).await;
    assert_eq!(
        again.json()["errors"],
        json!([{"message": "authenticator already exists"}, {"message": "userId already exists"}])
    );
    // The person with this DingTalk user id can sign in as root from now on.
    let mut browser = app.browser();
    let signed_in = browser.sign_in(&app.sandbox, "zhangwei").await;
    let token = signed_in.session().unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let check = get(&app, &token, "/api/auth:check").await;
    assert_eq!(check.json()["data"]["id"], 1);

    let filter = "?filter={\"userId\":1}";
    let path = format!("{BINDINGS}:update{filter}");
    let updated = post(&app, &root, &path, json!({"nickname": "N", "userId": 7})).await;
    let row = updated.json()["data"][0].clone();
    assert_eq!((&row["nickname"], &row["userId"]), (&json!("N"), &json!(1)));
    let path = format!("{BINDINGS}:get{filter}");
    assert_eq!(
        get(&app, &root, &path).await.json()["data"]["nickname"],
        "N"
    );
    let path = format!("{BINDINGS}:destroy{filter}");
    assert_eq!(
        post(&app, &root, &path, json!({})).await.json(),
        json!({"data": 1})
    );
    assert_eq!(get(&app, &root, BINDINGS).await.json()["data"], json!([]));
}

#[actix_web::test]
async fn what_binds_nobody_or_everybody_is_refused() {
    let app = TestApp::start().await;
    let root = root(&app).await;
    let admin = admin(&app, &root).await;
    let create = format!("{BINDINGS}:create");
    let bind =
        |user: i64, uuid: &str| json!({"authenticator": "dingtalk", "userId": user, "uuid": uuid});
    assert_eq!(post(&app, &admin, &create, bind(2, "a")).await.status, 403);
    assert_eq!(post(&app, &root, &create, bind(2, "a")).await.status, 200);
    for (body, message) in [
        (bind(1, "a"), "UUID already exists"),
        (bind(99, "b"), "userId is not valid"),
        (
            json!({"authenticator": "nope", "userId": 1, "uuid": "b"}),
            "authenticator is not valid",
        ),
        (
            json!({"authenticator": "dingtalk", "userId": 1}),
            "UUID cannot be null",
        ),
        (
            json!({"authenticator": "dingtalk", "userId": [1], "uuid": "b"}),
            "userId is not valid",
        ),
    ] {
        let answer = post(&app, &root, &create, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (400, message),
            "{body}"
        );
    }
    // A change that names no rows must not apply to all of them.
    for query in [
        "",
        "?filter={}",
        "?filter={\"$and\":[]}",
        "?filter={\"$or\":[{}]}",
        "?filterByTk=2",
    ] {
        for action in ["update", "destroy"] {
            let path = format!("{BINDINGS}:{action}{query}");
            let answer = post(&app, &root, &path, json!({"nickname": "all"})).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        }
    }
    let rows = get(&app, &root, BINDINGS).await.json()["data"].clone();
    assert_eq!(
        (rows.as_array().unwrap().len(), &rows[0]["nickname"]),
        (1, &json!(""))
    );
}

#[actix_web::test]
async fn rows_come_with_who_made_them() {
    let app = TestApp::start().await;
    let root = root(&app).await;
    let admin = admin(&app, &root).await;
    let body = json!({"name": "x", "authType": "Email/Password"});
    post(&app, &admin, "/api/authenticators:create", body).await;
    let path = "/api/authenticators?fields=name&appends=createdBy,updatedBy,nope&sort=id";
    let rows = get(&app, &root, path).await.json()["data"].clone();
    assert_eq!(
        rows[0],
        json!({"name": "basic", "createdBy": null, "updatedBy": null})
    );
    assert_eq!(rows[2]["createdBy"]["username"], "ada");
    assert!(rows[2]["createdBy"].get("password").is_none());

    let body = json!({"username": "bob"});
    let bob = post(&app, &admin, "/api/users:create", body).await;
    let bob = app.token_of(bob.id()).await;
    let path = "/api/users:get?filterByTk=3&fields=id&appends=createdBy,roles";
    let row = get(&app, &root, path).await.json()["data"].clone();
    assert_eq!(row["createdBy"]["username"], "ada");
    assert_eq!(row["roles"][0]["name"], "member");
    // A role that sees only its own rows does not see the accounts of authors.
    assert_eq!(get(&app, &bob, path).await.json()["data"], Value::Null);
}

#[actix_web::test]
async fn lists_say_what_may_be_done_with_each_row() {
    let app = TestApp::start().await;
    let root = root(&app).await;
    let admin = admin(&app, &root).await;
    let meta = async |token: &str, path: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-with-acl-meta", "true"),
        ];
        let mut browser = app.browser();
        let answer = browser
            .send(reqwest::Method::GET, path, &headers, None)
            .await;
        answer.json()["meta"]["allowedActions"].clone()
    };
    let all = json!({"view": [1, 2], "update": [1, 2], "destroy": [2]});
    assert_eq!(meta(&root, "/api/users?fields=id").await, all);
    // An administrator cannot see the account of root.
    let rest = json!({"view": [1, 2], "update": [2], "destroy": [2]});
    assert_eq!(meta(&admin, "/api/users?fields=id").await, rest);
    let one = json!({"view": [1], "update": [], "destroy": []});
    assert_eq!(meta(&admin, "/api/users:get?filterByTk=1").await, one);
    assert_eq!(
        meta(&admin, "/api/authenticators").await,
        json!({"view": [1, 2], "update": [1, 2], "destroy": [1, 2]})
    );
    assert_eq!(
        meta(&root, "/api/users?filter={\"id\":77}").await,
        Value::Null
    );
    assert_eq!(
        get(&app, &root, "/api/users").await.json()["meta"].get("allowedActions"),
        None
    );
}

#[actix_web::test]
async fn texts_are_searched_without_regard_to_case() {
    let app = TestApp::start().await;
    let root = root(&app).await;
    for nickname in ["Alpha", "ALPHA", "al%pha", "al_pha", "al\\pha"] {
        let body = json!({"username": format!("u{}", nickname.len() + nickname.bytes().map(usize::from).sum::<usize>()),
            "nickname": nickname});
        let answer = post(&app, &root, "/api/users:create", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    for (operator, value, expected) in [
        ("$includes", "alpha", vec!["Alpha", "ALPHA"]),
        ("$includes", "LPH", vec!["Alpha", "ALPHA"]),
        (
            "$startsWith",
            "AL",
            vec!["Alpha", "ALPHA", "al%pha", "al_pha", "al\\pha"],
        ),
        ("$endsWith", "lpha", vec!["Alpha", "ALPHA"]),
        ("$includes", "l%p", vec!["al%pha"]),
        ("$includes", "l_p", vec!["al_pha"]),
        ("$includes", "l\\p", vec!["al\\pha"]),
        ("$includes", "!", vec![]),
    ] {
        let filter = json!({"$and": [{"id.$gt": 1}, {"nickname": {operator: value}}]}).to_string();
        let query = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect::<String>();
        let path = format!("/api/users?sort=id&fields=nickname&filter={query}");
        let answer = get(&app, &root, &path).await;
        let rows = answer.json()["data"].clone();
        let found: Vec<_> = rows
            .as_array()
            .expect(&answer.text)
            .iter()
            .map(|row| row["nickname"].as_str().unwrap())
            .collect();
        assert_eq!(found, expected, "{operator} {value}");
    }
    let filter = "filter={\"id.$gt\":1,\"nickname.$notIncludes\":\"ALPHA\"}";
    let rest = get(&app, &root, &format!("/api/users?{filter}")).await;
    assert_eq!(rest.json()["meta"]["count"], 3, "{}", rest.text);
}

#[actix_web::test]
async fn a_name_that_changes_its_capitals_alone_keeps_all_bindings() {
    let app = TestApp::start().await;
    let connection = app.database.connect().await;
    if connection.get_database_backend() == DbBackend::MySql {
        // As NocoBase has it on MySQL.
        let ignore_case = r#"ALTER TABLE "usersAuthenticators" CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"#;
        let ignore_case = in_dialect(&connection, ignore_case);
        connection.execute_unprepared(&ignore_case).await.unwrap();
    }
    connection.into_inner().close().await.unwrap();
    let id = app.create_user("Li Na", None).await;
    app.bind("dingtalk", "lina", id, json!({})).await.unwrap();

    let transaction = app.store().begin().await.unwrap();
    let renamed = transaction.rename_bindings("dingtalk", "DingTalk").await;
    transaction.commit().await.unwrap();
    app.store().coverage().rename(renamed.unwrap());
    let bound = app.store().binding_of_user("DingTalk", id).await.unwrap();
    let bound = bound.map(|binding| (binding.authenticator, binding.uuid));
    assert_eq!(bound, Some(("DingTalk".to_owned(), "lina".to_owned())));
}

#[actix_web::test]
async fn who_is_bound_is_shown_to_who_may_see_accounts() {
    let app = TestApp::start().await;
    let root = root(&app).await;
    let create = format!("{BINDINGS}:create");
    let body = json!({"authenticator": "dingtalk", "userId": 1, "uuid": "user-zhangwei"});
    let created = post(&app, &root, &create, body).await;
    assert_eq!(created.status, 200, "{}", created.text);
    for (name, actions, status) in [
        ("blind", json!([]), 403),
        ("creator", json!(["view:own"]), 403),
        ("looker", json!(["view"]), 200),
    ] {
        let role = new_role(name, json!(["pm.auth.authenticators"]), &actions);
        app.store().create_role(role).await.unwrap();
        let body = json!({"username": name, "roles": [name]});
        let made = post(&app, &root, "/api/users:create", body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        let token = app.token_of(made.id()).await;
        let listed = get(&app, &token, "/api/authenticators:list").await;
        assert_eq!(listed.status, 200, "{name}: {}", listed.text);
        let bound = get(&app, &token, "/api/authenticators/dingtalk/users:list").await;
        let text = &bound.text;
        assert_eq!(bound.status.as_u16(), status, "{name}: {text}");
        assert_eq!(text.contains("admin@nocobase.com"), status == 200, "{text}");
    }
}
