//! The login page and its redirects.

use dingtalk_sandbox::seed;
use serde_json::json;

use crate::harness::{CALLBACK, Fake, authorization_path, parameter};

#[tokio::test]
async fn a_wrong_request_gets_a_page_that_says_why_and_never_a_redirect() {
    let fake = Fake::start();
    let cases = [
        ("redirect_uri", "", "redirect_uri is missing"),
        ("response_type", "", "response_type is missing"),
        ("response_type", "token", "response_type must be code"),
        ("client_id", "", "client_id is missing"),
        ("client_id", "dingunknown", "No app has the client ID"),
        ("scope", "", "scope is missing"),
        ("scope", "corpid", "scope must be"),
        ("scope", "openid everything", "scope must be"),
        ("prompt", "", "prompt is missing"),
        ("prompt", "none", "prompt must be consent"),
    ];
    for (name, value, reason) in cases {
        let path = authorization_path(&[(name, value)]);
        for answer in [
            fake.get(&path).await,
            fake.post_form(&path, "person=zhangwei").await,
        ] {
            assert_eq!(
                (answer.status, &answer.location),
                (400, &None),
                "{name}={value}"
            );
            assert!(
                answer.text.contains(reason),
                "{name}={value}: {}",
                answer.text
            );
        }
    }
    let twice = format!("{}&state=other", authorization_path(&[]));
    assert!(
        fake.get(&twice)
            .await
            .text
            .contains("state was given twice")
    );
}

#[tokio::test]
async fn accepts_what_working_clients_send() {
    let fake = Fake::start();
    let cases = [
        ("scope", "openid corpid"),
        ("scope", "openid Contact.User.Read"),
        ("prompt", "auto"),
        ("state", ""),
        ("exclusiveLogin", "true"),
    ];
    for change in cases {
        assert_eq!(
            fake.get(&authorization_path(&[change])).await.status,
            200,
            "{change:?}"
        );
    }
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    const HOSTILE: &str = "\"'><script>alert(1)</script>{{people}}&lt;";
    let fake = Fake::start();
    for name in [
        "client_id",
        "redirect_uri",
        "scope",
        "prompt",
        "response_type",
    ] {
        let page = fake.get(&authorization_path(&[(name, HOSTILE)])).await;
        assert!(!page.text.contains("<script"), "{name}: {}", page.text);
        assert!(
            page.text.contains("&quot;&#39;&gt;&lt;script&gt;"),
            "{name}: {}",
            page.text
        );
        assert!(
            page.text.contains("{{people}}&amp;lt;"),
            "{name}: {}",
            page.text
        );
    }
    fake.set_app(json!({"name": HOSTILE})).await;
    fake.patch(
        "lina",
        json!({"name": HOSTILE, "title": HOSTILE, "situation": HOSTILE}),
    )
    .await;
    let page = fake.get(&authorization_path(&[("state", HOSTILE)])).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script"), "{}", page.text);
    assert_eq!(
        page.text.matches("value=\"zhangwei\"").count(),
        1,
        "{}",
        page.text
    );
}

#[tokio::test]
async fn the_page_offers_everybody_and_needs_nothing_from_elsewhere() {
    let fake = Fake::start();
    let page = fake.get(&authorization_path(&[])).await;
    for person in seed::people() {
        let button = format!("name=\"person\" value=\"{}\"", person.id);
        assert!(page.text.contains(&button), "{}", person.id);
    }
    for text in [
        "Sandbox — not DingTalk",
        seed::APP_NAME,
        seed::ORGANIZATION,
        "no phone",
        "external contact",
        "other company",
        "out of scope",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    for reference in ["src=", "<script", "url(", "@import", "http-equiv"] {
        assert!(!page.text.contains(reference), "{reference}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(
        !policy.contains("form-action"),
        "it would stop the redirect to the app: {policy}"
    );
}

#[tokio::test]
async fn choosing_somebody_redirects_with_two_equal_codes_and_the_state() {
    let fake = Fake::start();
    let state = "a b&c=d/ü%";
    let uri = "http://127.0.0.1:13000/callback?authenticator=dingtalk";
    let path = authorization_path(&[("redirect_uri", uri), ("state", state)]);
    let answer = fake.post_form(&path, "person=zhangwei").await;
    assert_eq!(answer.status, 302);
    let location = answer.location.unwrap();
    assert!(location.starts_with(&format!("{uri}&code=")), "{location}");
    assert_eq!(parameter(&location, "state").as_deref(), Some(state));
    let code = parameter(&location, "code").unwrap();
    assert_eq!(parameter(&location, "authCode").as_ref(), Some(&code));
    assert_eq!(fake.exchange(&code).await.status, 200);
}

#[tokio::test]
async fn denying_redirects_with_an_error_and_no_code() {
    let fake = Fake::start();
    let answer = fake.post_form(&authorization_path(&[]), "deny=yes").await;
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.location.unwrap(),
        format!("{CALLBACK}?error=access_denied&state=s-1")
    );
}

#[tokio::test]
async fn a_form_that_chooses_nobody_is_refused() {
    let fake = Fake::start();
    for body in ["", "person=nobody", "person=zhangwei&deny=yes"] {
        let answer = fake.post_form(&authorization_path(&[]), body).await;
        assert_eq!((answer.status, answer.location), (400, None), "{body}");
    }
}

#[tokio::test]
async fn the_choice_can_be_narrowed_with_the_organization_scope() {
    let fake = Fake::start();
    let cases = [
        (
            &[("scope", "openid corpid"), ("corpId", seed::OTHER_CORP_ID)],
            "emma",
            "zhangwei",
        ),
        (
            &[("scope", "openid corpid"), ("corpId", seed::CORP_ID)],
            "zhangwei",
            "zhoujie",
        ),
        (
            &[("scope", "openid corpid"), ("org_type", "management")],
            "wangfang",
            "zhangwei",
        ),
    ];
    for (changes, offered, withheld) in cases {
        let path = authorization_path(changes);
        let page = fake.get(&path).await.text;
        assert!(
            page.contains(&format!("value=\"{offered}\"")),
            "{changes:?}"
        );
        assert!(
            !page.contains(&format!("value=\"{withheld}\"")),
            "{changes:?}"
        );
        let pressed = fake.post_form(&path, &format!("person={withheld}")).await;
        assert_eq!(
            (pressed.status, pressed.location),
            (400, None),
            "{changes:?}"
        );
    }
    let ignored = authorization_path(&[("corpId", seed::OTHER_CORP_ID)]);
    assert!(fake.get(&ignored).await.text.contains("value=\"zhangwei\""));
}
