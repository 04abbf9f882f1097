//! Asks our server what NocoBase was asked.

use chrono::TimeDelta;
use reqwest::{Client, Method, header};
use serde_json::Value;

use super::ids::Ids;
use super::record::Record;
use super::substitute;
use super::tokens::Tokens;
use crate::support::TestApp;

/// What our server answered.
pub struct Answer {
    /// Where it was asked.
    pub origin: String,
    pub status: u16,
    pub headers: header::HeaderMap,
    pub text: String,
    pub json: Option<Value>,
}

impl Answer {
    /// Of a connection, which is answered with frames.
    pub fn of_frames(text: String) -> Self {
        Self {
            origin: String::new(),
            status: 101,
            headers: header::HeaderMap::new(),
            text,
            json: None,
        }
    }

    /// Values of a header.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .get_all(name)
            .into_iter()
            .map(|value| value.to_str().unwrap())
    }

    /// Message of the first error.
    pub fn message(&self) -> Option<&str> {
        self.json.as_ref()?["errors"][0]["message"].as_str()
    }

    /// Whether the server has no such action.
    pub fn is_not_found(&self) -> bool {
        self.status == 404 && self.json.is_none()
    }

    /// Status, body and headers, for a message.
    pub fn summary(&self) -> String {
        format!("{} {} {:?}", self.status, self.text, self.headers)
    }
}

/// A replay in progress.
pub struct Replay {
    app: TestApp,
    http: Client,
    tokens: Tokens,
}

impl Replay {
    pub fn new(app: TestApp) -> Self {
        // Cookies are sent as they were recorded, so none are kept.
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // A connection from the pool may be closed just when it is used again.
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        let tokens = Tokens::default();
        Self { app, http, tokens }
    }

    /// The answer to a recorded request.
    pub async fn answer(&mut self, record: &Record, ids: &Ids) -> Answer {
        // A password that was changed ends the sessions of the same second.
        self.app.clock.advance(TimeDelta::seconds(1));
        let now = self.app.clock.now().timestamp_millis();
        for (name, mint) in &record.mint {
            self.tokens.mint(name, mint, now);
        }
        let method = Method::from_bytes(record.method.as_bytes()).unwrap();
        let mut request = self
            .http
            .request(method, self.app.url(&self.fill(&ids.fill(&record.path))));
        if !record.headers.contains_key("Accept") {
            request = request.header(header::ACCEPT, "application/json");
        }
        for (name, value) in &record.headers {
            request = request.header(name, self.fill(value));
        }
        let body = match (&record.body, &record.raw_body) {
            (Some(json), _) => Some(json.to_string()),
            (None, raw) => raw.clone(),
        };
        if let Some(body) = body {
            request = request.body(self.fill(&body));
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let is_json = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|value| value.to_str().unwrap().contains("json"));
        let json = is_json.then(|| serde_json::from_str(&text).unwrap());
        let answer = Answer {
            origin: self.app.url(""),
            status,
            headers,
            text,
            json,
        };
        self.keep_token(record, &answer);
        if answer.is_not_found() && record.status != 404 {
            substitute::perform(&self.app, &record.name).await;
        }
        answer
    }

    /// The token of a sign-in, under the name of the exchange and of the account.
    fn keep_token(&mut self, record: &Record, answer: &Answer) {
        let token = answer.json.as_ref().map(|json| &json["data"]["token"]);
        let account = record.body.as_ref().map(|body| &body["account"]);
        let Some(token) = token.and_then(Value::as_str) else {
            return;
        };
        self.tokens.remember(&record.name, token);
        if let Some(account) = account.and_then(Value::as_str) {
            let user = match account {
                "nocobase" => "root",
                account => account.trim_start_matches("t_"),
            };
            self.tokens.remember(user, token);
        }
    }

    fn fill(&self, text: &str) -> String {
        let text = self.tokens.fill(text);
        let text = text.replace("{{origin}}", &self.app.url(""));
        text.replace("{{rootPassword}}", "admin123")
    }
}
