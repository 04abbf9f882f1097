//! What people change about their own account.

use entity::{system_setting, user};
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use crate::support::TestApp;

const PROFILE: &str = "/api/users:updateProfile";

/// A server, and the token of `ada` (id 2), who has the phone number 77.
async fn app() -> (TestApp, String) {
    let app = TestApp::start().await;
    let form = json!({"username": "ada", "password": "pw", "confirm_password": "pw"});
    assert_eq!(
        app.browser().post("/api/auth:signUp", form).await.status,
        200
    );
    app.write(user::ActiveModel {
        id: Set(2),
        phone: Set(Some("77".to_owned())),
        ..Default::default()
    })
    .await;
    let token = app.browser().sign_in_as("ada", "pw").await;
    (app, token)
}

#[actix_web::test]
async fn the_fields_of_the_profile_form_are_changed_and_no_others() {
    let (app, token) = app().await;
    let body = json!({
        "username": "ada2", "nickname": "Ada", "email": "ada@example.com", "phone": "77",
        "id": 1, "roles": ["root"], "password": "zz", "appLang": "zh-CN", "systemSettings": {"a": 1},
    });
    let answer = app.browser().post_as(&token, PROFILE, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rows = answer.json()["data"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    for (key, value) in [
        ("id", json!(2)),
        ("username", json!("ada2")),
        ("nickname", json!("Ada")),
        ("email", json!("ada@example.com")),
        ("phone", json!("77")),
        ("appLang", Value::Null),
        ("systemSettings", json!({})),
    ] {
        assert_eq!(rows[0][key], value, "{key}");
    }
    assert_eq!(app.store().roles_of(2).await.unwrap().len(), 1);
    app.browser().sign_in_as("ada@example.com", "pw").await;

    // What is empty is unset, what is absent stays; numbers are texts.
    let body = json!({"username": 123, "nickname": null, "email": ""});
    let answer = app.browser().post_as(&token, PROFILE, body).await;
    let row = &answer.json()["data"][0];
    assert_eq!(
        (
            &row["username"],
            &row["nickname"],
            &row["email"],
            &row["phone"]
        ),
        (&json!("123"), &Value::Null, &Value::Null, &json!("77"))
    );
}

#[actix_web::test]
async fn a_profile_is_refused_as_nocobase_does() {
    let (app, token) = app().await;
    let bearer = format!("Bearer {token}");
    for (body, english, chinese) in [
        (
            json!({"nickname": "Nick"}),
            "Username cannot be null",
            "用户名 字段不能为空",
        ),
        (
            json!({"username": ""}),
            "Username cannot be null",
            "用户名 字段不能为空",
        ),
        (
            json!({"username": null}),
            "Username cannot be null",
            "用户名 字段不能为空",
        ),
        (json!([]), "Username cannot be null", "用户名 字段不能为空"),
        (
            json!({"username": "nocobase"}),
            "Username already exists",
            "用户名 字段值已存在",
        ),
        (
            json!({"username": "ada", "email": "admin@nocobase.com"}),
            "Email already exists",
            "电子邮箱 字段值已存在",
        ),
        // NocoBase takes these: a user name that is somebody's address, no address, a list.
        (
            json!({"username": "admin@nocobase.com"}),
            "Please enter a valid username",
            "请输入有效的用户名",
        ),
        (
            json!({"username": "ada", "email": "ada"}),
            "Please enter a valid email address",
            "请输入有效的邮箱地址",
        ),
        (
            json!({"username": ["ada"]}),
            "A value in the request body has the wrong type",
            "请求内容中有类型错误的值",
        ),
    ] {
        for (locale, message) in [("en-US", english), ("zh-CN", chinese)] {
            let headers = [("authorization", bearer.as_str()), ("x-locale", locale)];
            let sent = Some(body.clone());
            let answer = app
                .browser()
                .send(Method::POST, PROFILE, &headers, sent)
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.message().as_str()),
                (400, message),
                "{body}"
            );
        }
    }
    let anonymous = app.browser().post(PROFILE, json!({"username": "x"})).await;
    assert_eq!(anonymous.code(), "EMPTY_TOKEN");
    app.write(system_setting::ActiveModel {
        id: Set(1),
        enable_edit_profile: Set(Some(false)),
        ..Default::default()
    })
    .await;
    let answer = app
        .browser()
        .post_as(&token, PROFILE, json!({"username": "x"}))
        .await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.message(), "User profile is not allowed to be edited");
    let user = app.store().user(2).await.unwrap().unwrap();
    assert_eq!((user.username.as_deref(), user.email), (Some("ada"), None));
}

#[actix_web::test]
async fn what_does_not_fit_its_column_is_refused() {
    let (app, token) = app().await;
    let mut browser = app.browser();
    let fits = json!({"username": "ada", "nickname": "王".repeat(255)});
    assert_eq!(browser.post_as(&token, PROFILE, fits).await.status, 200);
    for (path, body) in [
        (
            PROFILE,
            json!({"username": "ada", "nickname": "x".repeat(256)}),
        ),
        (PROFILE, json!({"username": "ada", "nickname": "x\u{0}"})),
        ("/api/users:updateLang", json!({"appLang": "x".repeat(256)})),
        (
            "/api/auth:signUp",
            json!({"username": "eve", "nickname": "x".repeat(256)}),
        ),
    ] {
        let answer = browser.post_as(&token, path, body).await;
        assert_eq!(answer.status, 400, "{path}");
        let told = answer.message();
        let expected = "A text in the request body is too long";
        assert!(
            told == expected || told == "A value in the request body has the wrong type",
            "{told}"
        );
    }
}

