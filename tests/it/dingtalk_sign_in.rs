//! Who can sign in through DingTalk, and into which account.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, TestApp};

const SIGN_UP: &str = r#"{"public": {"autoSignup": true}}"#;

fn sign_up() -> Value {
    serde_json::from_str(SIGN_UP).unwrap()
}

/// The account that a session belongs to.
async fn account_of(browser: &mut Browser, answer: &Answer) -> Value {
    let session = answer
        .session()
        .unwrap_or_else(|| panic!("no session: {answer:?}"));
    assert_eq!(session["authenticator"], "dingtalk");
    let check = browser
        .get_as(session["token"].as_str().unwrap(), "/api/auth:check")
        .await;
    assert_eq!(check.status, 200, "{}", check.text);
    check.json()["data"].clone()
}

#[actix_web::test]
async fn a_member_whose_phone_an_account_has_gets_that_account() {
    let app = TestApp::start().await;
    let id = app
        .create_user("Zhang Wei", Some("+86 138-0000-0001"))
        .await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "zhangwei").await;
    let account = account_of(&mut browser, &answer).await;
    assert_eq!(account["id"], id);
    assert_eq!(
        account["nickname"], "Zhang Wei",
        "an existing account keeps its name"
    );
    assert_eq!(account["roles"][0]["name"], "member");

    // From then on the binding counts, whatever happens to the phone number.
    app.sandbox
        .change_person("zhangwei", json!({"mobile": null}))
        .await;
    let mut elsewhere = app.browser();
    let answer = elsewhere.sign_in(&app.sandbox, "zhangwei").await;
    assert_eq!(account_of(&mut elsewhere, &answer).await["id"], id);
    let bindings = app.bindings_of("user-zhangwei").await;
    assert_eq!(bindings.len(), 1);
    assert_eq!(
        bindings[0].meta,
        Some(json!({"userId": "user-zhangwei", "unionId": "union-zhangwei"}))
    );
}

#[actix_web::test]
async fn a_member_without_account_is_signed_up_when_the_authenticator_says_so() {
    let app = TestApp::with_options(sign_up()).await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "chenjing").await;
    let account = account_of(&mut browser, &answer).await;
    assert_eq!(account["nickname"], "陈静");
    assert_eq!(account["phone"], "13800000008");
    assert_eq!(
        account["email"], "chenjing@corp.sandbox.example",
        "the organization's mailbox"
    );
    assert_eq!(account["username"], Value::Null);
    assert_eq!(account["roles"][0]["name"], "member");
    assert_eq!(account["roles"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_member_without_account_is_refused_by_default() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "lina").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_USER_NOT_FOUND"));
    assert_eq!(app.count_users().await, 1, "only the root account");
}

#[actix_web::test]
async fn nobody_from_outside_gets_in_even_where_everybody_is_signed_up() {
    let app = TestApp::with_options(sign_up()).await;
    for (outsider, asked) in [("emma", 0), ("zhoujie", 0), ("wuqiang", 1)] {
        let mut browser = app.browser();
        let answer = browser.sign_in(&app.sandbox, outsider).await;
        assert_eq!(
            answer.failure().as_deref(),
            Some("DINGTALK_NOT_MEMBER"),
            "{outsider}"
        );
        assert!(answer.session().is_none());
        assert!(!browser.cookies.contains_key("nb_auth_token_main"));
        // For people who are not employees, no more calls are made.
        let details = app.sandbox.calls("/topapi/v2/user/get").await;
        assert_eq!(details, asked, "{outsider}");
    }
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn an_employee_is_a_member_active_or_not() {
    let app = TestApp::with_options(sign_up()).await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "sunhao").await;
    assert_eq!(account_of(&mut browser, &answer).await["nickname"], "孙浩");
}

#[actix_web::test]
async fn only_the_phone_number_that_the_organization_keeps_links() {
    let app = TestApp::start().await;
    // Marie's own DingTalk profile has this number; anybody can enter any number there.
    app.create_user("Somebody", Some("+33600000010")).await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "marie").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_USER_NOT_FOUND"));
    let id = app.create_user("Marie", Some("13800000010")).await;
    let answer = browser.sign_in(&app.sandbox, "marie").await;
    assert_eq!(account_of(&mut browser, &answer).await["id"], id);
}

