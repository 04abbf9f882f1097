//! With a real NocoBase beside us: each accepts the other's tokens.
//!
//! Needs a running NocoBase 2.2.15 whose root account is `nocobase` / `admin123`:
//!
//! ```text
//! NOCOBASE_PEER_URL=http://127.0.0.1:13900 NOCOBASE_PEER_APP_KEY=… make test-tokens
//! ```
//!
//! The key is its `APP_KEY`, which counts while its storage folder holds no
//! `apps/main/jwt_secret.dat`.

use std::env;

use nocobase_dingtalk::domain::session::{Claims, SigningKey};
use serde_json::{Value, json};

use crate::support::TestApp;

struct Peer {
    url: String,
    key: String,
    http: reqwest::Client,
}

impl Peer {
    fn from_environment() -> Self {
        let setting = |name| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
        // A connection from the pool may be closed just when it is used again.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0);
        Self {
            url: setting("NOCOBASE_PEER_URL"),
            key: setting("NOCOBASE_PEER_APP_KEY"),
            http: http.build().unwrap(),
        }
    }

    async fn sign_in(&self) -> String {
        let body = json!({"account": "nocobase", "password": "admin123"});
        let request = self
            .http
            .post(format!("{}/api/auth:signIn", self.url))
            .json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["data"]["token"]
            .as_str()
            .expect("the peer signs its root account in")
            .to_owned()
    }

    /// Status, body and renewed token of `auth:check`.
    async fn check(&self, token: &str) -> (u16, Value, Option<String>) {
        let request = self
            .http
            .get(format!("{}/api/auth:check", self.url))
            .bearer_auth(token);
        let response = request.send().await.unwrap();
        let renewed = response.headers().get("x-new-token");
        let renewed = renewed.map(|token| token.to_str().unwrap().to_owned());
        (
            response.status().as_u16(),
            response.json().await.unwrap(),
            renewed,
        )
    }
}

#[actix_web::test]
#[ignore = "needs a running NocoBase, see the head of this file"]
async fn each_accepts_the_others_tokens() {
    let peer = Peer::from_environment();
    let app = TestApp::with_flags(&[&format!("--app-key={}", peer.key)], json!({})).await;

    let ours = app.browser().sign_in_as_root().await;
    let (status, body, _) = peer.check(&ours).await;
    println!(
        "our token at NocoBase: {status}, user {}",
        body["data"]["username"]
    );
    assert_eq!((status, &body["data"]["id"]), (200, &json!(1)), "{body}");

    let theirs = peer.sign_in().await;
    let answer = app.browser().get_as(&theirs, "/api/auth:check").await;
    println!(
        "NocoBase's token here: {}, user {}",
        answer.status,
        answer.json()["data"]["username"]
    );
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["data"]["id"]),
        (200, &json!(1))
    );

    // An expired token of ours, for a session that NocoBase has a row of, is renewed there, and
    // what it renews to is good here.
    let signing = SigningKey::new(peer.key.as_bytes());
    let claims = signing.read(&theirs).unwrap();
    let expired = Claims {
        exp: claims.exp.map(|exp| exp - 86_460),
        ..claims
    };
    let (status, _, renewed) = peer.check(&signing.sign(&expired).unwrap()).await;
    println!(
        "our expired token at NocoBase: {status}, renewed: {}",
        renewed.is_some()
    );
    assert_eq!(status, 200);
    let renewed = renewed.expect("the session has a row");
    let answer = app.browser().get_as(&renewed, "/api/auth:check").await;
    println!("NocoBase's renewed token here: {}", answer.status);
    assert_eq!(answer.status, 200);
}
