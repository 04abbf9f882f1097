//! One request at the gateway, and what its answer is made with.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use http::header::{HeaderName, HeaderValue};

use super::Gateway;
use super::outgoing::Outgoing;
use super::tables::{self, Tables};
use super::upstream::{Upstream, UpstreamError};
use crate::edge::head::language;
use crate::edge::query::Query;
use crate::edge::request_log::RequestLog;
use crate::edge::{ApiError, cors};
use crate::locale::Locale;
use crate::metrics::RequestKind;
use crate::state::AppState;

/// What NocoBase gets as the name of a request, and the client as that of the answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request with what it is answered with.
pub struct Exchange {
    /// What every request can reach.
    pub app: Arc<AppState>,
    /// What this gateway knows.
    pub gateway: web::Data<Gateway>,
    /// The NocoBase behind us.
    pub upstream: web::Data<Upstream>,
    /// The request, as it came.
    pub request: HttpRequest,
    /// Its query.
    pub query: Query,
    /// When it came, and under which name.
    pub request_log: RequestLog,
}

impl Exchange {
    /// The language of messages.
    pub fn locale(&self) -> Locale {
        language(&self.request, &self.query)
            .map(Locale::of)
            .unwrap_or_default()
    }

    /// An answer that is ours alone, as our own actions give theirs.
    pub fn own(&self, mut answer: HttpResponse) -> HttpResponse {
        cors::apply(&self.request, &self.app.config.http, answer.headers_mut());
        answer
    }

    /// A refusal of ours.
    pub fn refused(&self, error: ApiError) -> HttpResponse {
        self.own(error.into_response(self.locale()))
    }

    /// An answer on its way to the client.
    pub fn answered(self, kind: RequestKind, mut answer: HttpResponse) -> HttpResponse {
        let Self {
            app,
            request,
            request_log,
            ..
        } = self;
        request_log.answered(&app, kind, &request, &mut answer);
        answer
    }

    /// What NocoBase's tables say of us.
    pub fn tables(&self) -> Arc<Tables> {
        self.gateway.tables.get()
    }

    /// The request as it came, for NocoBase.
    pub fn outgoing(&self) -> Result<Outgoing, UpstreamError> {
        let path = self.request.uri().path_and_query();
        self.outgoing_to(path.ok_or(UpstreamError::Unsendable)?.as_str())
    }

    /// The same with another path and query.
    pub fn outgoing_to(&self, target: &str) -> Result<Outgoing, UpstreamError> {
        let mut outgoing = Outgoing::of(&self.request, target, &self.app, &self.upstream)?;
        if let Ok(id) = HeaderValue::from_bytes(self.request_log.id().as_bytes()) {
            outgoing.head.headers.insert(REQUEST_ID, id);
        }
        Ok(outgoing)
    }

    /// A request for the main application with another path and query: without the names of
    /// authenticators that NocoBase does not know.
    pub fn outgoing_to_main(&self, target: &str) -> Result<Outgoing, UpstreamError> {
        let mut outgoing = self.outgoing_to(target)?;
        self.name_known_authenticators(&mut outgoing);
        Ok(outgoing)
    }

    /// Takes the names of authenticators that NocoBase does not know out of a request.
    pub fn name_known_authenticators(&self, outgoing: &mut Outgoing) {
        if tables::are_named_in(&outgoing.head.headers) {
            self.tables().replace_in(&mut outgoing.head.headers);
        }
    }
}
