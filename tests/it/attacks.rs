//! An attacker's evening: what is tried at a sign-in, one attack a test. Those that have a file of
//! their own (`dingtalk_handshake`, `proxies`, `brute_force`, …) are not here; `docs/security.md` lists
//! all of them.

use nocobase_dingtalk::domain::session::{Claims, SigningKey};
use nocobase_dingtalk::provider::dingtalk::DingTalkOptions;
use nocobase_dingtalk::provider::password;
use nocobase_dingtalk::store::AuthenticatorValues;
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::support::{Answer, TestApp};

const SIGN_IN: &str = "/api/auth:signIn";
const SIGN_UP: &str = "/api/auth:signUp";
const CHECK: &str = "/api/auth:check";
const USER_TOKEN: &str = "/v1.0/oauth2/userAccessToken";
const KEY: &str = "the-key-of-this-test";
const CLIENT_SECRET: &str = dingtalk_sandbox::seed::CLIENT_SECRET;

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

fn options() -> Value {
    json!({
        "clientId": dingtalk_sandbox::seed::CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
        "public": {"autoSignup": true},
    })
}

fn query_of(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let (_, value) = url.query_pairs().find(|(key, _)| key == name).unwrap();
    value.into_owned()
}

#[actix_web::test]
async fn a_state_counts_for_the_authenticator_that_it_was_begun_with() {
    let app = TestApp::with_options(sign_up()).await;
    let second = AuthenticatorValues {
        name: "lax".to_owned(),
        auth_type: "dingtalk".to_owned(),
        title: None,
        description: String::new(),
        options: options(),
        enabled: true,
        author: None,
    };
    let strict = app
        .store()
        .authenticator("dingtalk")
        .await
        .unwrap()
        .unwrap();
    app.store().create_authenticator(second).await.unwrap();
    // The one that it was begun with signs nobody up; the other would.
    let mut closed = options();
    closed["public"]["autoSignup"] = json!(false);
    let values = AuthenticatorValues {
        name: strict.name,
        auth_type: strict.auth_type,
        title: None,
        description: String::new(),
        options: closed,
        enabled: true,
        author: None,
    };
    let store = app.store();
    store.update_authenticator(strict.id, values).await.unwrap();

    let mut browser = app.browser();
    let url = browser.begin(Value::Null).await;
    let location = app.sandbox.choose(&url, "lina").await;
    let path = format!("{location}&authenticator=lax&name=lax");
    let headers = [("x-authenticator", "lax")];
    let answer = browser.send(Method::GET, &path, &headers, None).await;
    assert_eq!(answer.session(), None);
    assert!(answer.header("location").contains("authenticator=dingtalk"));
    assert_eq!(app.count_users().await, 1);
}

#[actix_web::test]
async fn a_code_of_another_app_signs_nobody_in() {
    let app = TestApp::with_options(sign_up()).await;
    let other =
        json!({"clientSecret": "another-secret", "corpId": dingtalk_sandbox::seed::CORP_ID});
    let codes = app.sandbox.url().join("_sandbox/codes").unwrap();
    let apps = app.sandbox.url().join("_sandbox/apps/dingevil").unwrap();
    let mut browser = app.browser();
    let made = browser
        .send(Method::PUT, apps.as_str(), &[], Some(other))
        .await;
    assert_eq!(made.status, 200, "{}", made.text);
    let asked = json!({"person": "lina", "kind": "oauth", "clientId": "dingevil"});
    let code = browser.post(codes.as_str(), asked).await.json()["code"].clone();
    let code = code.as_str().unwrap();

    let url = browser.begin(Value::Null).await;
    let state = query_of(&url, "state");
    let path = format!("/api/dingtalk:redirect?code={code}&authCode={code}&state={state}");
    let answer = browser.get(&path).await;
    assert_eq!(answer.failure().as_deref(), Some("DINGTALK_CODE_REJECTED"));
    let headers = [("x-authenticator", "dingtalk")];
    let body = Some(json!({"authCode": code}));
    let answer = browser.send(Method::POST, SIGN_IN, &headers, body).await;
    assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
}

