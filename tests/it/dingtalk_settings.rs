//! The form of a DingTalk authenticator: its description, the Redirect URL, the connection test,
//! and refused values.

use dingtalk_sandbox::seed::{CLIENT_ID, CLIENT_SECRET, CORP_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::roles::new_role;
use crate::support::{Admin, Answer, TestApp, logs};

const APP_TOKEN: &str = "/v1.0/oauth2/accessToken";
const SCOPES: &str = "/auth/scopes";
const BY_UNION_ID: &str = "/topapi/user/getbyunionid";
const TEST: &str = "/api/dingtalk:testConnection";
/// The finding about the address of these tests.
const LOCAL_ADDRESS: &str = "The address leads to this machine only. Open these settings by the address that people use, or enter its origin below, under «Address».";

impl Admin {
    async fn send(
        &mut self,
        method: Method,
        path: &str,
        extra: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(extra);
        self.browser.send(method, path, &headers, body).await
    }

    async fn test(&mut self, path: &str, options: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(json!({"options": options})))
            .await
    }

    async fn shown_redirect_url(&mut self, path: &str, headers: &[(&str, &str)]) -> Value {
        let answer = self.send(Method::GET, path, headers, None).await;
        answer.json()["data"]["properties"]["redirectUrl"]["const"].clone()
    }
}

fn credentials() -> Value {
    json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET})
}

fn texts(answer: &Answer) -> Vec<String> {
    told(answer, |_| true)
}

/// The findings that need to be fixed.
fn errors(answer: &Answer) -> Vec<String> {
    told(answer, |message| message["level"] == "error")
}

/// The subjects of the findings.
fn subjects(answer: &Answer) -> Vec<String> {
    let messages = answer.json()["data"]["messages"].clone();
    let messages = messages.as_array().cloned().unwrap_or_default();
    let subject = |message: &Value| message["subject"].as_str().unwrap_or_default().to_owned();
    messages.iter().map(subject).collect()
}

fn told(answer: &Answer, wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    let messages = answer.json()["data"]["messages"].clone();
    let messages = messages
        .as_array()
        .unwrap_or_else(|| panic!("{}", answer.text))
        .clone();
    messages
        .iter()
        .filter(|message| wanted(message))
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn the_form_is_described_to_administrators_alone() {
    let mut admin = Admin::start(json!({})).await;
    let answer = admin
        .send(Method::GET, "/api/dingtalk:optionsSchema", &[], None)
        .await;
    let schema = answer.json()["data"].clone();
    assert_eq!(schema["properties"]["clientSecret"]["writeOnly"], true);
    assert_eq!(
        schema["properties"]["redirectUrl"]["const"],
        admin.app.redirect_url().as_str()
    );
    let roles = schema["properties"]["newUserRoles"]["items"]["oneOf"]
        .as_array()
        .unwrap();
    let roles: Vec<_> = roles.iter().map(|role| &role["const"]).collect();
    assert_eq!(roles, ["admin", "member"], "not root");
    assert!(!answer.text.contains(CLIENT_SECRET));
    for (method, path) in [
        (Method::GET, "/api/dingtalk:optionsSchema"),
        (Method::POST, TEST),
    ] {
        let visitor = admin
            .app
            .browser()
            .send(method.clone(), path, &[], None)
            .await;
        assert_eq!(visitor.code(), "EMPTY_TOKEN");
        let member = admin
            .send(method, path, &[("x-role", "member")], None)
            .await;
        assert_eq!(member.status, 403);
    }
}

/// The form shows exactly what is sent to DingTalk.
#[actix_web::test]
async fn the_redirect_url_that_is_shown_is_the_one_that_is_used() {
    let proxied = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "sso.example.com"),
    ];
    for (flags, options, headers, path, expected) in [
        (vec![], json!({}), &proxied[..], "/", None),
        (
            vec!["--trusted-proxies=127.0.0.1"],
            json!({}),
            &proxied[..],
            "/",
            Some("https://sso.example.com/api/dingtalk:redirect"),
        ),
        (
            vec!["--trusted-proxies=127.0.0.1", "--app-public-path=/noco/"],
            json!({}),
            &proxied[..],
            "/noco/",
            Some("https://sso.example.com/noco/api/dingtalk:redirect"),
        ),
        (
            vec![
                "--trusted-proxies=127.0.0.1",
                "--app-public-url=https://public.example.com:8443",
            ],
            json!({}),
            &proxied[..],
            "/",
            Some("https://public.example.com:8443/api/dingtalk:redirect"),
        ),
        (
            vec!["--app-public-url=https://public.example.com"],
            json!({"callbackOrigin": "https://named.example.com"}),
            &[][..],
            "/",
            Some("https://named.example.com/api/dingtalk:redirect"),
        ),
    ] {
        let app = TestApp::with_flags(&flags, options.clone()).await;
        let mut browser = app.browser();
        let own = app.url(&format!("{path}api/dingtalk:redirect"));
        let expected = expected.unwrap_or(&own);
        let signed_in = browser
            .post(
                &format!("{path}api/auth:signIn"),
                json!({"account": "nocobase", "password": "admin123"}),
            )
            .await;
        let token = signed_in.json()["data"]["token"]
            .as_str()
            .expect(&signed_in.text)
            .to_owned();
        let bearer = format!("Bearer {token}");
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        let query = options["callbackOrigin"]
            .as_str()
            .map_or(String::new(), |origin| format!("?callbackOrigin={origin}"));
        let shown = browser
            .send(
                Method::GET,
                &format!("{path}api/dingtalk:optionsSchema{query}"),
                &all,
                None,
            )
            .await;
        assert_eq!(
            shown.json()["data"]["properties"]["redirectUrl"]["const"],
            expected,
            "{flags:?}"
        );
        let mut all = vec![("x-authenticator", "dingtalk")];
        all.extend(headers);
        let begun = browser
            .send(
                Method::POST,
                &format!("{path}api/dingtalk:getAuthUrl"),
                &all,
                Some(json!({})),
            )
            .await;
        let url = url::Url::parse(begun.json()["data"].as_str().expect(&begun.text)).unwrap();
        let (_, used) = url
            .query_pairs()
            .find(|(key, _)| key == "redirect_uri")
            .unwrap();
        assert_eq!(used, expected, "{flags:?}");
    }
}

