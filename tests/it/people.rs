//! The bindings of people to accounts, as administrators manage them.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::directory::Administrator;
use crate::support::requests::{get, post};
use crate::support::roles::new_role;
use crate::support::{Answer, TestApp, in_dialect, naming, test_logs};

const PEOPLE: &str = "/api/dingtalkPeople";

/// An account with this name, and its id.
async fn account(app: &TestApp, root: &str, name: &str, roles: Value) -> i64 {
    let body = json!({"username": name, "nickname": format!("{name} Smith"), "roles": roles});
    let made = post(app, root, "/api/users:create", body).await;
    made.id()
}

async fn bind(app: &TestApp, token: &str, user: i64, person: &str) -> Answer {
    let body = json!({"authenticator": "dingtalk", "userId": user, "person": person});
    post(app, token, &format!("{PEOPLE}:bind"), body).await
}

async fn listed(app: &TestApp, token: &str, more: &str) -> Value {
    let path = format!("{PEOPLE}:list?authenticator=dingtalk{more}");
    let answer = get(app, token, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// A role with these snippets and these actions.
async fn role(app: &TestApp, name: &'static str, snippets: Value, actions: Value) {
    let role = new_role(name, snippets, &actions);
    app.store().create_role(role).await.unwrap();
}

/// The actions, results and reasons in the audit trail that concern an account.
async fn trail(app: &TestApp, root: &str, user: i64) -> Vec<String> {
    let path = format!(
        "/api/dingtalkAudit:list?sort=id&pageSize=100&filter={{\"userId\":{user},\"actorId.$ne\":{user}}}"
    );
    let rows = get(app, root, &path).await.json()["data"].clone();
    let text = |row: &Value| {
        let part = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        let actor = row["actorId"].clone();
        format!("{} {} {actor}", part("action"), part("reason"))
    };
    let rows = rows.as_array().unwrap().clone();
    rows.iter()
        .filter(|row| !row["actorId"].is_null())
        .map(text)
        .collect()
}

#[actix_web::test]
async fn an_administrator_binds_and_unbinds_somebody_by_their_user_id() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let ada = account(&app, &root, "ada", json!(["member"])).await;
    let boss = account(&app, &root, "boss", json!(["admin"])).await;
    let admin = app.token_of(boss).await;
    let answer = bind(&app, &admin, ada, " user-lina ").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let people = listed(&app, &admin, "").await;
    let row = &people["data"][0];
    assert_eq!(
        (
            &row["userId"],
            &row["subject"],
            &row["how"],
            &row["account"]["nickname"]
        ),
        (
            &json!(ada),
            &json!("user-lina"),
            &json!("byHand"),
            &json!("ada Smith")
        )
    );
    assert_eq!(people["meta"]["count"], 1);
    // The person gets that account, and no other one.
    let page = app.browser().sign_in(&app.sandbox, "lina").await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap().to_owned();
    let me = get(&app, &token, "/api/auth:check").await;
    assert_eq!(me.json()["data"]["id"], ada);
    let body = json!({"authenticator": "dingtalk", "userId": ada, "endSessions": true});
    let answer = post(&app, &admin, &format!("{PEOPLE}:unbind"), body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(get(&app, &token, "/api/auth:check").await.status, 401);
    assert_eq!(listed(&app, &admin, "").await["data"], json!([]));
    let again = post(&app, &admin, &format!("{PEOPLE}:unbind"), body).await;
    assert_eq!(again.code(), "DINGTALK_ACCOUNT_NOT_BOUND");
    let expected = [
        format!("bind - {boss}"),
        format!("unbind - {boss}"),
        format!("signOutEverywhere - {boss}"),
        format!("unbind DINGTALK_ACCOUNT_NOT_BOUND {boss}"),
    ];
    assert_eq!(trail(&app, &root, ada).await, expected);
}

#[actix_web::test]
async fn a_binding_by_hand_is_refused_where_a_sign_in_would_link_nobody() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let ada = account(&app, &root, "ada", json!(["member"])).await;
    let ben = account(&app, &root, "ben", json!(["member"])).await;
    let boss = account(&app, &root, "boss", json!(["admin"])).await;
    let nobody = account(&app, &root, "nobody", json!(["member"])).await;
    let path = format!("/api/users/{nobody}/roles:set");
    post(&app, &root, &path, json!([])).await;
    assert_eq!(bind(&app, &root, ada, "user-lina").await.status, 200);
    for (user, person, status, code) in [
        (1, "user-zhangwei", 403, "DINGTALK_ROOT"),
        (
            nobody,
            "user-zhangwei",
            400,
            "DINGTALK_ACCOUNT_WITHOUT_ROLE",
        ),
        (ada, "user-zhangwei", 400, "DINGTALK_ACCOUNT_BOUND"),
        (ben, "user-lina", 400, "DINGTALK_PERSON_BOUND"),
        (ben, "user-nobody", 400, "DINGTALK_UNKNOWN_PERSON"),
        (ben, "user-wuqiang", 400, "DINGTALK_UNKNOWN_PERSON"),
        (ben, "", 400, ""),
        (ben, &"王".repeat(255), 400, "DINGTALK_UNKNOWN_PERSON"),
        (ben, &"王".repeat(256), 400, ""),
        (9999, "user-zhangwei", 400, ""),
    ] {
        let answer = bind(&app, &root, user, person).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{user} {person}: {}",
            answer.text
        );
    }
    assert_eq!(listed(&app, &root, "").await["meta"]["count"], 1);
    // Whoever may not change roles can neither bind nor unbind an administrator's account.
    let snippets = json!(["pm.auth-dingtalk", "pm.users"]);
    role(&app, "desk", snippets, json!(["view", "update"])).await;
    let desk = account(&app, &root, "desk", json!(["desk"])).await;
    let desk = app.token_of(desk).await;
    let answer = bind(&app, &desk, boss, "user-zhangwei").await;
    assert_eq!(answer.code(), "DINGTALK_ADMINISTRATOR", "{}", answer.text);
    assert_eq!(bind(&app, &root, boss, "user-zhangwei").await.status, 200);
    let body = json!({"authenticator": "dingtalk", "userId": boss});
    let answer = post(&app, &desk, &format!("{PEOPLE}:unbind"), body).await;
    assert_eq!(answer.code(), "DINGTALK_ADMINISTRATOR", "{}", answer.text);
    assert_eq!(
        bind(&app, &desk, ben, "user-chenjing")
            .await
            .status
            .as_u16()
            / 100,
        2
    );
}