#[actix_web::test]
async fn of_a_code_that_comes_many_times_at_once_one_gets_in() {
    let app = TestApp::with_options(sign_up()).await;
    let code = app.sandbox.code("lina", "oauth").await;
    let mut thieves: Vec<_> = (0..8).map(|_| app.browser()).collect();
    let answers = futures_util::future::join_all(thieves.iter_mut().map(|thief| {
        let headers = [("x-authenticator", "dingtalk")];
        let body = Some(json!({"authCode": code}));
        async move { thief.send(Method::POST, SIGN_IN, &headers, body).await }
    }))
    .await;
    let in_: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(in_.len(), 1);
    let refused = answers.iter().filter(|answer| answer.status != 200);
    for answer in refused {
        assert_eq!(answer.code(), "DINGTALK_CODE_REJECTED");
    }
    // Each was tried once: a code is never sent again.
    assert_eq!(app.sandbox.calls(USER_TOKEN).await, 8);
}

/// Who plants the cookie of a sign-in on its way in somebody else's browser cannot finish what is
/// begun there, nor does the planted cookie become a session.
#[actix_web::test]
async fn a_planted_cookie_gives_its_planter_nothing() {
    let app = TestApp::with_options(sign_up()).await;
    let mut attacker = app.browser();
    attacker.begin(Value::Null).await;
    let planted = attacker.cookies["nocobase_dingtalk"].clone();
    let mut victim = app.browser();
    victim.cookies = attacker.cookies.clone();
    let url = victim.begin(Value::Null).await;
    assert_ne!(victim.cookies["nocobase_dingtalk"], planted);
    let location = app.sandbox.choose(&url, "lina").await;

    let stolen = attacker.get(&location).await;
    assert_eq!(stolen.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
    assert!(victim.get(&location).await.session().is_some());
    assert_eq!(attacker.get(CHECK).await.code(), "EMPTY_TOKEN");
    // The one that the attacker began is no use with what the victim's browser has now, either.
    let again = attacker.get(&location).await;
    assert_eq!(again.failure().as_deref(), Some("DINGTALK_STATE_INVALID"));
}

#[actix_web::test]
async fn a_session_of_before_does_not_become_somebody_elses() {
    let app = TestApp::with_options(sign_up()).await;
    let attackers = app.browser().sign_in_as_root().await;
    let mut victim = app.browser();
    let cookie = ("/".to_owned(), attackers.clone());
    victim
        .cookies
        .insert("nb_auth_token_main".to_owned(), cookie);
    let session = victim.sign_in(&app.sandbox, "lina").await.session();
    let session = session.unwrap();
    assert_ne!(session["token"], attackers.as_str());
    assert_eq!(victim.cookies["nb_auth_token_main"].1, session["token"]);
}

#[actix_web::test]
async fn no_target_leads_out_of_this_application() {
    let options = sign_up();
    let app = TestApp::with_flags(&["--app-public-path=/nocobase/"], options).await;
    let long = format!("/nocobase/{}", "a".repeat(4000));
    let ours = Url::parse("https://noco.example.com/").unwrap();
    for target in [
        "https://evil.example/nocobase/",
        "//evil.example/nocobase/",
        "/\\evil.example/nocobase/",
        "\\/evil.example",
        "/\t/evil.example",
        "/\r\n/evil.example",
        "//noco.example.com@evil.example/nocobase/",
        "https://noco.example.com@evil.example/nocobase/",
        "%2f%2fevil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "/%09/evil.example",
        "\u{ff0f}\u{ff0f}evil.example",
        "/\u{ff0f}evil.example",
        "/\u{2215}/evil.example",
        "javascript:alert(1)//nocobase/",
        "/nocobase/../other/admin",
        "/nocobase/%2e%2e/other/admin",
        "/nocobase/.%2E/other/admin",
        "/nocobase/x/../../other/admin",
        "/nocobase/./../../other",
        "/nocobase/..%2fother/admin",
        "/nocobase/x%5c..%5c..%5cother/admin",
        "/other/admin",
        "/nocobasefoo/admin",
        long.as_str(),
    ] {
        let mut browser = app.browser();
        let headers = [("x-authenticator", "dingtalk")];
        let body = Some(json!({"redirect": target}));
        let path = "/nocobase/api/dingtalk:getAuthUrl";
        let begun = browser.send(Method::POST, path, &headers, body).await;
        let url = begun.json()["data"].as_str().expect(&begun.text).to_owned();
        let location = app.sandbox.choose(&url, "lina").await;
        let session = browser.get(&location).await.session().unwrap();
        let chosen = session["target"].as_str().unwrap();
        // Where a browser would go, which reads addresses as `Url` does.
        let went = ours.join(chosen).unwrap();
        assert_eq!(went.origin(), ours.origin(), "{target:?}: {chosen:?}");
        assert!(went.path().starts_with("/nocobase/"), "{target:?}: {went}");
        // Nor where a proxy would that decodes what browsers do not.
        assert!(
            !chosen.contains("other/admin") || !chosen.contains(".."),
            "{chosen:?}"
        );
        assert!(chosen.starts_with("/nocobase/") && chosen.len() < 4000);
    }
}

fn claims(app: &TestApp, user_id: i64) -> Claims {
    let now = app.clock.now();
    Claims {
        user_id: Some(user_id),
        temp: Some(true),
        role_name: None,
        iat: Some(now.timestamp()),
        sign_in_time: Some(now.timestamp_millis()),
        exp: Some(now.timestamp() + 86_400),
        nbf: None,
        jti: Some("7b0a4bd2-6c8f-4c1e-9f7e-0a7a1c1d0e11".to_owned()),
    }
}

fn encoded(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[actix_web::test]
async fn a_token_does_not_talk_its_way_in() {
    let flag = format!("--app-key={KEY}");
    let app = TestApp::with_flags(&[&flag], json!({})).await;
    let key = SigningKey::new(KEY.as_bytes());
    let good = key.sign(&claims(&app, 1)).unwrap();
    let parts: Vec<_> = good.split('.').collect();
    let check = async |token: &str| app.browser().get_as(token, CHECK).await;
    assert_eq!(check(&good).await.status, 200);
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"nOnE","typ":"JWT"}"#,
        r#"{"alg":"RS256","typ":"JWT"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"EdDSA"}"#,
        r#"{"alg":"HS256","crit":["exp"],"jwk":{"kty":"oct","k":"AAAA"}}"#,
        r#"{"typ":"JWT"}"#,
        "[]",
    ] {
        let (header, body) = (encoded(header), parts[1]);
        for signature in ["", parts[2], "AAAA"] {
            let token = format!("{header}.{body}.{signature}");
            assert_eq!(check(&token).await.code(), "INVALID_TOKEN", "{token}");
        }
    }
    // The body of one under the signature of another.
    let other = key.sign(&claims(&app, 2)).unwrap();
    let swapped = format!(
        "{}.{}.{}",
        parts[0],
        other.split('.').nth(1).unwrap(),
        parts[2]
    );
    assert_eq!(check(&swapped).await.code(), "INVALID_TOKEN");
    // Large ones end with a refusal, and the server goes on.
    for size in [8_000, 60_000, 200_000] {
        let token = format!("{}.{}.{}", parts[0], "A".repeat(size), parts[2]);
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let mut browser = app.browser();
        let answer = browser.try_send(Method::GET, CHECK, &headers, None).await;
        // Of the largest the server may not read the end before it hangs up.
        if let Ok(answer) = answer {
            assert!(answer.status.is_client_error(), "{size}: {}", answer.status);
        }
    }
    assert_eq!(check(&good).await.status, 200);
}