#[actix_web::test]
async fn an_origin_that_cannot_be_saved_is_not_shown_either() {
    let mut admin = Admin::start(json!({})).await;
    let own = admin.app.redirect_url().to_string();
    for origin in [
        "http://evil.example",
        "javascript:alert(1)",
        "https://a@b",
        "https://x/y",
        "x",
    ] {
        let path = format!("/api/dingtalk:optionsSchema?callbackOrigin={origin}");
        assert_eq!(admin.shown_redirect_url(&path, &[]).await, own, "{origin}");
    }
}

#[actix_web::test]
async fn a_page_at_the_named_origin_is_ours() {
    let options = json!({"callbackOrigin": "https://named.example.com"});
    let app = TestApp::with_options(options).await;
    for (origin, status) in [
        ("https://named.example.com", 200),
        ("https://evil.example.com", 403),
    ] {
        let headers = [("x-authenticator", "dingtalk"), ("origin", origin)];
        let answer = app
            .browser()
            .send(
                Method::POST,
                "/api/dingtalk:getAuthUrl",
                &headers,
                Some(json!({})),
            )
            .await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

#[actix_web::test]
async fn a_good_connection_says_what_the_application_may_see() {
    let mut admin = Admin::start(json!({})).await;
    let answer = admin.test(TEST, credentials()).await;
    assert_eq!(answer.json()["data"]["ok"], true);
    assert_eq!(
        texts(&answer),
        [
            "DingTalk accepts the Client ID and the Client Secret.",
            "The app has this permission.",
            "The app has this permission.",
            "The app has this permission.",
            "The contact scope covers the whole organization.",
            LOCAL_ADDRESS,
        ]
    );
    assert_eq!(
        subjects(&answer),
        [
            "Client ID and Client Secret",
            "Contact.User.Read",
            "qyapi_get_member",
            "fieldMobile",
            "Contact scope",
            "Redirect URL",
        ]
    );
    for (scope, ok, text) in [
        (
            json!({"departments": [7, 8], "people": ["user-lina"]}),
            true,
            "The contact scope covers 2 departments and 1 people. Nobody else can sign in.",
        ),
        (
            json!({"departments": [], "people": []}),
            false,
            "The contact scope covers nobody. Widen it under Permission management.",
        ),
    ] {
        admin
            .app
            .sandbox
            .change_app(json!({"contactScope": scope}))
            .await;
        let answer = admin.test(TEST, credentials()).await;
        assert_eq!(answer.json()["data"]["ok"], ok);
        assert_eq!(texts(&answer)[4], text);
    }
}

#[actix_web::test]
async fn a_bad_connection_says_in_words_what_to_do() {
    let mut admin = Admin::start(json!({})).await;
    let refused = "DingTalk does not accept the Client ID and the Client Secret. Copy both again from the app's page in the developer console.";
    for (key, value) in [("clientSecret", "wrong"), ("clientId", "dingunknown")] {
        let mut options = credentials();
        options[key] = json!(value);
        let answer = admin.test(TEST, options).await;
        assert_eq!(
            (answer.status.as_u16(), errors(&answer)),
            (200, vec![refused.to_owned()])
        );
        assert_eq!(answer.json()["data"]["ok"], false);
    }
    for (endpoint, fault, text) in [
        (
            APP_TOKEN,
            "ipNotAllowed",
            "DingTalk refuses the address of this server, 127.0.0.1.",
        ),
        (
            SCOPES,
            "ipNotAllowed",
            "DingTalk refuses the address of this server, 127.0.0.1.",
        ),
        (
            APP_TOKEN,
            "throttle",
            "DingTalk is throttling calls of this app.",
        ),
        (
            BY_UNION_ID,
            "throttle",
            "DingTalk is throttling calls of this app.",
        ),
        (APP_TOKEN, "status500", "DingTalk has a problem."),
        (APP_TOKEN, "html", "DingTalk has a problem."),
        (
            APP_TOKEN,
            "breakOff",
            "DingTalk does not answer this server.",
        ),
    ] {
        admin.app.clock.advance(chrono::TimeDelta::minutes(10));
        admin.app.sandbox.fault(endpoint, fault, json!(1), 0).await;
        let answer = admin.test(TEST, credentials()).await;
        let texts = errors(&answer);
        assert!(
            texts.last().unwrap().starts_with(text),
            "{endpoint} {fault}: {texts:?}"
        );
        assert_eq!(answer.json()["data"]["ok"], false);
    }
    admin.app.sandbox.stop().await;
    // A connection that was kept open may break only when it is used again.
    admin.test(TEST, credentials()).await;
    let answer = admin.test(TEST, credentials()).await;
    let mut unreachable = errors(&answer);
    unreachable.dedup();
    assert_eq!(
        unreachable,
        ["This server cannot reach DingTalk. Ask the operator to look at its network."]
    );
    assert!(!logs().contains(CLIENT_SECRET));
}

#[actix_web::test]
async fn every_option_that_dingtalk_knows_of_is_tested() {
    let mut admin = Admin::start(json!({})).await;
    let foreign = "The app does not belong to the organization with this Corp ID. The right one begins with «ding»; you find it on the start page of the developer console.";
    let lacks = |permission: &str| {
        format!(
            "The app lacks the permission {permission}. Grant it under Permission management in the developer console."
        )
    };
    let other = dingtalk_sandbox::seed::OTHER_CORP_ID;
    let with_space = format!("{CORP_ID}\u{200b}");
    for (corp_id, problem) in [
        (CORP_ID, None),
        ("dingwrongcorp", Some(foreign)),
        (other, Some(foreign)),
        // Characters that came with pasting are removed.
        (&with_space, None),
    ] {
        let mut options = credentials();
        options["corpId"] = json!(corp_id);
        let answer = admin.test(TEST, options).await;
        assert_eq!(
            answer.json()["data"]["ok"],
            problem.is_none(),
            "{corp_id}: {}",
            answer.text
        );
        let told = texts(&answer);
        assert_eq!(told.iter().any(|text| text == foreign), problem.is_some());
    }
    let mut options = credentials();
    options["corpId"] = json!("../accessToken");
    let answer = admin.test(TEST, options).await;
    let refused = "Corp ID contains characters that DingTalk never uses in it";
    assert!(answer.message().starts_with(refused), "{}", answer.text);
    admin.app.clock.advance(chrono::TimeDelta::minutes(10));
    admin
        .app
        .sandbox
        .change_app(json!({"permissions": ["Contact.User.Read", "qyapi_get_member"]}))
        .await;
    let mut options = credentials();
    options["linkExisting"] = json!("off");
    options["bindBy"] = json!("mobile");
    let answer = admin.test(TEST, options.clone()).await;
    assert_eq!(errors(&answer), [lacks("fieldMobile")]);
    options["linkExisting"] = json!("phoneOrEmail");
    options["emailDomains"] = json!("corp.example");
    let answer = admin.test(TEST, options).await;
    assert_eq!(errors(&answer), [lacks("fieldMobile"), lacks("fieldEmail")]);
}

#[actix_web::test]
async fn what_dingtalk_says_of_itself_reaches_the_administrator() {
    let mut admin = Admin::start(json!({})).await;
    for (fault, text) in [
        (
            json!({"fault": "ipNotAllowed", "address": "2001:db8::9"}),
            "DingTalk refuses the address of this server, 2001:db8::9. Add it to the app's IP list in the developer console.",
        ),
        (
            json!({"fault": "allowanceUsedUp"}),
            "The organization's calls to DingTalk are used up for this month. See the usage in the developer console under resource management.",
        ),
        (
            json!({"fault": "refused", "code": "isv.not-for-you"}),
            "DingTalk refused: isv.not-for-you",
        ),
    ] {
        for endpoint in [BY_UNION_ID, APP_TOKEN] {
            admin.app.clock.advance(chrono::TimeDelta::minutes(10));
            let mut fault = fault.clone();
            fault["endpoint"] = json!(endpoint);
            admin.app.sandbox.next_fault(fault).await;
            let answer = admin.test(TEST, credentials()).await;
            let texts = errors(&answer);
            let last = texts.last().unwrap();
            assert!(last.starts_with(text), "{endpoint}: {texts:?}");
        }
    }
}

#[actix_web::test]
async fn each_missing_permission_is_named() {
    let mut admin = Admin::start(json!({})).await;
    let all = ["Contact.User.Read", "qyapi_get_member", "fieldMobile"];
    for missing in all {
        let granted: Vec<_> = all.into_iter().filter(|name| *name != missing).collect();
        admin
            .app
            .sandbox
            .change_app(json!({"permissions": granted}))
            .await;
        let answer = admin.test(TEST, credentials()).await;
        let expected = format!(
            "The app lacks the permission {missing}. Grant it under Permission management in the developer console."
        );
        assert_eq!(errors(&answer), [expected], "{missing}");
    }
    admin
        .app
        .sandbox
        .change_app(json!({"permissions": []}))
        .await;
    let headers = [("x-locale", "zh-CN")];
    let body = Some(json!({"options": credentials()}));
    let answer = admin.send(Method::POST, TEST, &headers, body).await;
    assert_eq!(errors(&answer).len(), 3);
    assert_eq!(texts(&answer)[0], "钉钉已接受 Client ID 和 Client Secret。");
    let mut unlinked = credentials();
    unlinked["linkExisting"] = json!("off");
    let answer = admin.test(TEST, unlinked).await;
    assert!(!answer.text.contains("fieldMobile"), "{}", answer.text);
}

#[actix_web::test]
async fn the_address_of_the_form_is_judged_as_well() {
    let mut admin = Admin::start(json!({})).await;
    for (origin, level) in [
        ("https://nocobase.example.com", "success"),
        ("https://nocobase.internal", "warning"),
        ("http://127.0.0.1:13000", "warning"),
    ] {
        let mut options = credentials();
        options["callbackOrigin"] = json!(origin);
        let answer = admin.test(TEST, options).await;
        let messages = answer.json()["data"]["messages"].clone();
        let last = messages.as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&last["subject"], &last["level"]),
            (&json!("Redirect URL"), &json!(level))
        );
        assert_eq!(answer.json()["data"]["ok"], true);
    }
}

