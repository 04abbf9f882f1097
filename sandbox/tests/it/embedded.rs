//! The login within a page of the app: the script, and the frame that it opens.

use reqwest::{Method, RequestBuilder};

use crate::harness::{CALLBACK, Fake, authorization_path};

fn frame_path(changes: &[(&str, &str)]) -> String {
    authorization_path(changes).replacen("/oauth2/auth", "/oauth2/frame", 1)
}

/// A button of the page in the frame.
fn press(fake: &Fake, path: &str, body: &'static str) -> RequestBuilder {
    let request = fake.request(Method::POST, path);
    let form = "application/x-www-form-urlencoded";
    request.header("content-type", form).body(body)
}

#[tokio::test]
async fn the_script_offers_the_function_of_dingtalk() {
    let fake = Fake::start();
    let path = "/h5-dingtalk-login/ddlogin.js";
    let answer = fake.send(fake.request(Method::GET, path)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("window.DTFrameLogin = "));
}

#[tokio::test]
async fn who_scans_is_told_to_the_page_of_the_app_alone() {
    let fake = Fake::start();
    let path = frame_path(&[]);
    let shown = fake.send(fake.request(Method::GET, &path)).await;
    assert!(shown.text.contains("value=\"lina\""), "{}", shown.text);
    let policy = shown.headers["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("frame-ancestors"), "any page may show it");
    let pressed = press(&fake, &path, "person=lina");
    let scanned = fake.send(pressed).await;
    assert!(scanned.location.is_none(), "the frame stays where it is");
    let origin = CALLBACK.strip_suffix("/callback").unwrap();
    assert!(
        scanned
            .text
            .contains(&format!("postMessage(message, \"{origin}\")")),
        "{}",
        scanned.text
    );
    assert!(
        scanned.text.contains("\"success\":true"),
        "{}",
        scanned.text
    );
    let denied = press(&fake, &path, "deny=yes");
    let denied = fake.send(denied).await;
    assert!(denied.text.contains("\"success\":false"), "{}", denied.text);
}

#[tokio::test]
async fn a_wrong_request_gets_an_error_page_in_the_frame() {
    let fake = Fake::start();
    let path = frame_path(&[("client_id", "nobody")]);
    let answer = fake.send(fake.request(Method::GET, &path)).await;
    assert_eq!(answer.status, 400);
}