#[actix_web::test]
async fn claims_that_nobody_asked_for_give_nothing() {
    let flag = format!("--app-key={KEY}");
    let app = TestApp::with_flags(&[&flag], json!({})).await;
    let member = app.create_user("Ada", None).await;
    let mut body = serde_json::to_value(claims(&app, member)).unwrap();
    for (name, value) in [
        ("roles", json!(["root"])),
        ("role", json!("root")),
        ("admin", json!(true)),
        ("id", json!(1)),
        ("sub", json!("1")),
        ("user_id", json!(1)),
    ] {
        body[name] = value;
    }
    let header = jsonwebtoken::Header::default();
    let secret = jsonwebtoken::EncodingKey::from_secret(KEY.as_bytes());
    let token = jsonwebtoken::encode(&header, &body, &secret).unwrap();
    let me = app.browser().get_as(&token, CHECK).await.json()["data"].clone();
    assert_eq!(me["id"], member);
    assert_eq!(me["roles"].as_array().unwrap().len(), 1);
    let settings = "/api/authenticators:list";
    assert_eq!(app.browser().get_as(&token, settings).await.status, 403);
}

#[actix_web::test]
async fn the_token_of_a_deleted_account_is_refused() {
    let app = TestApp::start().await;
    let form = json!({"username": "ada", "password": "pw1", "confirm_password": "pw1"});
    assert_eq!(app.browser().post(SIGN_UP, form).await.status, 200);
    let token = app.browser().sign_in_as("ada", "pw1").await;
    assert_eq!(app.browser().get_as(&token, CHECK).await.status, 200);
    let root = app.browser().sign_in_as_root().await;
    let path = "/api/users:destroy?filterByTk=2";
    let removed = app.browser().post_as(&root, path, json!({})).await;
    assert_eq!(removed.status, 200, "{}", removed.text);
    let answer = app.browser().get_as(&token, CHECK).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
}