#[actix_web::test]
async fn missing_masked_and_foreign_phone_numbers_link_nobody_by_chance() {
    let app = TestApp::start().await;
    app.create_user("No phone", None).await;
    app.create_user("Empty phone", Some("")).await;
    app.create_user("Masked phone", Some("155****3240")).await;
    app.create_user("What a mask leaves", Some("+86 155 3240"))
        .await;
    app.create_user("Same digits, other country", Some("80000005"))
        .await;
    for person in ["liuyang", "zhaomin", "weiming"] {
        let answer = app.browser().sign_in(&app.sandbox, person).await;
        assert_eq!(
            answer.failure().as_deref(),
            Some("DINGTALK_USER_NOT_FOUND"),
            "{person}"
        );
    }
    let id = app.create_user("Wei Ming", Some("+65 8000 0005")).await;
    let mut browser = app.browser();
    let answer = browser.sign_in(&app.sandbox, "weiming").await;
    assert_eq!(account_of(&mut browser, &answer).await["id"], id);
}

#[actix_web::test]
async fn a_phone_number_of_several_accounts_links_none() {
    let app = TestApp::with_options(sign_up()).await;
    app.create_user("One", Some("13800000001")).await;
    app.create_user("Two", Some("+86 13800000001")).await;
    let answer = app.browser().sign_in(&app.sandbox, "zhangwei").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_AMBIGUOUS"));
    assert_eq!(app.count_users().await, 3, "nobody is signed up either");
}

#[actix_web::test]
async fn the_root_account_is_not_linked_by_a_phone_number() {
    let app = TestApp::with_options(sign_up()).await;
    let id = app.create_user("Another root", Some("13800000003")).await;
    app.store().grant_role(id, "root", None).await.unwrap();
    let answer = app.browser().sign_in(&app.sandbox, "wangfang").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_CONFLICT"));
    assert!(
        app.store()
            .binding_of_user("dingtalk", id)
            .await
            .unwrap()
            .is_none()
    );
}

#[actix_web::test]
async fn an_account_of_one_person_is_not_linked_to_another() {
    let app = TestApp::start().await;
    app.create_user("Zhang Wei", Some("13800000001")).await;
    app.browser()
        .sign_in(&app.sandbox, "zhangwei")
        .await
        .session()
        .unwrap();
    // The number is given to somebody else.
    app.sandbox
        .change_person("zhangwei", json!({"mobile": "13800000099"}))
        .await;
    app.sandbox
        .change_person("lina", json!({"mobile": "13800000001"}))
        .await;
    let answer = app.browser().sign_in(&app.sandbox, "lina").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_CONFLICT"));
}

#[actix_web::test]
async fn a_userid_that_was_given_to_another_person_is_noticed() {
    let app = TestApp::with_options(sign_up()).await;
    app.browser()
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    app.sandbox
        .change_person("lina", json!({"userid": "user-lina-left"}))
        .await;
    app.sandbox
        .change_person("huanglei", json!({"userid": "user-lina"}))
        .await;
    let answer = app.browser().sign_in(&app.sandbox, "huanglei").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_REISSUED"));
}

#[actix_web::test]
async fn people_can_be_bound_by_unionid_or_phone_number() {
    for (bind_by, subject) in [("unionId", "union-lina"), ("mobile", "13800000002")] {
        let mut options = sign_up();
        options["bindBy"] = json!(bind_by);
        let app = TestApp::with_options(options).await;
        app.browser()
            .sign_in(&app.sandbox, "lina")
            .await
            .session()
            .unwrap();
        let bindings = app.bindings_of(subject).await;
        assert_eq!(bindings.len(), 1, "{bind_by}");
    }
}

#[actix_web::test]
async fn who_has_no_phone_number_cannot_be_bound_by_it() {
    let app =
        TestApp::with_options(json!({"bindBy": "mobile", "public": {"autoSignup": true}})).await;
    for person in ["liuyang", "zhaomin"] {
        let answer = app.browser().sign_in(&app.sandbox, person).await;
        assert_eq!(
            answer.failure().as_deref(),
            Some("DINGTALK_MISCONFIGURED"),
            "{person}"
        );
    }
}

