//! Accounts that people create for themselves.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const SIGN_UP: &str = "/api/auth:signUp";

async fn sign_up(app: &TestApp, body: Value) -> Answer {
    app.browser().post(SIGN_UP, body).await
}

/// A good form with these values instead.
fn form(changes: Value) -> Value {
    let mut form = json!({"username": "ada", "password": "pw1", "confirm_password": "pw1"});
    if let Value::Object(changes) = changes {
        form.as_object_mut().unwrap().extend(changes);
    }
    form
}

#[actix_web::test]
async fn somebody_signs_up_and_then_in() {
    let app = TestApp::start().await;
    let answer = sign_up(&app, form(json!({}))).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "{}"));
    assert_eq!(answer.header("set-cookie"), "", "signing in is extra");
    let mut browser = app.browser();
    let token = browser.sign_in_as("ada", "pw1").await;
    assert_eq!(browser.cookies["nb_role_main"].1, "member");
    let answer = browser.get_as(&token, "/api/auth:check").await;
    let user = &answer.json()["data"];
    for (key, value) in [
        ("username", json!("ada")),
        ("nickname", Value::Null),
        ("email", Value::Null),
        ("createdById", Value::Null),
        ("passwordChangeTz", Value::Null),
        ("systemSettings", json!({})),
    ] {
        assert_eq!(user[key], value, "{key}");
    }
    let roles = user["roles"].as_array().unwrap();
    assert_eq!(roles.len(), 1);
    assert_eq!(roles[0]["rolesUsers"]["default"], Value::Null);
}

#[actix_web::test]
async fn what_is_wrong_with_a_form_is_told_as_nocobase_does() {
    let app = TestApp::start().await;
    for (body, english, chinese) in [
        (
            json!({}),
            "Please enter a valid username",
            "请输入有效的用户名",
        ),
        (
            json!([]),
            "Please enter a valid username",
            "请输入有效的用户名",
        ),
        (
            form(json!({"username": null})),
            "Please enter a valid username",
            "请输入有效的用户名",
        ),
        (
            form(json!({"username": "a@b"})),
            "Please enter a valid username",
            "请输入有效的用户名",
        ),
        (
            form(json!({"username": "u".repeat(51)})),
            "Please enter a valid username",
            "请输入有效的用户名",
        ),
        (
            json!({"username": "ada"}),
            "Please enter a password",
            "请输入密码",
        ),
        (
            form(json!({"password": ""})),
            "Please enter a password",
            "请输入密码",
        ),
        (
            form(json!({"confirm_password": "pw2"})),
            "The password is inconsistent, please re-enter",
            "密码不一致，请重新输入",
        ),
        (
            form(json!({"confirm_password": null})),
            "The password is inconsistent, please re-enter",
            "密码不一致，请重新输入",
        ),
        (
            form(json!({"username": "nocobase"})),
            "Username already exists",
            "用户名 字段值已存在",
        ),
    ] {
        for (locale, message) in [("en-US", english), ("zh-CN", chinese)] {
            let headers = [("x-locale", locale)];
            let body = Some(body.clone());
            let answer = app
                .browser()
                .send(Method::POST, SIGN_UP, &headers, body)
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.message().as_str()),
                (400, message)
            );
            assert_eq!(answer.code(), "");
        }
    }
    let lists = form(json!({"username": ["ada"]}));
    assert_eq!(sign_up(&app, lists).await.status, 400);
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn only_an_authenticator_that_allows_it_signs_people_up() {
    let app = TestApp::start().await;
    for (options, allowed) in [
        (json!({}), false),
        (json!({"public": {}}), false),
        (json!({"public": {"allowSignUp": false}}), false),
        (json!({"allowSignUp": true}), false),
        (json!({"public": {"allowSignUp": true}}), true),
    ] {
        app.set_password_options(options.clone()).await;
        // Unknown names mean the first authenticator, here as at sign-in.
        let headers = [("x-authenticator", "nobody"), ("x-locale", "zh-CN")];
        let body = Some(form(json!({})));
        let answer = app
            .browser()
            .send(Method::POST, SIGN_UP, &headers, body)
            .await;
        let expected = if allowed {
            (200, "")
        } else {
            (403, "禁止注册")
        };
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            expected,
            "{options}"
        );
    }
    // The authenticator of DingTalk has no form, whatever its options say.
    let headers = [("x-authenticator", "dingtalk")];
    let body = Some(form(json!({"username": "eve"})));
    let answer = app
        .browser()
        .send(Method::POST, SIGN_UP, &headers, body)
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(app.count_users().await, 2);
}

