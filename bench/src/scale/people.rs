//! People who sign in, and the time that the server takes for it.

use std::ops::Range;
use std::time::{Duration, Instant};

use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::Failure;

/// The sandbox's application.
pub const CLIENT_ID: &str = "dingsandboxclient";
/// Its secret, which protects nothing.
pub const CLIENT_SECRET: &str = "sandbox-client-secret-not-a-real-one-do-not-use-anywhere-else-00";
/// A person who is bound to the root account.
pub const SUBJECT: &str = "zhangwei";
/// The numbers of employees for whom there is an account with their phone number that is not bound.
pub const LINKED: Range<u64> = 100..400;
/// The numbers of employees without an account.
pub const STRANGERS: Range<u64> = 1000..1300;
/// The number of employees of the sandbox.
const EMPLOYEES: u64 = 1300;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long an idle connection is kept. The server closes it after five seconds, and a request that is sent at that
/// moment would fail.
const IDLE: Duration = Duration::from_secs(2);

/// The sandbox, which is controlled by its API.
#[derive(Clone)]
pub struct People {
    sandbox: String,
    client: Client,
}

/// A browser that asks from an address of its own.
pub struct Visitor<'a> {
    people: &'a People,
    server: &'a str,
    address: String,
}

/// The result of a sign-in.
pub struct Arrival {
    /// How long the server took, in milliseconds.
    pub took: f64,
    /// The token of the session.
    pub token: String,
}

impl People {
    /// Hires everybody at this sandbox.
    pub async fn at(sandbox: &str) -> Result<Self, Failure> {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .pool_idle_timeout(IDLE);
        let people = Self {
            sandbox: sandbox.to_owned(),
            client: client.build()?,
        };
        people
            .control("people", &json!({"count": EMPLOYEES}))
            .await?;
        Ok(people)
    }

    async fn control(&self, path: &str, body: &Value) -> Result<Response, Failure> {
        let asked = self
            .client
            .post(format!("{}/_sandbox/{path}", self.sandbox));
        Ok(asked.json(body).send().await?.error_for_status()?)
    }

    /// The browser of one person at this server. Its address is made from the number.
    pub fn visitor<'a>(&'a self, server: &'a str, number: usize) -> Visitor<'a> {
        Visitor {
            people: self,
            server,
            address: format!("10.{}.{}.1", number / 250, number % 250),
        }
    }
}

impl Visitor<'_> {
    fn get(&self, path: &str) -> RequestBuilder {
        let asked = self.people.client.get(format!("{}{path}", self.server));
        asked.header("x-forwarded-for", &self.address)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let asked = self.people.client.post(format!("{}{path}", self.server));
        asked.header("x-forwarded-for", &self.address).json(body)
    }

    /// Signs in through DingTalk.
    pub async fn sign_in(&self, authenticator: &str, person: &str) -> Result<Arrival, Failure> {
        let (took, answer) = self.come_back(authenticator, person).await?;
        let page = answer.text().await?;
        let session = page.split_once("const session = ");
        let session = session.and_then(|(_, rest)| rest.split_once(";\n"));
        let (session, _) = session.ok_or_else(|| format!("{person} is not signed in"))?;
        let session: Value = serde_json::from_str(session)?;
        let token = session.get("token").and_then(Value::as_str);
        let token = token.ok_or("no token")?.to_owned();
        Ok(Arrival { took, token })
    }

    /// Tries to sign in through DingTalk, and is refused. Returns the time in milliseconds.
    pub async fn is_refused(&self, authenticator: &str, person: &str) -> Result<f64, Failure> {
        let (took, answer) = self.come_back(authenticator, person).await?;
        let location = header(answer.headers(), LOCATION.as_str());
        if location.contains("DINGTALK_USER_NOT_FOUND") {
            return Ok(took);
        }
        Err(format!("{person} should be a stranger: {location}").into())
    }

    /// Goes to DingTalk and comes back. The time is that of the server, without DingTalk's login page.
    async fn come_back(
        &self,
        authenticator: &str,
        person: &str,
    ) -> Result<(f64, Response), Failure> {
        let asked = self.post("/api/dingtalk:getAuthUrl", &json!({"redirect": null}));
        let (there, answer) = timed(asked.header("x-authenticator", authenticator)).await?;
        let cookies = cookies(answer.headers());
        let answer: Value = answer.error_for_status()?.json().await?;
        let url = answer.get("data").ok_or("no address")?;
        let chosen = json!({"authorizationUrl": url, "person": person});
        let chosen: Value = self
            .people
            .control("sign-in", &chosen)
            .await?
            .json()
            .await?;
        let location = chosen.get("location").and_then(Value::as_str);
        let location = location.ok_or("no location")?.to_owned();
        let path = location.strip_prefix(self.server).ok_or("not our server")?;
        let (back, answer) = timed(self.get(path).header(COOKIE, cookies)).await?;
        Ok((there + back, answer))
    }

    /// Signs in with a password. Returns the time in milliseconds.
    pub async fn sign_in_with_password(
        &self,
        account: &str,
        password: &str,
    ) -> Result<f64, Failure> {
        let body = json!({"account": account, "password": password});
        let (took, answer) = timed(self.post("/api/auth:signIn", &body)).await?;
        answer.error_for_status()?;
        Ok(took)
    }

    /// Sends a request with this token. Returns the time in milliseconds, and the answer.
    pub async fn ask(&self, token: &str, path: &str) -> Result<(f64, Value), Failure> {
        let (took, answer) = timed(self.get(&format!("/api/{path}")).bearer_auth(token)).await?;
        Ok((took, answer.error_for_status()?.json().await?))
    }

    /// Creates something with this token. Returns the time in milliseconds.
    pub async fn create(&self, token: &str, path: &str, body: &Value) -> Result<f64, Failure> {
        let asked = self.post(&format!("/api/{path}"), body).bearer_auth(token);
        let (took, answer) = timed(asked).await?;
        answer.error_for_status()?;
        Ok(took)
    }
}

/// The time until the head of an answer arrives, in milliseconds. The server writes bodies before that.
async fn timed(asked: RequestBuilder) -> Result<(f64, Response), Failure> {
    let started = Instant::now();
    let answer = asked.send().await?;
    Ok((started.elapsed().as_secs_f64() * 1000.0, answer))
}

fn cookies(headers: &HeaderMap) -> String {
    let all = headers.get_all(SET_COOKIE).iter();
    let pairs = all.filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    text.unwrap_or_default().to_owned()
}
