//! Title, languages, and what people may do with their account.

use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::requests::post;

const GET: &str = "/api/systemSettings:get";
const PUT: &str = "/api/systemSettings:put";
const UPDATE: &str = "/api/systemSettings:update?filterByTk=1";
const UPDATE_PROFILE_SETTINGS: &str = "/api/users:updateSystemSettings";

/// A server, and tokens of root and of a member.
async fn app() -> (TestApp, String, String) {
    let app = TestApp::start().await;
    let form = json!({"username": "ada", "password": "pw", "confirm_password": "pw"});
    assert_eq!(
        app.browser().post("/api/auth:signUp", form).await.status,
        200
    );
    let root = app.root_token().await;
    let member = app.browser().sign_in_as("ada", "pw").await;
    (app, root, member)
}

async fn settings(app: &TestApp) -> Value {
    app.browser().get(GET).await.json()["data"].clone()
}

#[actix_web::test]
async fn title_and_languages_are_changed_and_nothing_else() {
    let (app, root, _) = app().await;
    let before = settings(&app).await;
    let body = json!({
        "raw_title": "Tür & Tor 门", "enabledLanguages": ["zh-CN", "en-US", "zh-CN"],
        "logo": {"id": 7, "url": "https://elsewhere.example/x.png"}, "logoId": 7, "id": 2,
        "options": {"a": 1}, "roleMode": "only-use-union", "allowSignUp": false, "appLang": "zh-CN",
        "enableEditProfile": false, "enableChangePassword": false, "title": "not this",
    });
    let answer = app.browser().post_as(&root, PUT, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut expected = before.clone();
    expected["title"] = json!("Tür & Tor 门");
    expected["raw_title"] = json!("Tür & Tor 门");
    expected["enabledLanguages"] = json!(["zh-CN", "en-US"]);
    let mut after = answer.json()["data"].clone();
    assert_eq!(settings(&app).await, after);
    after["updatedAt"] = before["updatedAt"].clone();
    assert_eq!(after, expected);

    // What is not sent stays; the other action names the title by its column.
    let body = json!({"title": "Second"});
    let answer = app.browser().post_as(&root, UPDATE, body).await.json();
    assert_eq!(answer["data"][0]["title"], "Second");
    assert_eq!(answer["data"][0].get("raw_title"), None);
    let list = app
        .browser()
        .get_as(&root, "/api/systemSettings:list")
        .await
        .json();
    assert_eq!(list["data"], answer["data"]);
    assert_eq!(list["meta"]["count"], 1);
    assert_eq!(
        settings(&app).await["enabledLanguages"],
        json!(["zh-CN", "en-US"])
    );
    let nothing = "/api/systemSettings:update?filterByTk=2";
    let answer = app
        .browser()
        .post_as(&root, nothing, json!({"title": "x"}))
        .await;
    assert_eq!(answer.json(), json!({"data": []}));

    // Texts come in the language that is now the first.
    let texts = app.browser().get("/api/app:getLang").await.json();
    assert_eq!(texts["data"]["lang"], "zh-CN");
}

#[actix_web::test]
async fn bad_settings_are_refused_and_change_nothing() {
    let (app, root, _) = app().await;
    let before = settings(&app).await;
    for (body, message) in [
        (json!({"raw_title": ""}), "System title cannot be null"),
        (json!({"raw_title": " \t"}), "System title cannot be null"),
        (
            json!({"raw_title": "x".repeat(256)}),
            "A text in the request body is too long",
        ),
        (
            json!({"raw_title": "a\u{0}b"}),
            "A value in the request body has the wrong type",
        ),
        (
            json!({"raw_title": {"$ne": ""}}),
            "A value in the request body has the wrong type",
        ),
        (
            json!({"enabledLanguages": []}),
            "Enabled languages cannot be null",
        ),
        (
            json!({"enabledLanguages": "zh-CN"}),
            "A value in the request body has the wrong type",
        ),
        (
            json!({"enabledLanguages": [1]}),
            "A value in the request body has the wrong type",
        ),
        (
            json!({"raw_title": "New", "enabledLanguages": ["en-US", "cs-CZ"]}),
            "Enabled languages: this server has no translation for one of them",
        ),
    ] {
        let answer = app.browser().post_as(&root, PUT, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.message(), message, "{body}");
    }
    assert_eq!(settings(&app).await, before);
}

#[actix_web::test]
async fn settings_are_for_those_who_may() {
    let (app, _, member) = app().await;
    let before = settings(&app).await;
    for path in [PUT, UPDATE, UPDATE_PROFILE_SETTINGS] {
        let body = json!({"raw_title": "x", "title": "x", "enableEditProfile": false});
        let answer = app.browser().post_as(&member, path, body.clone()).await;
        assert_eq!(answer.status, 403, "{path}");
        let answer = app.browser().post(path, body).await;
        assert_eq!(answer.code(), "EMPTY_TOKEN", "{path}");
    }
    assert_eq!(settings(&app).await, before);
}

#[actix_web::test]
async fn people_may_only_do_what_the_settings_allow() {
    let (app, root, member) = app().await;
    let change = |body| post(&app, &root, UPDATE_PROFILE_SETTINGS, body);
    let body = json!({"enableEditProfile": false, "enableChangePassword": false, "title": "x"});
    assert_eq!(change(body).await.status, 200);
    let profile = json!({"username": "ada", "nickname": "Ada"});
    let edit = || post(&app, &member, "/api/users:updateProfile", profile.clone());
    assert_eq!(edit().await.status, 403);
    let password = json!({"oldPassword": "pw", "newPassword": "new", "confirmPassword": "new"});
    let changed = post(&app, &member, "/api/auth:changePassword", password).await;
    assert_eq!(changed.status, 403);

    let body = json!({"enableEditProfile": true});
    assert_eq!(change(body).await.status, 200);
    assert_eq!(edit().await.status, 200);
    let now = settings(&app).await;
    assert_eq!(now["enableChangePassword"], false);
    assert_eq!(now["title"], "NocoBase");

    for body in [
        json!({}),
        json!({"enableEditProfile": "no"}),
        json!({"title": "x"}),
    ] {
        assert_eq!(change(body).await.status, 400);
    }
}
