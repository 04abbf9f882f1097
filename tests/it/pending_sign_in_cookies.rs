//! The cookies of pending sign-ins, together with other cookies and behind servers with small
//! buffers.

use reqwest::header::{COOKIE, HeaderValue};
use serde_json::{Value, json};

use crate::support::upstream::ScriptedUpstream;
use crate::support::{Answer, Browser, TestApp, TestGateway};

/// nginx's default buffer for the head of an answer.
const SMALL_BUFFER: usize = 4096;

fn sign_up() -> Value {
    json!({"public": {"autoSignup": true}})
}

/// Bytes of the head of an answer.
fn size_of_head(answer: &Answer) -> usize {
    let lines = answer.headers.iter();
    let lines = lines.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    "HTTP/1.1 200 OK\r\n\r\n".len() + lines.sum::<usize>()
}

#[actix_web::test]
async fn two_tabs_that_begin_at_the_same_moment_both_come_back() {
    let app = TestApp::with_options(sign_up()).await;
    let mut browser = app.browser();
    // Neither request knows the other's answer.
    let mut tabs = [browser.clone(), browser.clone()];
    let [one, other] = &mut tabs;
    let urls = tokio::join!(
        one.begin(json!("/admin/one")),
        other.begin(json!("/admin/other"))
    );
    for tab in tabs {
        browser.cookies.extend(tab.cookies);
    }
    for (url, target) in [(urls.0, "/admin/one"), (urls.1, "/admin/other")] {
        let location = app.sandbox.choose(&url, "lina").await;
        let answer = browser.get(&location).await;
        let session = answer.session().unwrap_or_else(|| panic!("{answer:?}"));
        assert_eq!(session["target"], target);
    }
}

/// Cookies that other programs under this host name have set: in GBK, without a name, and with
/// percent signs that do not encode text.
const OF_OTHERS: [&[u8]; 4] = [b"user=\xd5\xc5\xce\xb0", b"nonsense", b"=x", b"a=%ff"];

#[actix_web::test]
async fn cookies_of_others_that_are_no_text_are_in_nobodys_way() {
    let app = TestApp::with_options(sign_up()).await;
    for foreign in OF_OTHERS {
        let mut browser = app.browser();
        let url = browser.begin(json!("/admin/x")).await;
        let location = app.sandbox.choose(&url, "lina").await;
        let (name, (_, value)) = browser.cookies.first_key_value().unwrap();
        let ours = format!("{name}={value}");
        let line = [foreign, ours.as_bytes(), foreign].join(b"; ".as_slice());
        let request = browser.http().get(&location);
        let request = request.header(COOKIE, HeaderValue::from_bytes(&line).unwrap());
        let page = request.send().await.unwrap().text().await.unwrap();
        assert!(page.contains("const session = "), "{foreign:?} {page}");
    }
    // One of the cookies is NocoBase's own.
    let line = [OF_OTHERS[0], b"nb_authenticator_main=dingtalk"].join(b"; ".as_slice());
    let request = app
        .browser()
        .http()
        .post(app.url("/api/dingtalk:getAuthUrl"));
    let request = request.header(COOKIE, HeaderValue::from_bytes(&line).unwrap());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[actix_web::test]
async fn nocobase_gets_them_as_they_are_and_no_name_that_it_does_not_know() {
    let upstream = ScriptedUpstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let gateway = TestGateway::before(upstream).await;
    gateway.create_authenticator("dt", true).await;
    let mut request = b"GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ".to_vec();
    request.extend([OF_OTHERS[0], b"nb_authenticator_main=dt"].join(b"; ".as_slice()));
    request.extend(b"\r\n\r\n");
    gateway.exchange(&request);
    let head = &gateway.upstream.heads()[0];
    assert!(head.contains("user=\u{fffd}"), "{head}");
    assert!(head.contains("; nb_authenticator_main=basic\r\n"), "{head}");
}

#[actix_web::test]
async fn no_answer_has_more_headers_than_small_buffers_hold() {
    let app = TestApp::with_options(sign_up()).await;
    let page = |at: usize| format!("/admin/{at}?filter={}", "x".repeat(270));
    let longest = format!("/admin/{}", "a".repeat(1000));
    let slashes = "/a".repeat(380);
    for targets in [
        (0..6).map(page).collect(),
        vec![longest; 3],
        vec![slashes; 3],
    ] {
        let mut browser = app.browser();
        let mut urls = Vec::new();
        for target in &targets {
            let begun = browser.try_begin(json!(target)).await;
            assert!(size_of_head(&begun) < SMALL_BUFFER, "{begun:?}");
            assert!(cookies_of(&browser) < SMALL_BUFFER);
            urls.push(begun.json()["data"].as_str().unwrap().to_owned());
        }
        let last = urls.pop().unwrap();
        let denied = app.sandbox.return_with(&last, json!({"deny": true})).await;
        let refused = browser.get(&denied).await;
        assert_eq!(refused.failure().as_deref(), Some("DINGTALK_DENIED"));
        assert!(size_of_head(&refused) < SMALL_BUFFER, "{refused:?}");

        let begun = browser.begin(json!(targets[0])).await;
        let location = app.sandbox.choose(&begun, "lina").await;
        let page = browser.get(&location).await;
        assert_eq!(page.session().unwrap()["target"], targets[0]);
        assert!(size_of_head(&page) < SMALL_BUFFER, "{page:?}");
        // Of a long target, only the page is known afterwards.
        let again = browser.get(&location).await;
        assert!(again.header("location").len() <= 256, "{again:?}");
        assert!(again.header("location").starts_with("/admin"), "{again:?}");
    }
}

/// How many bytes of cookies the browser sends for attempts.
fn cookies_of(browser: &Browser) -> usize {
    let names = browser.attempts();
    let sizes = names
        .iter()
        .map(|name| name.len() + browser.cookies[name].1.len() + 3);
    sizes.sum()
}
