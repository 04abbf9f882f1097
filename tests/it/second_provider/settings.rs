//! What administrators and visitors see of the second provider.

use serde_json::{Value, json};

use super::{DOOR, PIN, start};
use crate::support::{Answer, TestApp};

async fn ask(app: &TestApp, path: &str) -> Answer {
    let mut browser = app.browser();
    let token = app.root_token().await;
    browser.get_as(&token, path).await
}

async fn send(app: &TestApp, path: &str, body: Value) -> Answer {
    let mut browser = app.browser();
    let token = app.root_token().await;
    browser.post_as(&token, path, body).await
}

#[actix_web::test]
async fn it_is_offered_and_its_secret_stays_here() {
    let app = start().await;
    let listed = app.browser().get("/api/authenticators:publicList").await;
    let rows = listed.json()["data"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["name"] == DOOR).unwrap();
    assert_eq!(row["authType"], "badge-reader");
    assert!(row["authTypeTitle"].as_str().unwrap().contains("Badge"));
    assert_eq!(row["options"], json!({"autoSignup": true}));
    let types = ask(&app, "/api/authenticators:listTypes").await;
    let types = types.json()["data"].as_array().unwrap().clone();
    assert!(types.iter().any(|kind| kind["name"] == "badge-reader"));
    let shown = ask(&app, "/api/authenticators:list").await;
    assert!(shown.text.contains(DOOR) && !shown.text.contains(PIN));
    assert!(shown.text.contains(r#""pin":"********""#), "{}", shown.text);
}

#[actix_web::test]
async fn its_options_are_held_to_its_rules() {
    let app = start().await;
    let create = |options: Value| json!({"name": "back-door", "authType": "badge-reader", "options": options, "enabled": true});
    let path = "/api/authenticators:create";
    let answer = send(&app, path, create(json!({"pin": "********"}))).await;
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    let messages: Vec<_> = errors
        .iter()
        .map(|error| error["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, ["Door cannot be null", "PIN cannot be null"]);
    let roles = json!({"door": "back", "pin": "1", "newUserRoles": ["nothing"]});
    let answer = send(&app, path, create(roles)).await;
    assert_eq!(answer.message(), "Roles of new accounts is not valid");
    let answer = send(&app, path, create(json!({"door": "back", "pin": "1"}))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn its_form_and_the_test_of_it_are_its_own() {
    let app = start().await;
    let schema = ask(&app, "/api/badge:optionsSchema").await.json();
    let fields = &schema["data"]["properties"];
    let address = fields["redirectUrl"]["const"].as_str().unwrap();
    assert!(address.ends_with("/api/badge:redirect"), "{address}");
    let roles = fields["newUserRoles"]["items"]["oneOf"].as_array().unwrap();
    assert!(roles.iter().any(|role| role["const"] == "member"));
    let test = |door: &str| json!({"options": {"door": door, "pin": "********"}});
    let path = format!("/api/badge:testConnection?filterByTk={DOOR}");
    let answer = send(&app, &path, test("front")).await.json();
    assert_eq!(
        answer["data"]["messages"][0],
        json!({"level": "success", "text": "The door front answers."})
    );
    // A secret goes out only to where it is stored to go.
    let answer = send(&app, &path, test("trap")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.message().as_str()),
        (400, "PIN is not valid")
    );
}
