//! Pages in a frame of another site, and secrets in what is printed.

use nocobase_dingtalk::provider::dingtalk::DingTalkOptions;
use serde_json::json;

use super::{CLIENT_SECRET, options, sign_up};
use crate::support::TestApp;

const KEY: &str = "the-key-of-this-test";

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
