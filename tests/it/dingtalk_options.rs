//! The effect of each option of a DingTalk authenticator on sign-ins.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestApp, logs};

/// Options with which everybody who is not refused gets an account.
fn open(mut options: Value) -> Value {
    options["public"] = json!({"autoSignup": true});
    options
}

async fn account_of(browser: &mut Browser, answer: &Answer) -> Value {
    let session = answer
        .session()
        .unwrap_or_else(|| panic!("no session: {answer:?}"));
    let token = session["token"].as_str().unwrap();
    browser.get_as(token, "/api/auth:check").await.json()["data"].clone()
}

async fn sign_in(app: &TestApp, person: &str) -> Value {
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, person).await;
    account_of(&mut browser, &answer).await
}

async fn failure(app: &TestApp, person: &str) -> String {
    let answer = app.browser().sign_in(&app.sandbox, person).await;
    answer.failure().expect("a refusal")
}

/// Changes the options of the authenticator, as if an administrator had saved them.
pub async fn change_options(app: &TestApp, change: Value) {
    let mut browser = app.browser();
    let token = app.root_token().await;
    let row = browser
        .get_as(&token, "/api/authenticators:get?filterByTk=2")
        .await;
    let mut options = row.json()["data"]["options"].clone();
    for (key, value) in change.as_object().unwrap() {
        options[key] = value.clone();
    }
    let body = json!({"options": options});
    let answer = browser
        .post_as(&token, "/api/authenticators:update?filterByTk=2", body)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn people_stay_bound_when_the_authenticator_binds_by_something_else() {
    let kinds = [
        ("userId", "user-lina"),
        ("unionId", "union-lina"),
        ("mobile", "13800000002"),
    ];
    for (before, _) in kinds {
        let app = TestApp::with_options(open(json!({"bindBy": before}))).await;
        let id = sign_in(&app, "lina").await["id"].clone();
        for (bind_by, subject) in kinds {
            change_options(&app, json!({"bindBy": bind_by})).await;
            assert_eq!(
                sign_in(&app, "lina").await["id"],
                id,
                "{before} to {bind_by}"
            );
            let bound = app.bindings_of(subject).await;
            assert_eq!(bound.len(), 1, "{before} to {bind_by}");
            assert_eq!(
                bound[0].meta,
                Some(json!({"userId": "user-lina", "unionId": "union-lina"}))
            );
        }
        assert_eq!(app.count_users().await, 2, "root and one more");
    }
}

#[actix_web::test]
async fn somebody_else_does_not_get_a_binding_of_another_time() {
    let app = TestApp::with_options(open(json!({"bindBy": "mobile"}))).await;
    let lina = sign_in(&app, "lina").await["id"].clone();
    // A userid that looks like her number, and one that is a part of her unionId.
    app.sandbox
        .change_person("huanglei", json!({"userid": "13800000002"}))
        .await;
    app.sandbox
        .change_person("zhangwei", json!({"unionid": "union-lin"}))
        .await;
    change_options(&app, json!({"bindBy": "userId"})).await;
    assert_eq!(failure(&app, "huanglei").await, "DINGTALK_REISSUED");
    assert_ne!(sign_in(&app, "zhangwei").await["id"], lina);
    assert_eq!(sign_in(&app, "lina").await["id"], lina);
}

#[actix_web::test]
async fn bindings_learn_what_they_did_not_keep() {
    let corp_id = dingtalk_sandbox::seed::CORP_ID;
    let app = TestApp::with_options(open(json!({"corpId": corp_id}))).await;
    let id = app.create_user("Li Na", None).await;
    let meta = json!({"other": "kept"});
    let bound = app.bind("dingtalk", "user-lina", id, meta);
    bound.await.unwrap();
    assert_eq!(sign_in(&app, "lina").await["id"], id);
    let bound = app.bindings_of("user-lina").await;
    let kept = json!({
        "other": "kept", "userId": "user-lina", "unionId": "union-lina", "corpId": corp_id,
    });
    assert_eq!(bound[0].meta, Some(kept));
}

#[actix_web::test]
async fn a_reissued_userid_is_reported_by_name() {
    let app = TestApp::with_options(open(json!({}))).await;
    let id = sign_in(&app, "lina").await["id"].clone();
    app.sandbox
        .change_person("lina", json!({"userid": "user-lina-left"}))
        .await;
    app.sandbox
        .change_person("huanglei", json!({"userid": "user-lina"}))
        .await;
    assert_eq!(failure(&app, "huanglei").await, "DINGTALK_REISSUED");
    assert!(logs().contains("is bound to this identifier, which now belongs to another person"));
    // A person who comes back with another userid is still the same person.
    app.sandbox
        .change_person("huanglei", json!({"userid": "user-huanglei"}))
        .await;
    assert_eq!(sign_in(&app, "lina").await["id"], id);
}

#[actix_web::test]
async fn external_contacts_get_in_only_where_the_options_say_so() {
    let app = TestApp::with_options(open(json!({"membersOnly": false}))).await;
    // The number in people's personal profile proves nothing.
    app.create_user("Somebody", Some("13900000011")).await;
    app.sandbox
        .change_person(
            "zhoujie",
            json!({"personal": {"mobile": "13900000011", "stateCode": "86"}}),
        )
        .await;
    let account = sign_in(&app, "zhoujie").await;
    assert_eq!(account["phone"], Value::Null);
    assert_eq!(account["email"], Value::Null);
    assert!(account["nickname"].is_string());
    for outsider in ["emma", "wuqiang"] {
        assert_eq!(
            failure(&app, outsider).await,
            "DINGTALK_NOT_MEMBER",
            "{outsider}"
        );
    }
    change_options(&app, json!({"membersOnly": true})).await;
    assert_eq!(failure(&app, "zhoujie").await, "DINGTALK_NOT_MEMBER");
}

#[actix_web::test]
async fn the_organizations_mailbox_links_when_its_domain_is_named() {
    let mailbox = "chenjing@corp.sandbox.example";
    let options = |domains: &str| json!({"linkExisting": "phoneOrEmail", "emailDomains": domains});
    for (domains, links) in [
        ("corp.sandbox.example", true),
        ("other.example, CORP.sandbox.example", true),
        ("sandbox.example", false),
        ("orp.sandbox.example", false),
    ] {
        let app = TestApp::with_options(options(domains)).await;
        let mut browser = app.browser();
        let token = app.root_token().await;
        let body = json!({"nickname": "Chen Jing", "email": mailbox.to_uppercase()});
        let created = browser.post_as(&token, "/api/users:create", body).await;
        let id = created.json()["data"]["id"].clone();
        let answer = app.browser().sign_in(&app.sandbox, "chenjing").await;
        assert_eq!(answer.session().is_some(), links, "{domains}");
        if links {
            assert_eq!(sign_in(&app, "chenjing").await["id"], id);
        }
    }
}

#[actix_web::test]
async fn personal_mailboxes_and_two_accounts_link_nobody() {
    let options = json!({"linkExisting": "phoneOrEmail", "emailDomains": "sandbox.example, corp.sandbox.example"});
    let app = TestApp::with_options(options).await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    // The field `email` of a contact is not the organization's mailbox.
    for email in ["zhangwei@sandbox.example", "chenjing@corp.sandbox.example"] {
        let body = json!({"nickname": "X", "email": email});
        assert_eq!(
            browser
                .post_as(&token, "/api/users:create", body)
                .await
                .status,
            200
        );
    }
    assert_eq!(failure(&app, "zhangwei").await, "DINGTALK_USER_NOT_FOUND");
    app.create_user("The number", Some("13800000008")).await;
    assert_eq!(failure(&app, "chenjing").await, "DINGTALK_AMBIGUOUS");
}

#[actix_web::test]
async fn administrators_are_linked_only_where_the_options_say_so() {
    let app = TestApp::with_options(open(json!({}))).await;
    let id = app.create_user("Admin", Some("13800000003")).await;
    app.store().grant_role(id, "admin", None).await.unwrap();
    assert_eq!(failure(&app, "wangfang").await, "DINGTALK_CONFLICT");
    assert!(logs().contains(&format!(
        "account {id} has this person's phone number or mailbox and a role that opens settings"
    )));
    change_options(&app, json!({"linkAdministrators": true})).await;
    assert_eq!(sign_in(&app, "wangfang").await["id"], id);
    // Accounts of root are never linked.
    let root = app.create_user("Another root", Some("13800000001")).await;
    app.store().grant_role(root, "root", None).await.unwrap();
    assert_eq!(failure(&app, "zhangwei").await, "DINGTALK_CONFLICT");
}

#[actix_web::test]
async fn new_accounts_get_the_roles_and_fields_that_are_chosen() {
    let options = json!({"newUserRoles": ["admin"], "profileFields": ["email"]});
    let app = TestApp::with_options(open(options)).await;
    let account = sign_in(&app, "chenjing").await;
    assert_eq!(account["nickname"], Value::Null);
    assert_eq!(account["phone"], Value::Null);
    assert_eq!(account["email"], "chenjing@corp.sandbox.example");
    let roles: Vec<_> = account["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["name"])
        .collect();
    assert_eq!(roles, ["admin"]);

    // The options in the row may be invalid.
    let app = TestApp::with_options(open(json!({"newUserRoles": ["root", "gone"]}))).await;
    let account = sign_in(&app, "lina").await;
    let roles: Vec<_> = account["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["name"])
        .collect();
    assert_eq!(roles, ["member"]);
}

#[actix_web::test]
async fn profiles_are_copied_again_only_where_the_options_say_so() {
    for refresh in [false, true] {
        let app = TestApp::with_options(open(json!({"refreshProfile": refresh}))).await;
        let id = sign_in(&app, "chenjing").await["id"].clone();
        app.create_user("The number", Some("13800000077")).await;
        let news = json!({"name": "陈静静", "mobile": "13800000077", "org_email": null, "avatar": "https://x.example/1"});
        app.sandbox.change_person("chenjing", news).await;
        let account = sign_in(&app, "chenjing").await;
        assert_eq!(account["id"], id);
        assert_eq!(account["nickname"], if refresh { "陈静静" } else { "陈静" });
        assert_eq!(account["phone"], "13800000008", "the new one is another's");
        assert_eq!(
            account["email"], "chenjing@corp.sandbox.example",
            "nothing is emptied"
        );
        let bound = app.bindings_of("user-chenjing").await;
        assert_eq!(bound[0].avatar == "https://x.example/1", refresh);
    }
}

#[actix_web::test]
async fn nobody_comes_back_whom_an_administrator_shut_out() {
    let app = TestApp::with_options(open(json!({}))).await;
    let id = sign_in(&app, "lina").await["id"].as_i64().unwrap();
    // An account without roles can do nothing, and signing in does not give them back.
    app.store().set_roles(id, &[]).await.unwrap();
    assert_eq!(failure(&app, "lina").await, "DINGTALK_NO_ROLE");
    assert!(app.store().roles_of(id).await.unwrap().is_empty());
    // A binding without its account, as NocoBase leaves it behind.
    let ghost = json!({"userId": "user-huanglei", "unionId": "union-huanglei"});
    let bound = app.bind("dingtalk", "user-huanglei", 99, ghost);
    bound.await.unwrap();
    assert_eq!(failure(&app, "huanglei").await, "DINGTALK_CONFLICT");
    assert!(app.store().user(99).await.unwrap().is_none());
}
