//! What actions tell the audit trail, and the list of it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::USER_AGENT;
use chrono::{DateTime, Utc};
use entity::audit::{Entity, Model};
use serde::Serialize;

use super::shape::date;
use super::{ApiError, Call, peer, rows};
use crate::app::App;
use crate::domain::audit::{self, Action, Event, Origin};

/// What an action is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About<'a> {
    /// The account, where one is known.
    pub user_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<&'a str>,
}

impl<'a> About<'a> {
    /// An account.
    pub fn user(id: i64) -> Self {
        Self {
            user_id: Some(id),
            authenticator: None,
        }
    }

    /// An authenticator.
    pub fn authenticator(name: &'a str) -> Self {
        Self {
            user_id: None,
            authenticator: Some(name),
        }
    }

    /// At this authenticator.
    pub fn at(self, name: &'a str) -> Self {
        Self {
            authenticator: Some(name),
            ..self
        }
    }
}

impl Call {
    /// Records that something was done.
    pub(super) async fn record(&self, action: Action, about: About<'_>) {
        self.count(action, "OK");
        self.keep(action, None, about).await;
    }

    /// Records that something was refused, unless it made no sense in the first place.
    pub(super) async fn record_refusal(&self, action: Action, why: &ApiError, about: About<'_>) {
        self.count(action, why.fixed_code());
        if let Some(reason) = why.reason() {
            self.keep(action, Some(reason), about).await;
        }
    }

    /// Records what came of something.
    pub(super) async fn record_outcome<T>(
        &self,
        action: Action,
        outcome: &Result<T, ApiError>,
        about: About<'_>,
    ) {
        match outcome {
            Ok(_) => self.record(action, about).await,
            Err(error) => self.record_refusal(action, error, about).await,
        }
    }

    /// Counts what came of a sign-in.
    fn count(&self, action: Action, result: &'static str) {
        let provider = match action {
            Action::PasswordSignIn => "password",
            Action::SignIn => "dingtalk",
            Action::InAppSignIn => "dingtalk_in_app",
            _ => return,
        };
        self.app.metrics.sign_in(provider, result);
    }

    /// The request's id, for the audit trail.
    pub(super) fn request_name(&self) -> String {
        String::from_utf8_lossy(self.request_id.as_bytes()).into_owned()
    }

    async fn keep(&self, action: Action, refused: Option<&'static str>, about: About<'_>) {
        let request_id = self.request_name();
        let event = Event {
            action,
            refused,
            user_id: about.user_id,
            actor_id: self.caller.as_ref().map(|caller| caller.user.id),
            authenticator: about.authenticator.map(str::to_owned),
            origin: origin(&self.app, &self.request, Some(request_id)),
        };
        audit::record(&self.app.store, &self.app.attempts, event).await;
    }
}

/// Where a request came from.
pub(crate) fn origin(app: &App, request: &HttpRequest, request_id: Option<String>) -> Origin {
    let agent = request.headers().get(USER_AGENT);
    Origin {
        address: peer::address(request, &app.config.http),
        user_agent: agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()),
        request_id,
    }
}

/// A row, as clients see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: i64,
    #[serde(serialize_with = "date")]
    created_at: DateTime<Utc>,
    action: String,
    result: String,
    reason: Option<String>,
    user_id: Option<i64>,
    actor_id: Option<i64>,
    authenticator: Option<String>,
    address: String,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl From<Model> for Row {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            created_at: row.created_at,
            action: row.action,
            result: row.result,
            reason: row.reason,
            user_id: row.user_id,
            actor_id: row.actor_id,
            authenticator: row.authenticator,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    }
}

/// `dingtalkAudit:list`.
pub async fn list(call: Call) -> Result<HttpResponse, ApiError> {
    rows::list::<Entity, Row>(&call).await
}