#[actix_web::test]
async fn the_mask_stands_for_the_stored_secret_and_for_no_other_client() {
    let mut admin = Admin::start(json!({})).await;
    let masked = |client_id: &str| json!({"clientId": client_id, "clientSecret": "********"});
    for key in ["2", "dingtalk"] {
        let path = format!("{TEST}?filterByTk={key}");
        let answer = admin.test(&path, masked(CLIENT_ID)).await;
        assert_eq!(answer.json()["data"]["ok"], true, "{}", answer.text);
        assert!(!answer.text.contains(CLIENT_SECRET));
    }
    let before = admin.app.sandbox.calls(APP_TOKEN).await;
    let path = format!("{TEST}?filterByTk=2");
    let answer = admin.test(&path, masked("dingevil")).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.message(),
        "Client Secret must be entered again, because the Client ID was changed"
    );
    for path in [
        TEST,
        "/api/dingtalk:testConnection?filterByTk=1",
        "/api/dingtalk:testConnection?filterByTk=99",
    ] {
        let answer = admin.test(path, masked(CLIENT_ID)).await;
        assert_eq!(answer.message(), "Client Secret is required", "{path}");
    }
    assert_eq!(
        admin.app.sandbox.calls(APP_TOKEN).await,
        before,
        "DingTalk was not asked"
    );
}