#[actix_web::test]
async fn with_a_corp_id_the_person_must_have_chosen_that_organization() {
    let mut options = sign_up();
    options["corpId"] = json!(dingtalk_sandbox::seed::CORP_ID);
    let app = TestApp::with_options(options).await;
    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    assert!(url.contains("scope=openid+corpid"), "{url}");
    let location = app.sandbox.choose(&url, "lina").await;
    assert!(browser.get(&location).await.session().is_some());
    // The organization is a parameter of an address, which anybody can edit on its way.
    for (scope, person) in [("openid+corpid", "emma"), ("openid", "lina")] {
        let mut browser = app.browser();
        let url = browser.begin(Value::Null).await;
        let edited = url
            .replace(&format!("&corpId={}", dingtalk_sandbox::seed::CORP_ID), "")
            .replace("openid+corpid", scope);
        let location = app.sandbox.choose(&edited, person).await;
        let answer = browser.get(&location).await;
        assert_eq!(
            answer.failure().as_deref(),
            Some("DINGTALK_NOT_MEMBER"),
            "{person}"
        );
    }
}

#[actix_web::test]
async fn linking_can_be_switched_off() {
    let app = TestApp::with_options(json!({"linkExisting": "off"})).await;
    app.create_user("Zhang Wei", Some("13800000001")).await;
    let answer = app.browser().sign_in(&app.sandbox, "zhangwei").await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_USER_NOT_FOUND"));
}

#[actix_web::test]
async fn two_first_sign_ins_of_one_person_at_the_same_time_make_one_account() {
    let app = TestApp::with_options(sign_up()).await;
    let mut browsers: Vec<_> = (0..8).map(|_| app.browser()).collect();
    let answers = futures_util::future::join_all(
        browsers
            .iter_mut()
            .map(|browser| browser.sign_in(&app.sandbox, "lina")),
    )
    .await;
    for answer in &answers {
        assert!(answer.session().is_some(), "{answer:?}");
    }
    assert_eq!(app.count_users().await, 2, "root and one more");
    let bindings = app.bindings_of("user-lina").await;
    assert_eq!(bindings.len(), 1);
}

#[actix_web::test]
async fn one_subject_cannot_be_bound_twice_whoever_writes() {
    let app = TestApp::with_options(sign_up()).await;
    app.browser()
        .sign_in(&app.sandbox, "lina")
        .await
        .session()
        .unwrap();
    let other = app.create_user("Other", None).await;
    let bound = app.bind("dingtalk", "user-lina", other, json!({})).await;
    assert!(
        matches!(
            bound,
            Err(nocobase_dingtalk::store::StoreError::Conflict(_))
        ),
        "{bound:?}"
    );
}

#[actix_web::test]
async fn a_program_can_sign_in_with_an_authorization_code_once() {
    let app = TestApp::with_options(sign_up()).await;
    let code = app.sandbox.code("lina", "oauth").await;
    let headers = [("x-authenticator", "dingtalk")];
    let mut client = app.browser();
    let body = Some(json!({"authCode": code}));
    let answer = client
        .send(
            reqwest::Method::POST,
            "/api/auth:signIn",
            &headers,
            body.clone(),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["data"]["user"]["nickname"], "李娜");
    assert!(answer.json()["data"]["token"].is_string());

    let again = client
        .send(reqwest::Method::POST, "/api/auth:signIn", &headers, body)
        .await;
    assert_eq!(
        (again.status.as_u16(), again.code().as_str()),
        (401, "DINGTALK_CODE_REJECTED")
    );
    let in_app = app.sandbox.code("lina", "jsapi").await;
    for body in [
        json!({}),
        json!({"authCode": ""}),
        json!({"authCode": in_app}),
        json!({"authCode": 1}),
    ] {
        let answer = client
            .send(
                reqwest::Method::POST,
                "/api/auth:signIn",
                &headers,
                Some(body),
            )
            .await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
    }
}