#[actix_web::test]
async fn a_refusal_by_hand_speaks_to_the_administrator_also_in_the_audit_trail() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let ada = account(&app, &root, "ada", json!(["member"])).await;
    let ben = account(&app, &root, "ben", json!(["member"])).await;
    let boss = account(&app, &root, "boss", json!(["admin"])).await;
    let boss = app.token_of(boss).await;
    let meta = json!({"userId": "user-lina", "unionId": "union-somebody"});
    app.bind("dingtalk", "user-lina", ada, meta).await.unwrap();
    app.bind("dingtalk", "user-zhangwei", 1, json!({}))
        .await
        .unwrap();

    let reissued = bind(&app, &boss, ben, "user-lina").await;
    let body = json!({"authenticator": "dingtalk", "userId": 1});
    let of_root = post(&app, &boss, &format!("{PEOPLE}:unbind"), body).await;
    for (answer, user, code, words) in [
        (
            reissued,
            ben,
            "DINGTALK_REISSUED",
            "Another person had this DingTalk user ID before, and their account is still bound. Remove that binding first.",
        ),
        (
            of_root,
            1,
            "DINGTALK_ROOT",
            "Only root can remove the binding of an account with the root role.",
        ),
    ] {
        let sent = answer.json()["errors"][0].clone();
        let expected = json!({"code": code, "message": words});
        assert_eq!((answer.status.as_u16(), sent), (403, expected));
        let path =
            format!("/api/dingtalkAudit:list?filter={{\"userId\":{user},\"reason\":\"{code}\"}}");
        let rows = get(&app, &root, &path).await.json()["data"].clone();
        assert_eq!(rows[0]["reasonText"], words, "{rows}");
    }
}

#[actix_web::test]
async fn the_log_says_that_it_was_a_binding_by_hand_which_was_refused() {
    let secret = json!({"clientSecret": "{{ $env.NOT_THERE }}"});
    let app = TestApp::start().await;
    let broken = TestApp::with_options(secret).await;
    for (app, code, why) in [
        (
            app,
            "DINGTALK_UNKNOWN_PERSON",
            "DingTalk says nothing of the person: ",
        ),
        (
            broken,
            "DINGTALK_MISCONFIGURED",
            "authenticator dingtalk: there is no variable NOT_THERE",
        ),
    ] {
        let root = app.root_token().await;
        let ada = account(&app, &root, "ada", json!(["member"])).await;
        let logs = test_logs().await;
        let answer = bind(&app, &root, ada, "user-wuqiang").await;
        assert_eq!(answer.code(), code, "{}", answer.text);
        let lines = logs.lines();
        let line = format!("account {ada} is not bound by hand: {why}");
        assert!(lines.contains(&line), "{line} is not in {lines}");
    }
}

