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