#[actix_web::test]
async fn only_fields_of_the_form_are_stored() {
    let app = TestApp::start().await;
    let extra = json!({
        "nickname": "Ada", "email": "ada@example.com", "phone": "13800000000", "id": 99,
        "roles": ["root"], "appLang": "zh-CN", "createdById": 1, "passwordChangeTz": 5,
    });
    assert_eq!(sign_up(&app, form(extra.clone())).await.status, 200);
    let user = app.store().user_by_account("ada").await.unwrap().unwrap();
    assert_eq!(
        (user.id, user.nickname, user.email, user.phone),
        (2, None, None, None)
    );
    assert_eq!(app.store().roles_of(2).await.unwrap().len(), 1);

    let shown =
        |field: &str, required: bool| json!({"field": field, "show": true, "required": required});
    let rows = json!([
        shown("username", false), shown("email", true), shown("nickname", true),
        shown("phone", true), shown("roles", true),
        {"field": "appLang", "show": false, "required": true},
    ]);
    app.set_password_options(json!({"public": {"allowSignUp": true, "signupForm": rows}}))
        .await;
    for (changes, message) in [
        (json!({}), "Please enter a valid email address"),
        (
            json!({"email": "ada"}),
            "Please enter a valid email address",
        ),
        (
            json!({"email": "ada@example.com", "username": "<ada>"}),
            "Please enter a valid username",
        ),
        (json!({"email": "ada@example.com"}), "Please enter nickname"),
        (
            json!({"email": "admin@nocobase.com", "username": null, "nickname": "A"}),
            "Email already exists",
        ),
    ] {
        assert_eq!(sign_up(&app, form(changes)).await.message(), message);
    }
    let mut all = form(extra);
    all["username"] = Value::Null;
    assert_eq!(sign_up(&app, all).await.text, "{}");
    let user = app
        .store()
        .user_by_account("ada@example.com")
        .await
        .unwrap()
        .unwrap();
    assert_eq!((user.id, user.nickname.as_deref()), (3, Some("Ada")));
    // The number that DingTalk knows somebody by is nothing to claim for oneself.
    assert_eq!(
        (user.username, user.phone, user.app_lang),
        (None, None, None)
    );
    assert_eq!(app.store().roles_of(3).await.unwrap().len(), 1);
}

#[actix_web::test]
async fn an_account_always_has_something_to_sign_in_with() {
    let app = TestApp::start().await;
    for (rows, message) in [
        (json!([]), "Please enter a valid username"),
        (json!("none"), "Please enter a valid username"),
        (
            json!([{"field": "username", "show": false}, {"field": "email", "show": true}]),
            "Please enter a valid username",
        ),
        (
            json!([{"field": "username", "show": true}, {"field": "email", "required": true}]),
            "Please enter username",
        ),
    ] {
        app.set_password_options(json!({"public": {"allowSignUp": true, "signupForm": rows}}))
            .await;
        let nobody = form(json!({"username": null}));
        assert_eq!(sign_up(&app, nobody).await.message(), message, "{rows}");
    }
}

#[actix_web::test]
async fn of_fifty_people_who_want_one_name_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let forms = (0..50).map(|_| sign_up(&app, form(json!({}))));
    let answers = futures_util::future::join_all(forms).await;
    let mut count = HashMap::new();
    for answer in &answers {
        *count
            .entry((answer.status.as_u16(), answer.message()))
            .or_insert(0) += 1;
    }
    let expected = [
        ((200, String::new()), 1),
        ((400, "Username already exists".to_owned()), 49),
    ];
    assert_eq!(count, HashMap::from(expected));
    assert_eq!(app.count_users().await, 2);
    app.browser().sign_in_as("ada", "pw1").await;
}
