//! A client that stores cookies like a browser, and follows no redirects.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::TestSandbox;
use super::app::AUTHENTICATOR;

/// A client.
#[derive(Clone)]
pub struct Browser {
    http: reqwest::Client,
    base: String,
    /// Cookies with their paths.
    pub cookies: BTreeMap<String, (String, String)>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when it is not.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Code of the first error.
    pub fn code(&self) -> String {
        self.json()["errors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Message of the first error.
    pub fn message(&self) -> String {
        self.json()["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The id of the row that was created or asked for.
    pub fn id(&self) -> i64 {
        self.json()["data"]["id"].as_i64().expect(&self.text)
    }

    /// The names of the listed rows.
    pub fn names(&self) -> Vec<String> {
        let listed = self.json();
        let rows = listed["data"].as_array().expect(&self.text).iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// What a page that hands over a session would write into the browser's storage.
    pub fn session(&self) -> Option<Value> {
        let (_, rest) = self.text.split_once("const session = ")?;
        let (json, _) = rest.split_once(";\n")?;
        serde_json::from_str(json).ok()
    }

    /// The code of the refusal in an address that leads to the sign-in page.
    pub fn failure(&self) -> Option<String> {
        assert_eq!(self.status, 303, "{}", self.text);
        let url = Url::parse("http://x")
            .unwrap()
            .join(self.header("location"))
            .unwrap();
        let (_, code) = url.query_pairs().find(|(key, _)| key == "dingtalkError")?;
        Some(code.into_owned())
    }
}

impl Browser {
    /// A client of the server at this address.
    pub fn at(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // A connection from the pool may be closed just when it is used again.
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self {
            http,
            base: format!("http://{address}"),
            cookies: BTreeMap::new(),
        }
    }

    /// Another browser, with no cookies and the same connections, for a server at this address.
    pub fn fresh_at(&self, address: SocketAddr) -> Self {
        Self {
            http: self.http.clone(),
            base: format!("http://{address}"),
            cookies: BTreeMap::new(),
        }
    }

    /// The client underneath, for requests that no browser sends.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The names of the cookies of pending sign-ins.
    pub fn attempts(&self) -> Vec<String> {
        let names = self.cookies.keys();
        let ours = names.filter(|name| name.starts_with("nocobase_dingtalk_"));
        ours.cloned().collect()
    }

    /// Sends a request with headers, and with a JSON body if there is one.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// Like [`Browser::send`], for a server that may stop at any moment.
    pub async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let url = if path.starts_with('/') {
            format!("{}{path}", self.base)
        } else {
            path.to_owned()
        };
        let mut request = self.http.request(method, &url);
        let asked = Url::parse(&url).unwrap().path().to_owned();
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .filter(|(_, (path, _))| asked.starts_with(path.as_str()))
            .map(|(name, (_, value))| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        self.keep_cookies(&headers);
        Ok(Answer {
            status,
            headers,
            text: response.text().await?,
        })
    }

    fn keep_cookies(&mut self, headers: &header::HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let mut parts = value.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts
                .clone()
                .find_map(|part| part.strip_prefix("Path="))
                .unwrap_or("/");
            if parts.any(|part| part == "Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies
                    .insert(name.to_owned(), (path.to_owned(), value.to_owned()));
            }
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn get_as(&mut self, token: &str, path: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.send(Method::GET, path, &[("authorization", &bearer)], None)
            .await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Sends a POST request with this token.
    pub async fn post_as(&mut self, token: &str, path: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {token}");
        self.send(
            Method::POST,
            path,
            &[("authorization", &bearer)],
            Some(body),
        )
        .await
    }

    /// Signs in with this password and gives the token.
    pub async fn sign_in_as(&mut self, account: &str, password: &str) -> String {
        let body = json!({"account": account, "password": password});
        let answer = self.post("/api/auth:signIn", body).await;
        answer.json()["data"]["token"]
            .as_str()
            .expect(&answer.text)
            .to_owned()
    }

    /// Signs in as the root account and gives the token.
    pub async fn sign_in_as_root(&mut self) -> String {
        self.sign_in_as("nocobase", "admin123").await
    }

    /// Clicks the button, and returns the address of DingTalk's login page.
    pub async fn begin(&mut self, redirect: Value) -> String {
        let answer = self.try_begin(redirect).await;
        answer.json()["data"]
            .as_str()
            .expect(&answer.text)
            .to_owned()
    }

    pub async fn try_begin(&mut self, redirect: Value) -> Answer {
        let headers = [("x-authenticator", AUTHENTICATOR)];
        let body = Some(json!({"redirect": redirect}));
        self.send(Method::POST, "/api/dingtalk:getAuthUrl", &headers, body)
            .await
    }

    /// Clicks the button, signs in at DingTalk as this person, and comes back.
    pub async fn sign_in(&mut self, sandbox: &TestSandbox, person: &str) -> Answer {
        let authorization_url = self.begin(Value::Null).await;
        let location = sandbox.choose(&authorization_url, person).await;
        self.get(&location).await
    }
}
