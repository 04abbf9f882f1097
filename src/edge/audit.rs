//! What actions tell the audit trail.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

use super::{ApiError, Call, peer};
use crate::domain::audit::{self, Action, Event, Origin};
use crate::domain::identity_provider::ProviderNames;
use crate::state::AppState;

/// What an action is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The account, where one is known.
    pub user_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<&'a str>,
    /// The provider that it came about through, where it was one.
    pub provider: Option<&'static ProviderNames>,
}

impl<'a> About<'a> {
    /// An account.
    pub fn user(id: i64) -> Self {
        Self {
            user_id: Some(id),
            ..Self::default()
        }
    }

    /// An authenticator.
    pub fn authenticator(name: &'a str) -> Self {
        Self {
            authenticator: Some(name),
            ..Self::default()
        }
    }

    /// Through this provider.
    #[must_use]
    pub fn through(self, provider: &'static ProviderNames) -> Self {
        Self {
            provider: Some(provider),
            ..self
        }
    }

    /// At this authenticator.
    #[must_use]
    pub fn at(self, name: &'a str) -> Self {
        Self {
            authenticator: Some(name),
            ..self
        }
    }
}

/// A sign-in that is refused, and the account that it is about, where one is known: for the audit
/// trail alone.
#[derive(Debug)]
pub struct Refused {
    /// What the client learns.
    pub error: ApiError,
    /// The account.
    pub user_id: Option<i64>,
}

impl Refused {
    /// A refusal to sign somebody in to this account, if it is one.
    pub fn of(user_id: Option<i64>, error: impl Into<ApiError>) -> Self {
        let error = error.into();
        Self { error, user_id }
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::of(None, error)
    }
}

impl Call {
    /// Records that something was done.
    pub async fn record(&self, action: Action, about: About<'_>) {
        self.count(action, "OK", about);
        self.keep(action, None, about).await;
    }

    /// Records that something was refused, unless it made no sense in the first place.
    pub async fn record_refusal(&self, action: Action, why: &ApiError, about: About<'_>) {
        self.count(action, &why.fixed_code(), about);
        if let Some(reason) = why.reason() {
            self.keep(action, Some(reason), about).await;
        }
    }

    /// Records that a sign-in was refused, to the account that the refusal is about.
    pub async fn record_refused(&self, action: Action, refused: &Refused, about: About<'_>) {
        let about = About {
            user_id: refused.user_id,
            ..about
        };
        self.record_refusal(action, &refused.error, about).await;
    }

    /// Records what came of something.
    pub async fn record_outcome<T>(
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
    fn count(&self, action: Action, result: &str, about: About<'_>) {
        let metrics = &self.app.metrics;
        match (action, about.provider) {
            (Action::PasswordSignIn, _) => metrics.sign_in("password", result),
            (Action::SignIn, Some(provider)) => metrics.sign_in(provider.resource, result),
            (Action::InAppSignIn, Some(provider)) => {
                metrics.in_app_sign_in(provider.resource, result);
            }
            _ => {}
        }
    }

    /// The request's id, for the audit trail.
    pub fn request_name(&self) -> String {
        String::from_utf8_lossy(self.request_id.as_bytes()).into_owned()
    }

    async fn keep(&self, action: Action, refused: Option<Cow<'static, str>>, about: About<'_>) {
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
pub fn origin(app: &AppState, request: &HttpRequest, request_id: Option<String>) -> Origin {
    let agent = request.headers().get(USER_AGENT);
    Origin {
        address: peer::address(request, &app.config.http),
        user_agent: agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()),
        request_id,
    }
}
