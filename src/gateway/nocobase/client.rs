//! A client of NocoBase's API that sends requests as an account.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request};
use serde_json::Value;
use tokio::time::{sleep, timeout};
use url::form_urlencoded;

use super::error::{CallError, first_error};
use super::role;
use crate::domain::sign_in;
use crate::gateway::body::RequestBody;
use crate::gateway::headers::{address_to_main, insert};
use crate::gateway::nodes::Nodes;
use crate::gateway::upstream::{Upstream, UpstreamError};
use crate::state::AppState;

/// How long NocoBase may take for one answer. Adding a hundred members to a department takes about
/// a second and a half, and three times as long when workflows start.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read, in bytes. Every request asks for one page of rows at most.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;
/// How long the token of one request is valid. This is enough for a request that waits in a queue.
const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(2);
/// How often a request is sent when NocoBase's database is busy, and the pause before the first
/// repetition; it doubles each time.
const TIMES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(50);

const X_AUTHENTICATOR: HeaderName = HeaderName::from_static("x-authenticator");
const X_LOCALE: HeaderName = HeaderName::from_static("x-locale");

/// NocoBase's API, called as one account.
pub struct NocoBase {
    app: Arc<AppState>,
    upstream: Upstream,
    account: i64,
    role: String,
    /// The value of the header `X-Authenticator`. NocoBase refuses requests that name no
    /// authenticator that it knows.
    authenticator: String,
}

impl NocoBase {
    /// A client of the NocoBase behind this gateway that acts as this account.
    ///
    /// # Errors
    ///
    /// [`CallError::NotAllowed`] when the account has no role with any of the needed permissions,
    /// and [`UpstreamError::Unsendable`] when no NocoBase is configured.
    pub async fn as_account(app: &Arc<AppState>, account: i64) -> Result<Self, CallError> {
        let nodes = Arc::new(Nodes::of(app.config.gateway.upstreams()));
        let upstream = Upstream::new(nodes, &app.metrics.upstream);
        upstream.node()?;
        let held = app.store.roles_of(account).await?;
        let authenticator = sign_in::session_authenticator(&app.store, &app.providers, "").await?;
        Ok(Self {
            app: app.clone(),
            upstream,
            account,
            role: role::strongest(&held).ok_or(CallError::NotAllowed)?,
            authenticator,
        })
    }

    /// The account that acts.
    pub fn account(&self) -> i64 {
        self.account
    }

    /// The state of the application.
    pub fn app(&self) -> &AppState {
        &self.app
    }

    /// The connections to NocoBase.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Calls an action that changes nothing, and returns `data` of the answer.
    pub async fn get(&self, action: &str, query: &[(&str, &str)]) -> Result<Value, CallError> {
        self.ask(Method::GET, action, query, None).await
    }

    /// Calls an action that changes something, and returns `data` of the answer.
    pub async fn post(
        &self,
        action: &str,
        query: &[(&str, &str)],
        body: &Value,
    ) -> Result<Value, CallError> {
        self.ask(Method::POST, action, query, Some(body)).await
    }

    /// Calls an action that changes one row, and returns `data` of the answer.
    pub async fn post_to(&self, action: &str, id: i64, body: &Value) -> Result<Value, CallError> {
        let id = id.to_string();
        self.post(action, &[("filterByTk", &id)], body).await
    }

    /// Sends a request, and repeats it while NocoBase's database is busy, because then nothing was
    /// done.
    async fn ask(
        &self,
        method: Method,
        action: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let mut pause = PAUSE;
        for _ in 1..TIMES {
            match self.ask_once(method.clone(), action, query, body).await {
                Err(CallError::Busy) => sleep(pause).await,
                outcome => return outcome,
            }
            pause *= 2;
        }
        self.ask_once(method, action, query, body).await
    }

    async fn ask_once(
        &self,
        method: Method,
        action: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let sessions = &self.app.sessions;
        let token = sessions.issue_api_key(self.account, &self.role, TOKEN_LIFE)?;
        let (status, answer) = self.send(method, action, query, body, &token).await?;
        if !(200..300).contains(&status) {
            return Err(CallError::of_answer(status, &answer));
        }
        match answer {
            Value::Object(mut answer) => Ok(answer.remove("data").unwrap_or_default()),
            _ => Err(CallError::Unreadable),
        }
    }

    /// Whether NocoBase would accept this API key's token again once its account has a role.
    pub async fn still_takes(&self, token: &str) -> Result<bool, CallError> {
        let (status, answer) = self
            .send(Method::GET, "auth:check", &[], None, token)
            .await?;
        match status {
            200..=299 => Ok(true),
            // An error code about roles means that only the account is refused, so the token is
            // still valid.
            401 => Ok(first_error(&answer, "code").contains("ROLE")),
            status => Err(CallError::of_answer(status, &answer)),
        }
    }

    async fn send(
        &self,
        method: Method,
        action: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
        token: &str,
    ) -> Result<(u16, Value), CallError> {
        let target = self.target(action, query);
        let mut head = self.upstream.head(method, &target, Some(token))?;
        let headers = &mut head.headers;
        address_to_main(headers);
        insert(headers, X_AUTHENTICATOR, &self.authenticator);
        headers.insert(X_LOCALE, HeaderValue::from_static("en-US"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let body = match body {
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                RequestBody::Whole(body.to_string().into())
            }
            None => RequestBody::Empty,
        };
        let answered = async {
            let response = self.upstream.send(Request::from_parts(head, body)).await?;
            let status = response.status().as_u16();
            let body = Upstream::read_at_most(response.into_body(), LARGEST_ANSWER).await?;
            Ok::<_, UpstreamError>((status, body))
        };
        let (status, body) = timeout(REQUEST_TIMEOUT, answered)
            .await
            .map_err(|_| CallError::TimedOut)??;
        // The body of an error may be plain text; then the status alone is used.
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    fn target(&self, action: &str, query: &[(&str, &str)]) -> String {
        let path = format!("{}{action}", self.app.config.http.api_path());
        if query.is_empty() {
            return path;
        }
        let mut written = form_urlencoded::Serializer::new(String::new());
        written.extend_pairs(query);
        format!("{path}?{}", written.finish())
    }
}