#[actix_web::test]
async fn nobody_gives_themselves_the_number_that_dingtalk_knows_another_by() {
    let (app, token) = app().await;
    let mut browser = app.browser();
    let claim = json!({"username": "ada", "phone": "+86 138 0000 0000"});
    let answer = browser.post_as(&token, PROFILE, claim).await;
    assert_eq!(answer.status, 403);
    assert_eq!(
        answer.message(),
        "The phone number can only be changed by an administrator"
    );
    assert_eq!(
        app.store().user(2).await.unwrap().unwrap().phone.as_deref(),
        Some("77")
    );
    let remove = json!({"username": "ada", "phone": ""});
    let answer = browser.post_as(&token, PROFILE, remove).await;
    assert_eq!(answer.json()["data"][0]["phone"], Value::Null);
}

#[actix_web::test]
async fn the_language_belongs_to_the_account() {
    let (app, token) = app().await;
    let mut browser = app.browser();
    for (body, expected) in [
        (json!({"appLang": "zh-CN"}), json!("zh-CN")),
        (json!({}), json!("zh-CN")),
        (json!({"appLang": null}), Value::Null),
    ] {
        let answer = browser.post_as(&token, "/api/users:updateLang", body).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
        let user = browser.get_as(&token, "/api/auth:check").await.json();
        assert_eq!(user["data"]["appLang"], expected);
    }
    let answer = browser
        .post("/api/users:updateLang", json!({"appLang": "zh-CN"}))
        .await;
    assert_eq!(answer.code(), "EMPTY_TOKEN");
}

#[actix_web::test]
async fn people_learn_what_they_may_change() {
    let (app, token) = app().await;
    let path = "/api/users:getSystemSettings";
    let answer = app.browser().get_as(&token, path).await;
    let unset = json!({"data": {"enableEditProfile": null, "enableChangePassword": null}});
    assert_eq!(answer.json(), unset);
    assert_eq!(app.browser().get(path).await.code(), "EMPTY_TOKEN");
}

#[actix_web::test]
async fn a_role_that_one_has_becomes_the_default() {
    let (app, token) = app().await;
    app.store().grant_role(2, "admin", None).await.unwrap();
    let path = "/api/users:setDefaultRole";
    let mut browser = app.browser();
    for (role, then) in [
        ("member", "member"),
        ("admin", "admin"),
        ("member", "member"),
        ("zzz", "admin"),
    ] {
        let answer = browser
            .post_as(&token, path, json!({"roleName": role}))
            .await;
        assert_eq!(answer.json(), json!({"data": "ok"}));
        // Without a default it is the first by name.
        let check = browser.get_as(&token, "/api/roles:check").await;
        assert_eq!(check.json()["data"]["role"], then, "{role}");
    }
    let ties = app.store().roles_of(2).await.unwrap();
    assert_eq!(ties.len(), 2, "a role that one does not have stays away");
    for body in [json!({}), json!({"roleName": {"$ne": "x"}})] {
        assert_eq!(browser.post_as(&token, path, body).await.status, 400);
    }
    let answer = browser.post(path, json!({"roleName": "member"})).await;
    assert_eq!(answer.code(), "EMPTY_TOKEN");
}

#[actix_web::test]
async fn nobody_takes_the_user_name_of_another_as_their_address_or_gets_in_the_way_of_its_owner() {
    let (app, token) = app().await;
    let root = app.root_token().await;
    // Administrators may give such names.
    let name = "eve@corp.example";
    let body = json!({"username": name, "password": "of eve", "roles": ["member"]});
    let made = app
        .browser()
        .post_as(&root, "/api/users:create", body)
        .await;
    let eve = made.id();
    let fields = json!([
        {"field": "username", "show": true, "required": true},
        {"field": "email", "show": true},
    ]);
    app.set_password_options(json!({"public": {"allowSignUp": true, "signupForm": fields}}))
        .await;
    for email in [name, "EVE@corp.example"] {
        let profile = json!({"username": "ada", "email": email});
        let profile = app.browser().post_as(&token, PROFILE, profile).await;
        let form = json!({
            "username": "bob", "email": email, "password": "pw", "confirm_password": "pw",
        });
        let sign_up = app.browser().post("/api/auth:signUp", form).await;
        for answer in [profile, sign_up] {
            assert_eq!(
                (answer.status.as_u16(), answer.message().as_str()),
                (400, "Email already exists"),
                "{email}"
            );
        }
    }
    // Who has had the address since before does not stand in the way of who has the name.
    app.write(user::ActiveModel {
        id: Set(2),
        email: Set(Some(name.to_owned())),
        ..Default::default()
    })
    .await;
    let token = app.browser().sign_in_as(name, "of eve").await;
    let check = app.browser().get_as(&token, "/api/auth:check").await;
    assert_eq!(check.json()["data"]["id"], eve);
}