#[actix_web::test]
async fn a_binding_by_hand_that_the_database_prevents_is_logged_as_its_failure_alone() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let ada = account(&app, &root, "ada", json!(["member"])).await;
    let logs = test_logs().await;
    let answer = bind(&app, &root, 1, "user-zhangwei").await;
    assert_eq!(answer.code(), "DINGTALK_ROOT", "{}", answer.text);
    let lines = logs.lines();
    let refusal = "an account of root is bound by whoever holds it";
    assert_eq!(lines.matches(refusal).count(), 1, "{lines}");

    let connection = app.database.connect().await;
    let table = naming().table("usersAuthenticators").into_owned();
    let drop = in_dialect(&connection, &format!(r#"DROP TABLE "{table}""#));
    let inner = connection.inner();
    inner.execute_unprepared(&drop).await.unwrap();
    connection.into_inner().close().await.unwrap();
    let answer = bind(&app, &root, ada, "user-lina").await;
    assert_eq!(answer.status, 500, "{}", answer.text);
    let lines = logs.lines();
    assert!(lines.contains("ERROR nocobase_dingtalk"), "{lines}");
    let refusal = format!("account {ada} is not bound");
    assert!(!lines.contains(&refusal), "{lines}");
}

#[actix_web::test]
async fn the_bindings_of_an_account_that_is_removed_are_in_the_log_and_in_the_audit_trail() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let ada = account(&app, &root, "ada", json!(["member"])).await;
    let ben = account(&app, &root, "ben", json!(["member"])).await;
    let boss = account(&app, &root, "boss", json!(["admin"])).await;
    let admin = app.token_of(boss).await;
    for name in ["dingtalk", "another"] {
        app.bind(name, "user-lina", ada, json!({})).await.unwrap();
    }
    let logs = test_logs().await;
    let path = format!("/api/users:destroy?filterByTk[]={ada}&filterByTk[]={ben}");
    let answer = post(&app, &admin, &path, json!({})).await;
    assert_eq!(answer.json(), json!({"data": 2}), "{}", answer.text);
    let path = "/api/dingtalkAudit:list?sort=id&filter={\"action\":\"unbind\"}";
    let rows = get(&app, &root, path).await.json()["data"].clone();
    let rows = rows.as_array().unwrap().iter().map(|row| {
        let part = |name: &str| row[name].clone();
        json!([
            part("authenticator"),
            part("userId"),
            part("actorId"),
            part("result")
        ])
    });
    let expected = ["another", "dingtalk"].map(|name| json!([name, ada, boss, "success"]));
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    let lines = logs.lines();
    for name in ["another", "dingtalk"] {
        let line = format!("account {boss} removed the binding of account {ada} at {name}, with");
        assert_eq!(lines.matches(&line).count(), 1, "{lines}");
    }
}

