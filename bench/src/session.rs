//! A session of the root account.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use crate::Failure;
use crate::bare::Recorded;

/// How long an answer may take. A hundred simultaneous sign-ins wait for each other.
const PATIENCE: Duration = Duration::from_mins(1);

/// The root account at a server.
#[derive(Clone)]
pub struct Session {
    /// The address of the server.
    pub url: String,
    /// The token.
    pub token: String,
    /// The client, which keeps connections.
    pub client: Client,
}

impl Session {
    /// Signs in with the default password, or the one in `NOCOBASE_PEER_PASSWORD`.
    pub async fn begin(url: &str) -> Result<Self, Failure> {
        let client = Client::builder().timeout(PATIENCE).build()?;
        let password = std::env::var("NOCOBASE_PEER_PASSWORD");
        let password = password.unwrap_or_else(|_| "admin123".to_owned());
        let url = url.trim_end_matches('/').to_owned();
        let body = json!({"account": "nocobase", "password": password});
        let token = sign_in(&client, &url, &body, "127.0.0.1").await?;
        Ok(Self { url, token, client })
    }

    /// The same token at another server.
    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// Calls an action and returns its data.
    pub async fn post(&self, action: &str, body: &Value) -> Result<Value, Failure> {
        let request = self.client.post(format!("{}/api/{action}", self.url));
        let answer = request.bearer_auth(&self.token).json(body).send().await?;
        let mut answer: Value = answer.error_for_status()?.json().await?;
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }

    /// The answer of an action, for the bare handler to send.
    pub async fn record(&self, action: &str) -> Result<Recorded, Failure> {
        let path = format!("/api/{action}");
        let request = self.client.get(format!("{}{path}", self.url));
        let answer = request.bearer_auth(&self.token).send().await?;
        let answer = answer.error_for_status()?;
        let own = ["date", "content-length", "connection"];
        let headers = answer.headers().iter();
        let headers = headers.filter(|(name, _)| !own.contains(&name.as_str()));
        let text =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                Some((name.to_string(), value.to_str().ok()?.to_owned()))
            };
        Ok(Recorded {
            path,
            headers: headers.filter_map(text).collect(),
            body: answer.text().await?,
        })
    }
}

/// Signs in from this address and returns the token.
pub async fn sign_in(
    client: &Client,
    url: &str,
    body: &Value,
    from: &str,
) -> Result<String, Failure> {
    let request = client.post(format!("{url}/api/auth:signIn"));
    let answer = request
        .header("x-forwarded-for", from)
        .json(body)
        .send()
        .await?;
    let answer: Value = answer.error_for_status()?.json().await?;
    let token = answer.pointer("/data/token").and_then(Value::as_str);
    Ok(token.ok_or("no token")?.to_owned())
}
