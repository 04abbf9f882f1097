//! Options that are saved through the gateway, in whatever form, and options that were saved
//! without it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestGateway;
use crate::support::nocobase::{answer, nocobase};

const ADMIN: &str = "/api/authenticators:update";

async fn gateway() -> TestGateway {
    let upstream = nocobase(|head, connection| {
        let body = connection.body(head);
        let row: Value = serde_json::from_slice(&body).unwrap_or_default();
        answer(&json!({"data": [row]}))
    });
    let gateway = TestGateway::before(upstream).await;
    gateway.enable_plugin().await;
    gateway
}

#[actix_web::test]
async fn what_came_with_pasting_does_not_reach_nocobase() {
    let gateway = gateway().await;
    let bearer = [("authorization", "Bearer admin")];
    let body = json!({
        "name": "n", "authType": "dingtalk",
        "options": {"clientId": "\u{200b}ding\u{feff}1", "clientSecret": " ｓecret\u{200e}"},
    });
    let heard = gateway
        .browser()
        .send(
            Method::POST,
            "/api/authenticators:create",
            &bearer,
            Some(body),
        )
        .await;
    assert_eq!(heard.status, 200, "{}", heard.text);
    let written: Value = serde_json::from_str(gateway.upstream.bodies().last().unwrap()).unwrap();
    let options = &written["options"];
    assert_eq!(options["clientId"], "ding1");
    assert_eq!(options["clientSecret"], "secret");
}

fn options() -> Value {
    json!({
        "clientId": dingtalk_sandbox::seed::CLIENT_ID,
        "clientSecret": dingtalk_sandbox::seed::CLIENT_SECRET,
        "newUserRoles": ["admin"],
        "public": {"autoSignup": true},
    })
}

#[actix_web::test]
async fn nobody_saves_past_the_check() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("ding", true).await;
    let powerful = json!({"enabled": true, "options": options()});
    for query in [
        format!("filterByTk={id}"),
        format!("filterByTk[]={id}"),
        format!("filterByTk[0]={id}"),
        format!("filterByT%6b={id}"),
        format!("filterByTk=[{id}]"),
        format!("[filterByTk]={id}"),
        format!("filterByTk=999&filterByTk={id}"),
        format!("%66ilter={{\"id\":{id}}}"),
        format!("filter[id]={id}"),
        "filter={\"name\":\"ding\"}".to_owned(),
        "forceUpdate=true".to_owned(),
        "%66orceUpdate=1".to_owned(),
        "filterByTk=999&forceUpdate=1".to_owned(),
        format!("filterByTk=999&filter={{\"id\":{id}}}"),
        format!("filterByTk={id}&__proto__[x]=1"),
    ] {
        for path in [format!("{ADMIN}?{query}"), format!("{ADMIN}/999?{query}")] {
            for method in [
                Method::POST,
                Method::GET,
                Method::PUT,
                Method::OPTIONS,
                Method::HEAD,
            ] {
                let bearer = [("authorization", "Bearer clerk")];
                let sent = Some(powerful.clone());
                let heard = gateway
                    .browser()
                    .send(method.clone(), &path, &bearer, sent)
                    .await;
                assert!(
                    matches!(heard.status.as_u16(), 400 | 403),
                    "{method} {path}: {} {}",
                    heard.status,
                    heard.text
                );
            }
        }
    }
    let create = "/api/authenticators:create";
    for body in [
        json!({"name": "n", "authType": "dingtalk", "options": options()}),
        json!([{"name": "n", "authType": "dingtalk", "options": options()}]),
        json!({"name": "n", "authType": ["dingtalk"], "options": options()}),
        json!({"name": "n", "authType": {"x": "dingtalk"}, "options": options()}),
        json!({"name": "n", "authType": "DingTalk ", "options": options()}),
        json!({"name": "n", "__proto__": {"authType": "x", "options": options()}}),
        json!({"name": "n", "constructor": {"prototype": {"authType": "x"}}}),
        json!({"__collection": "authenticators", "name": "n", "authType": "Email/Password"}),
    ] {
        let heard = gateway
            .browser()
            .post_as("clerk", create, body.clone())
            .await;
        assert!(
            matches!(heard.status.as_u16(), 400 | 403),
            "{body}: {}",
            heard.text
        );
    }
    assert_eq!(gateway.upstream.bodies(), [""; 0]);
}