#[actix_web::test]
async fn who_may_only_look_changes_nothing() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let ada = account(&app, &root, "ada", json!(["member"])).await;
    assert_eq!(bind(&app, &root, ada, "user-lina").await.status, 200);
    role(&app, "guest", json!(["pm.auth-dingtalk"]), json!(["view"])).await;
    let guest = account(&app, &root, "guest", json!(["guest"])).await;
    let guest = app.token_of(guest).await;
    let member = app.token_of(ada).await;
    assert_eq!(listed(&app, &guest, "").await["meta"]["count"], 1);
    for (token, status) in [(&guest, 403), (&member, 403)] {
        for action in ["bind", "unbind", "endSessions"] {
            let body =
                json!({"authenticator": "dingtalk", "userId": ada, "person": "user-zhangwei"});
            let answer = post(&app, token, &format!("{PEOPLE}:{action}"), body).await;
            assert_eq!(answer.status, status, "{action}: {}", answer.text);
        }
    }
    for action in [
        "dingtalkPeople:list",
        "dingtalkPeople:accounts",
        "dingtalk:overview",
        "dingtalkAudit:export",
    ] {
        let path = format!("/api/{action}?authenticator=dingtalk");
        assert_eq!(get(&app, &member, &path).await.status, 403, "{action}");
        assert_eq!(app.browser().get(&path).await.status, 401, "{action}");
        assert_eq!(get(&app, &guest, &path).await.status, 200, "{action}");
    }
    let body = json!({"userId": ada});
    let answer = post(&app, &root, &format!("{PEOPLE}:endSessions"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(get(&app, &member, "/api/auth:check").await.status, 401);
    let answer = get(&app, &root, &format!("{PEOPLE}:endSessions?userId={ada}")).await;
    assert_ne!(answer.status, 200, "a link does nothing");
}

#[actix_web::test]
async fn people_are_found_by_what_is_known_of_them() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let root = app.root_token().await;
    let body = json!({"username": "mona", "nickname": "Mona Özil", "email": "Mona@corp.example", "phone": "+49 170 1234567", "roles": ["member"]});
    let made = post(&app, &root, "/api/users:create", body).await;
    let mona = made.json()["data"]["id"].clone();
    assert_eq!(
        bind(&app, &root, mona.as_i64().unwrap(), "user-lina")
            .await
            .status,
        200
    );
    app.browser().sign_in(&app.sandbox, "zhangwei").await;
    let people = listed(&app, &root, "").await;
    assert_eq!(people["meta"]["count"], 2);
    assert_eq!(
        people["data"][0]["how"], "signedUp",
        "the newest first: {people}"
    );
    for text in [
        "mona",
        "MONA ö",
        "mona özil",
        "MONA",
        "mona@CORP.example",
        "%2B491701234567",
        "user-lina",
        &mona.to_string(),
    ] {
        let found = listed(&app, &root, &format!("&search={text}")).await;
        assert_eq!(found["meta"]["count"], 1, "{text}: {found}");
        assert_eq!(found["data"][0]["userId"], mona, "{text}");
    }
    for text in ["ona", "%25", "_ona", "nobody", "%00", "USER-LINA"] {
        let found = listed(&app, &root, &format!("&search={text}")).await;
        assert_eq!(found["data"], json!([]), "{text}");
    }
    let second = listed(&app, &root, "&page=2&pageSize=1").await;
    assert_eq!(second["data"][0]["userId"], mona);
    assert_eq!(second["meta"]["totalPage"], 2);
    let path = format!("{PEOPLE}:accounts?authenticator=dingtalk&search=mona");
    let found = get(&app, &root, &path).await.json();
    let expected =
        json!([{"userId": mona, "nickname": "Mona Özil", "username": "mona", "bound": true}]);
    assert_eq!(found["data"], expected);
    // A changed name is found in its new form.
    let path = format!("/api/users:update?filterByTk={mona}");
    post(&app, &root, &path, json!({"nickname": "Renamed"})).await;
    assert_eq!(
        listed(&app, &root, "&search=mona%20").await["meta"]["count"],
        1,
        "by the user name"
    );
    assert_eq!(
        listed(&app, &root, "&search=renam").await["data"][0]["userId"],
        mona
    );
    assert_eq!(
        listed(&app, &root, "&search=mona%20%C3%B6").await["data"],
        json!([])
    );
    for path in [
        format!("{PEOPLE}:list"),
        format!("{PEOPLE}:list?authenticator=basic"),
    ] {
        assert_eq!(get(&app, &root, &path).await.status, 400, "{path}");
    }
}

#[actix_web::test]
async fn who_was_copied_from_the_directory_is_shown_as_such() {
    let app = TestApp::with_options(json!({"public": {"autoSignup": true}})).await;
    let mut admin = Administrator::of(&app).await;
    app.browser().sign_in(&app.sandbox, "lina").await;
    app.create_user("Typed by somebody", Some("+86 13800000001"))
        .await;
    let wang = app.create_user("Wang", None).await;
    let bound = bind(&app, &admin.token, wang, "user-wangfang").await;
    assert_eq!(bound.status, 200, "{}", bound.text);
    // Whoever is bound as soon as the account is made has signed up.
    app.clock.advance(TimeDelta::minutes(1));
    admin.save(json!({})).await;
    admin.go(&app, "run").await;
    let people = listed(&app, &admin.token, "&pageSize=200").await;
    let how = |subject: &str| {
        let all = people["data"].as_array().unwrap();
        let found = all.iter().find(|row| row["subject"] == subject).unwrap();
        found["how"].as_str().unwrap().to_owned()
    };
    for (subject, expected) in [
        ("user-lina", "signedUp"),
        ("user-zhangwei", "linked"),
        ("user-wangfang", "byHand"),
        ("user-weiming", "directory"),
    ] {
        assert_eq!(how(subject), expected, "{subject}: {people}");
    }
}

/// Numbers that no database takes reach none.
#[actix_web::test]
async fn a_page_far_beyond_the_last_is_empty() {
    let app = TestApp::start().await;
    let root = app.root_token().await;
    let last = i64::MAX;
    let people = listed(&app, &root, &format!("&page={last}&pageSize=200")).await;
    assert_eq!(people["data"], json!([]), "{people}");
    for list in ["dingtalkAudit", "dingtalkMessages"] {
        let path = format!("/api/{list}:list?filter={{\"id.$gt\":0}}&page={last}&pageSize=10000");
        let answer = get(&app, &root, &path).await;
        assert_eq!(answer.status, 200, "{list}: {}", answer.text);
        assert_eq!(answer.json()["data"], json!([]), "{list}");
    }
}
