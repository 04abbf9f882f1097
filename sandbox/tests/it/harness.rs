//! A sandbox of its own for each test, and shorthands for calling it.

use dingtalk_sandbox::{Sandbox, Settings, seed};
use reqwest::{Client, Method, RequestBuilder, Url, redirect::Policy};
use serde_json::{Value, json};

/// The redirect URI most tests sign in with.
pub const CALLBACK: &str = "http://127.0.0.1:13000/callback";

/// A running sandbox.
pub struct Fake {
    pub base: String,
    client: Client,
}

/// An answer, its body read.
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub location: Option<String>,
    pub headers: reqwest::header::HeaderMap,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// What both families call the reason: `code`, or `sub_code` within 88, or `errcode`.
    pub fn reason(&self) -> String {
        let body = self.json();
        let reason = [&body["code"], &body["sub_code"], &body["errcode"]]
            .into_iter()
            .find(|value| !value.is_null())
            .unwrap();
        reason
            .as_str()
            .map_or_else(|| reason.to_string(), str::to_owned)
    }
}

impl Fake {
    /// The seeded sandbox on any free port.
    pub fn start() -> Self {
        Self::start_with(Settings::default())
    }

    pub fn start_with(mut settings: Settings) -> Self {
        settings.listen.set_port(0);
        let sandbox = Sandbox::bind(settings).unwrap();
        let base = format!("http://{}", sandbox.address());
        tokio::spawn(sandbox.run());
        let client = Client::builder()
            .redirect(Policy::none())
            // A connection from the pool may be closed just when it is used again.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .unwrap();
        Self { base, client }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let headers = response.headers().clone();
        let location = headers
            .get("location")
            .map(|it| it.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answer {
            status,
            text,
            location,
            headers,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body))
            .await
    }

    pub async fn post_form(&self, path: &str, body: &str) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body.to_owned())).await
    }

    /// A control call that must succeed.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self
            .send(
                self.request(method, &format!("/_sandbox{path}"))
                    .json(&body),
            )
            .await;
        assert!(
            answer.status < 300,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        if answer.text.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    pub async fn advance(&self, seconds: u32) {
        self.control(Method::POST, "/clock", json!({"advanceSeconds": seconds}))
            .await;
    }

    pub async fn patch(&self, person: &str, patch: Value) {
        self.control(Method::PATCH, &format!("/people/{person}"), patch)
            .await;
    }

    pub async fn set_app(&self, change: Value) {
        let path = format!("/apps/{}", seed::CLIENT_ID);
        self.control(Method::PUT, &path, change).await;
    }

    pub async fn code(&self, person: &str, kind: &str) -> String {
        let body = json!({"person": person, "kind": kind});
        let issued = self.control(Method::POST, "/codes", body).await;
        issued["code"].as_str().unwrap().to_owned()
    }

    /// Exchanges a code with the right credentials.
    pub async fn exchange(&self, code: &str) -> Answer {
        let body = json!({
            "clientId": seed::CLIENT_ID, "clientSecret": seed::CLIENT_SECRET,
            "code": code, "grantType": "authorization_code",
        });
        self.post("/v1.0/oauth2/userAccessToken", body).await
    }

    pub async fn user_token(&self, person: &str) -> String {
        let code = self.code(person, "oauth").await;
        self.exchange(&code).await.json()["accessToken"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub async fn app_token(&self) -> String {
        let path = format!(
            "/gettoken?appkey={}&appsecret={}",
            seed::CLIENT_ID,
            seed::CLIENT_SECRET
        );
        self.get(&path).await.json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A profile, read with a person's token.
    pub async fn profile(&self, token: &str, who: &str) -> Answer {
        let request = self
            .request(Method::GET, &format!("/v1.0/contact/users/{who}"))
            .header("x-acs-dingtalk-access-token", token);
        self.send(request).await
    }

    /// A call of the old family with a good token.
    pub async fn old(&self, path: &str, body: Value) -> Answer {
        let token = self.app_token().await;
        self.post(&format!("{path}?access_token={token}"), body)
            .await
    }
}

/// The address of the login page, with some parameters replaced, added, or (empty) left out.
pub fn authorization_path(changes: &[(&str, &str)]) -> String {
    let mut parameters = vec![
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("client_id", seed::CLIENT_ID),
        ("scope", "openid"),
        ("prompt", "consent"),
        ("state", "s-1"),
    ];
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        if !value.is_empty() {
            parameters.push((name, value));
        }
    }
    let url = Url::parse_with_params("http://sandbox/oauth2/auth", parameters).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

/// A parameter of a redirect.
pub fn parameter(location: &str, wanted: &str) -> Option<String> {
    Url::parse(location)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}
