//! How actions write to the audit trail.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

use super::{ApiError, Call, peer};
use crate::domain::audit::{self, Action, AuditEvent, PersonNamed, RequestOrigin};
use crate::domain::identity::Identity;
use crate::domain::identity_provider::ProviderNames;
use crate::state::AppState;

/// The subject of an audited action.
#[derive(Clone, Copy, Debug, Default)]
pub struct About<'a> {
    /// The account, where one is known.
    pub user_id: Option<i64>,
    /// The person who is refused, where one is known.
    pub person: Option<&'a PersonNamed>,
    /// Name of the authenticator.
    pub authenticator: Option<&'a str>,
    /// The identity provider, for what happened through one.
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

    /// Adds the provider.
    #[must_use]
    pub fn through(self, provider: &'static ProviderNames) -> Self {
        Self {
            provider: Some(provider),
            ..self
        }
    }

    /// Adds the authenticator.
    #[must_use]
    pub fn at(self, name: &'a str) -> Self {
        Self {
            authenticator: Some(name),
            ..self
        }
    }
}

/// A refused sign-in, with the account that it was for and the person, if known. Both are for the
/// audit trail only; the client does not learn them.
#[derive(Debug)]
pub struct Refused {
    /// The error that the client gets.
    pub error: ApiError,
    /// The account.
    pub user_id: Option<i64>,
    /// The person, as the provider names them.
    pub person: Option<PersonNamed>,
}

impl Refused {
    /// A sign-in that was refused with this error.
    pub fn of(user_id: Option<i64>, error: impl Into<ApiError>) -> Self {
        Self {
            error: error.into(),
            user_id,
            person: None,
        }
    }

    /// Adds the person.
    #[must_use]
    pub fn to(self, identity: &Identity) -> Self {
        Self {
            person: Some(identity.into()),
            ..self
        }
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::of(None, error)
    }
}

impl Call {
    /// Records that an action was performed.
    pub async fn record(&self, action: Action, about: About<'_>) {
        self.count(action, "OK", about);
        self.keep(action, None, about).await;
    }

    /// Records that an action was refused. Requests that made no sense in the first place are not
    /// recorded.
    pub async fn record_refusal(&self, action: Action, why: &ApiError, about: About<'_>) {
        self.count(action, &why.fixed_code(), about);
        if let Some(reason) = why.reason() {
            self.keep(action, Some(reason), about).await;
        }
    }

    /// Records that a sign-in was refused, with the account that it was for and the person.
    pub async fn record_refused<'a>(&self, action: Action, refused: &'a Refused, about: About<'a>) {
        let about = About {
            user_id: refused.user_id,
            person: refused.person.as_ref(),
            ..about
        };
        self.record_refusal(action, &refused.error, about).await;
    }

    /// Records whether an action was performed or refused.
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

    /// Counts the outcome of a sign-in in the metrics.
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

    /// The id of the request, for the audit trail.
    pub fn request_name(&self) -> String {
        String::from_utf8_lossy(self.request_id.as_bytes()).into_owned()
    }

    async fn keep(&self, action: Action, refused: Option<Cow<'static, str>>, about: About<'_>) {
        let request_id = self.request_name();
        let event = AuditEvent {
            action,
            refused,
            user_id: about.user_id,
            person: about.person.cloned(),
            actor_id: self.caller.as_ref().map(|caller| caller.user.id),
            authenticator: about.authenticator.map(str::to_owned),
            origin: origin(&self.app, &self.request, Some(request_id)),
        };
        audit::record(&self.app.store, &self.app.guess_limits, event).await;
    }
}

/// The client's address and browser, for the audit trail.
pub fn origin(app: &AppState, request: &HttpRequest, request_id: Option<String>) -> RequestOrigin {
    let agent = request.headers().get(USER_AGENT);
    RequestOrigin {
        address: peer::address(request, &app.config.http),
        user_agent: agent.map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned()),
        request_id,
    }
}