#[actix_web::test]
async fn the_connection_is_not_tested_without_end() {
    let mut admin = Admin::start(json!({})).await;
    admin.app.clock.stop();
    let mut options = credentials();
    options["clientSecret"] = json!("a-guess");
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(admin.test(TEST, options.clone()).await.status.as_u16());
    }
    assert_eq!(answers[..10], [200; 10]);
    assert_eq!(answers[10..], [429; 2]);
    assert_eq!(admin.app.sandbox.calls(APP_TOKEN).await, 10);
}

#[actix_web::test]
async fn wrong_options_are_named_in_the_language_of_the_form() {
    let mut admin = Admin::start(json!({})).await;
    let body = json!({
        "name": "x", "authType": "dingtalk",
        "options": {"clientSecret": "s", "bindBy": "x", "callbackOrigin": "https://x/y", "linkExisting": "phoneOrEmail", "newUserRoles": ["root"]},
    });
    let path = "/api/authenticators:create";
    let answer = admin
        .send(Method::POST, path, &[], Some(body.clone()))
        .await;
    let messages = |answer: &Answer| -> Vec<String> {
        let errors = answer.json()["errors"].as_array().unwrap().clone();
        errors
            .iter()
            .map(|error| error["message"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        messages(&answer),
        [
            "Client ID is required",
            "Bind accounts by is not valid",
            "Email domains that link is required",
            "Origin of the Redirect URL must be an address such as https://nocobase.example.com, without a path",
            "Roles of new accounts is not valid",
        ]
    );
    let answer = admin
        .send(Method::POST, path, &[("x-locale", "zh-CN")], Some(body))
        .await;
    assert_eq!(messages(&answer)[0], "Client ID 字段不能为空");
    assert_eq!(messages(&answer)[1], "绑定标识 字段值无效");
}

#[actix_web::test]
async fn keys_that_nobody_knows_are_kept() {
    let mut admin = Admin::start(json!({"sync": {"enabled": true}})).await;
    let path = "/api/authenticators:get?filterByTk=2";
    let row = admin.send(Method::GET, path, &[], None).await.json()["data"].clone();
    let path = "/api/authenticators:update?filterByTk=2";
    let answer = admin.send(Method::POST, path, &[], Some(row)).await;
    assert_eq!(
        answer.json()["data"][0]["options"]["sync"],
        json!({"enabled": true})
    );
}

/// A role that may configure authenticators, and nothing else, must not gain anything by it.
#[actix_web::test]
async fn who_cannot_give_roles_cannot_give_them_by_an_authenticator() {
    let mut admin = Admin::start(json!({})).await;
    let keeper = new_role(
        "keeper",
        json!(["pm.auth.authenticators"]),
        &json!(["view", "update"]),
    );
    admin.app.store().create_role(keeper).await.unwrap();
    admin
        .app
        .store()
        .grant_role(1, "keeper", None)
        .await
        .unwrap();
    let title = Some(json!({"title": "Office"}));
    let path = "/api/authenticators:update?filterByTk=2";
    let answer = admin
        .send(Method::POST, path, &[("x-role", "keeper")], title)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let powers = [
        json!({"linkAdministrators": true}),
        json!({"newUserRoles": ["admin"]}),
    ];
    for power in powers {
        let mut options = json!({"clientId": CLIENT_ID, "clientSecret": "********"});
        for (key, value) in power.as_object().unwrap() {
            options[key] = value.clone();
        }
        let body = Some(json!({"options": options}));
        let answer = admin
            .send(Method::POST, path, &[("x-role", "keeper")], body.clone())
            .await;
        assert_eq!(answer.status, 403, "{}", answer.text);
        let answer = admin.send(Method::POST, path, &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    // Another organization could give anybody the identifier by which an account is known here.
    let elsewhere = Some(json!({"options": {"clientId": "dingother", "clientSecret": "x"}}));
    let keeper = [("x-role", "keeper")];
    let answer = admin
        .send(Method::POST, path, &keeper, elsewhere.clone())
        .await;
    assert_eq!(answer.status, 200, "nobody is bound: {}", answer.text);
    let back = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET,
        "public": {"autoSignup": true}});
    let back = Some(json!({"options": back}));
    let answer = admin.send(Method::POST, path, &[], back).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let page = admin
        .app
        .browser()
        .sign_in(&admin.app.sandbox, "lina")
        .await;
    assert!(page.session().is_some(), "{}", page.text);
    let answer = admin
        .send(Method::POST, path, &keeper, elsewhere.clone())
        .await;
    assert_eq!(answer.status, 403, "{}", answer.text);
    let answer = admin.send(Method::POST, path, &[], elsewhere).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