async fn post_text(app: &TestApp, path: &str, body: &str) -> (u16, String) {
    let request = app.browser().http().post(app.url(path));
    let request = request.header("content-type", "application/json");
    let answer = request.body(body.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Of a key that comes twice the last counts, as in JavaScript, and so in whatever stands before us.
#[actix_web::test]
async fn a_key_that_comes_twice_has_one_meaning() {
    let app = TestApp::start().await;
    let right = r#"{"account":"nobody","password":"x","account":"nocobase","password":"admin123"}"#;
    let wrong = r#"{"account":"nocobase","password":"admin123","account":"nobody"}"#;
    assert_eq!(post_text(&app, SIGN_IN, right).await.0, 200);
    assert_eq!(post_text(&app, SIGN_IN, wrong).await.0, 401);
}

#[actix_web::test]
async fn wrong_types_in_any_field_are_refused_and_change_nothing() {
    let app = TestApp::with_options(sign_up()).await;
    let forms = [
        (SIGN_IN, "basic", vec!["account", "email", "password"]),
        (SIGN_IN, "dingtalk", vec!["authCode"]),
        (
            SIGN_UP,
            "basic",
            vec![
                "username",
                "email",
                "nickname",
                "password",
                "confirm_password",
            ],
        ),
        ("/api/dingtalk:getAuthUrl", "dingtalk", vec!["redirect"]),
        (
            "/api/dingtalk:inAppSignIn",
            "dingtalk",
            vec!["code", "redirect"],
        ),
        ("/api/auth:lostPassword", "basic", vec!["email"]),
        (
            "/api/auth:resetPassword",
            "basic",
            vec!["resetToken", "password"],
        ),
        ("/api/auth:checkResetToken", "basic", vec!["resetToken"]),
    ];
    for (path, authenticator, fields) in forms {
        for field in fields {
            for value in [
                json!([]),
                json!({}),
                json!({"$ne": null}),
                json!(["x"]),
                json!(true),
                json!("\u{0}"),
                json!(1e300),
            ] {
                let headers = [("x-authenticator", authenticator)];
                let mut body = json!({"account": "nobody", "username": "ada", "password": "p"});
                body[field] = value;
                let mut browser = app.browser();
                let body = Some(body);
                let answer = browser
                    .send(Method::POST, path, &headers, body.clone())
                    .await;
                let is_link = path.ends_with("getAuthUrl") && answer.status == 200;
                assert!(
                    answer.status.is_client_error() || is_link,
                    "{path} {body:?}: {} {}",
                    answer.status,
                    answer.text
                );
            }
        }
    }
    assert_eq!(app.count_users().await, 1);
}

/// What a clock would tell, without one: the same work is done for an account that does not exist, one
/// without a password and one whose password is another.
#[actix_web::test]
async fn an_unknown_account_costs_as_much_as_a_wrong_password() {
    let app = TestApp::start().await;
    let nobody = app.create_user("No password", None).await;
    for body in [
        json!({"account": "nocobase", "password": "wrong"}),
        json!({"account": "nobody", "password": "wrong"}),
        json!({"account": "nobody@example.com", "password": "wrong"}),
        json!({"account": nobody, "password": "wrong"}),
        json!({"account": "nocobase"}),
    ] {
        let before = password::hashes();
        let answer = app.browser().post(SIGN_IN, body.clone()).await;
        assert_eq!(answer.status, 401, "{body}");
        // Other tests of this process may hash, too.
        assert!(password::hashes() > before, "{body}");
    }
}

#[actix_web::test]
async fn nobody_calls_themselves_what_reads_like_somebody_else() {
    let app = TestApp::start().await;
    let sign_up = async |name: &str| -> Answer {
        let form = json!({"username": name, "password": "pw1", "confirm_password": "pw1"});
        app.browser().post(SIGN_UP, form).await
    };
    let alike = [
        "n\u{43e}cobase",
        "\u{ff4e}\u{ff4f}\u{ff43}\u{ff4f}base",
        "noco\u{200b}base",
        "\u{202e}esabocon",
        "nocobase ",
        "nocobase\u{ad}",
    ];
    for name in alike {
        let answer = sign_up(name).await;
        assert_eq!(
            answer.message(),
            "Please enter a valid username",
            "{name:?}"
        );
    }
    assert_eq!(
        sign_up("NocoBase").await.message(),
        "Username already exists"
    );
    assert_eq!(sign_up("王小明").await.status, 200);
    let token = app.browser().sign_in_as("王小明", "pw1").await;
    let update = async |name: &str| {
        let body = json!({"username": name});
        let mut browser = app.browser();
        let answer = browser
            .post_as(&token, "/api/users:updateProfile", body)
            .await;
        answer.status.as_u16()
    };
    for name in alike.into_iter().chain(["NOCOBASE"]) {
        assert_eq!(update(name).await, 400, "{name:?}");
    }
    assert_eq!(update("王小红").await, 200);
    assert_eq!(app.count_users().await, 2);
}

#[actix_web::test]
async fn our_pages_stay_out_of_other_sites_frames() {
    let app = TestApp::with_options(sign_up()).await;
    let mut browser = app.browser();
    let landing = browser.sign_in(&app.sandbox, "lina").await;
    assert_eq!(landing.header("x-frame-options"), "SAMEORIGIN");
    let mut answers = vec![landing];
    for path in ["/", "/admin", "/signin", "/v/", "/v/signin"] {
        answers.push(browser.get(path).await);
    }
    for answer in answers {
        assert_eq!(answer.status, 200);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
        assert!(policy.contains("base-uri"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_ne!(answer.header("referrer-policy"), "");
        assert!(answer.header("content-type").starts_with("text/html"));
    }
}

#[actix_web::test]
async fn debugging_prints_no_secret() {
    let flag = format!("--app-key={KEY}");
    let password = "--init-root-password=correct-horse";
    let app = TestApp::with_flags(&[&flag, password], json!({})).await;
    let options = DingTalkOptions::parse(&options()).unwrap();
    let printed = format!("{:?} {options:?}", app.server.app.config);
    for secret in [KEY, "correct-horse", CLIENT_SECRET] {
        assert!(!printed.contains(secret), "{secret}: {printed}");
    }
}