#[actix_web::test]
async fn a_row_of_some_columns_shows_whether_it_is_in_use_and_a_refusal_is_in_ones_language() {
    let gateway = gateway().await;
    let used = gateway.create_authenticator("ding", true).await;
    let unused = gateway.create_authenticator("off", false).await;
    for (id, enabled) in [(used, true), (unused, false)] {
        // This NocoBase answers with what it was sent.
        let row = json!({"id": id, "enabled": false});
        let path = "/api/authenticators:list";
        let heard = gateway.browser().post_as("admin", path, row).await;
        assert_eq!(
            heard.json()["data"][0]["enabled"],
            enabled,
            "{}",
            heard.text
        );
    }
    let headers = [("authorization", "Bearer admin"), ("x-locale", "zh-CN")];
    let body = json!({"name": "n", "authType": "dingtalk", "options": {"clientId": "x"}});
    let path = "/api/authenticators:create";
    let mut browser = gateway.browser();
    let heard = browser.send(Method::POST, path, &headers, Some(body)).await;
    assert_eq!(heard.status, 400, "{}", heard.text);
    assert!(!heard.message().is_ascii(), "{}", heard.text);
}

#[actix_web::test]
async fn what_is_only_half_a_preflight_is_the_call_itself() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("ding", true).await;
    let path = format!("{ADMIN}?filterByTk={id}");
    let (origin, asks) = (
        ("origin", "https://other.example"),
        ("access-control-request-method", "POST"),
    );
    for (method, headers) in [
        (Method::POST, vec![origin, asks]),
        (Method::POST, vec![asks]),
        (Method::OPTIONS, vec![origin]),
        (Method::OPTIONS, vec![asks]),
    ] {
        let all = [vec![("authorization", "Bearer clerk")], headers].concat();
        let body = Some(json!({"options": options()}));
        let mut browser = gateway.browser();
        let heard = browser.send(method.clone(), &path, &all, body).await;
        assert_eq!(heard.status, 403, "{method} {all:?}: {}", heard.text);
    }
    let heads = gateway.upstream.heads();
    let asked = |head: &String| head.starts_with("GET /api/roles:check ");
    assert!(heads.iter().all(asked), "{heads:?}");
}

#[actix_web::test]
async fn no_secret_of_another_type_is_taken_over() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("other", false).await;
    let connection = gateway.app.database.connect().await;
    let row = entity::authenticator::ActiveModel {
        id: sea_orm::Set(id),
        auth_type: sea_orm::Set("Email/Password".to_owned()),
        ..Default::default()
    };
    sea_orm::ActiveModelTrait::update(row, &connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();
    gateway.know().await;
    let path = format!("{ADMIN}?filterByTk={id}");
    for options in [
        json!({"clientId": "x", "clientSecret": "********"}),
        Value::Null,
    ] {
        let mut body = json!({"authType": "dingtalk"});
        if !options.is_null() {
            body["options"] = options;
        }
        let heard = gateway
            .browser()
            .post_as("admin", &path, body.clone())
            .await;
        assert_eq!(heard.status, 400, "{body}: {}", heard.text);
    }
    assert_eq!(gateway.upstream.bodies(), [""; 0]);
}

#[actix_web::test]
async fn what_is_saved_says_who_checked_it() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("ding", true).await;
    let path = format!("{ADMIN}?filterByTk={id}&whitelist[]=title&updateAssociationValues[]=users");
    let body = json!({"enabled": true, "options": options()});
    let heard = gateway.browser().post_as("admin", &path, body).await;
    assert_eq!(heard.status, 200, "{}", heard.text);
    let shown = &heard.json()["data"][0]["options"];
    assert!(shown["dingtalkGatewaySignature"].is_null(), "{shown}");
    let head = gateway.upstream.heads().pop().unwrap();
    let sent = format!("POST /api/authenticators:update?filterByTk={id} HTTP/1.1\r\n");
    assert!(head.starts_with(&sent), "nothing keeps a value out: {head}");
    let written: Value = serde_json::from_str(&gateway.upstream.bodies()[0]).unwrap();
    let signed = &written["options"];
    assert_eq!(
        signed["dingtalkGatewaySignature"].as_str().unwrap().len(),
        64
    );

    // With its signature, the authenticator gives the power in its options.
    set_options(&gateway, id, signed).await;
    assert_eq!(roles_of_new_account(&gateway, "zhangwei").await, ["admin"]);
    // After a change by another program, people can sign in, but get no power.
    let mut changed = signed.clone();
    changed["public"]["autoSignIn"] = json!(false);
    set_options(&gateway, id, &changed).await;
    assert_eq!(roles_of_new_account(&gateway, "lina").await, ["member"]);
    let mut unsigned = signed.clone();
    unsigned
        .as_object_mut()
        .unwrap()
        .remove("dingtalkGatewaySignature");
    set_options(&gateway, id, &unsigned).await;
    assert_eq!(roles_of_new_account(&gateway, "wangfang").await, ["member"]);
}

#[actix_web::test]
async fn no_form_is_read_before_its_sender_is_known_or_beyond_what_forms_send() {
    let gateway = gateway().await;
    for action in [
        "authenticators:create",
        "userDataSyncSources:create",
        "notificationChannels:create",
    ] {
        // The body never comes, and nobody waits for it.
        gateway
            .raw()
            .say(format!(
                "POST /api/{action} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nobody\r\n\
                 Content-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"
            ))
            .hear_until("USER_HAS_NO_ROLES_ERR");
        let body = json!({"name": "x".repeat(1024 * 1024)});
        let path = format!("/api/{action}");
        let heard = gateway.browser().post_as("admin", &path, body).await;
        assert_eq!(heard.status, 413, "{action}: {}", heard.text);
    }
    assert_eq!(gateway.upstream.bodies(), [""; 0]);
}

#[actix_web::test]
async fn who_cannot_give_roles_gives_no_bound_account_to_another_organization() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("ding", true).await;
    let path = format!("{ADMIN}?filterByTk={id}");
    let as_clerk = async |path: &str, body: Value| {
        let heard = gateway.browser().post_as("clerk", path, body).await;
        (heard.status.as_u16(), heard.text)
    };
    let with = |key: &str, value: &str| {
        let mut options = json!({
            "clientId": dingtalk_sandbox::seed::CLIENT_ID, "clientSecret": "********",
            "public": {"autoSignup": true},
        });
        options[key] = json!(value);
        json!({"options": options})
    };
    // Nobody is bound yet.
    let (status, text) = as_clerk(&path, with("clientId", "dingother")).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(roles_of_new_account(&gateway, "zhangwei").await, ["member"]);
    for change in [
        with("clientId", "dingother"),
        with("corpId", "dingcorp"),
        json!({"authType": "Email/Password"}),
    ] {
        let (status, text) = as_clerk(&path, change.clone()).await;
        assert_eq!(status, 403, "{change}: {text}");
        let heard = gateway
            .browser()
            .post_as("admin", &path, change.clone())
            .await;
        assert_eq!(heard.status, 200, "{change}: {}", heard.text);
    }
    // What says nothing about people can be changed, and a name that somebody is bound at is taken.
    for change in [
        with("clientSecret", "another"),
        json!({"title": "Office"}),
        json!({"name": "ding2"}),
    ] {
        let (status, text) = as_clerk(&path, change.clone()).await;
        assert_eq!(status, 200, "{change}: {text}");
    }
    let mut own = with("clientSecret", "mine");
    own["authType"] = json!("dingtalk");
    own["name"] = json!("ding2");
    let (status, text) = as_clerk("/api/authenticators:create", own).await;
    assert_eq!(status, 403, "{text}");
}

#[actix_web::test]
async fn who_chooses_a_secret_chooses_no_word_that_disappears_from_answers() {
    let gateway = gateway().await;
    let id = gateway.create_authenticator("ding", false).await;
    for word in [
        "@nocobase/plugin-notification-in-app-message-2",
        "plugin-notification-in-app-message-of-somebody",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    ] {
        let options = json!({"clientId": "x", "clientSecret": word});
        set_options(&gateway, id, &options).await;
        gateway.know().await;
        let body = json!({"name": word});
        let mut browser = gateway.browser();
        let heard = browser.post_as("admin", "/api/users:create", body).await;
        assert_eq!(heard.json()["data"][0]["name"], word, "{}", heard.text);
    }
}

/// Writes options as a program does that reaches NocoBase without the gateway.
async fn set_options(gateway: &TestGateway, id: i64, options: &Value) {
    use sea_orm::{ActiveModelTrait, Set};
    let connection = gateway.app.database.connect().await;
    let row = entity::authenticator::ActiveModel {
        id: Set(id),
        options: Set(options.clone()),
        ..Default::default()
    };
    row.update(&connection).await.unwrap();
    connection.into_inner().close().await.unwrap();
    gateway.server.app.store.forget();
}

async fn roles_of_new_account(gateway: &TestGateway, person: &str) -> Vec<String> {
    let mut browser = gateway.browser();
    let begun = browser
        .send(
            Method::POST,
            "/api/dingtalk:getAuthUrl",
            &[("x-authenticator", "ding")],
            Some(json!({"redirect": null})),
        )
        .await;
    let json = begun.json();
    let url = json["data"].as_str().expect(&begun.text);
    let location = gateway.app.sandbox.choose(url, person).await;
    let page = browser.get(&location).await;
    let session = page.session().expect(&page.text);
    let token = session["token"].as_str().unwrap();
    let roles = gateway.known_to_nocobase(token).await["roles"].clone();
    let names = roles.as_array().unwrap().iter();
    names
        .map(|role| role["name"].as_str().unwrap().to_owned())
        .collect()
}
