//! A request at the gateway, with everything that is needed to answer it.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use http::header::{HeaderName, HeaderValue};

use super::Gateway;
use super::headers;
use super::known_tables::{self, Tables};
use super::outgoing::Outgoing;
use super::renewal::Renewal;
use super::upstream::{Upstream, UpstreamError};
use crate::edge::head::language;
use crate::edge::query::Query;
use crate::edge::request_log::RequestLog;
use crate::edge::{ApiError, cors};
use crate::locale::Locale;
use crate::metrics::RequestKind;
use crate::state::AppState;

/// The header by which NocoBase gets the id of a request, and the client that of the answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request with everything that is needed to answer it.
pub struct Exchange {
    /// The state of the server.
    pub app: Arc<AppState>,
    /// The gateway.
    pub gateway: web::Data<Gateway>,
    /// The connections to NocoBase.
    pub upstream: web::Data<Upstream>,
    /// The request, as it arrived.
    pub request: HttpRequest,
    /// Its query.
    pub query: Query,
    /// The record of the request, with its id.
    pub request_log: RequestLog,
    /// What NocoBase has answered for the session of the caller.
    pub renewal: Renewal,
}

impl Exchange {
    /// The language of messages to the client.
    pub fn locale(&self) -> Locale {
        language(&self.request, &self.query)
            .map(Locale::of)
            .unwrap_or_default()
    }

    /// An answer that NocoBase did not give, with the headers that say which pages may read it.
    pub fn with_cors(&self, mut answer: HttpResponse) -> HttpResponse {
        cors::apply(&self.request, &self.app.config.http, answer.headers_mut());
        answer
    }

    /// An error of the gateway as an answer.
    pub fn refused(&self, error: ApiError) -> HttpResponse {
        self.with_cors(error.into_response(self.locale()))
    }

    /// Finishes an answer, and records the request.
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

    /// The current data from NocoBase's tables.
    pub fn tables(&self) -> Arc<Tables> {
        self.gateway.tables.get()
    }

    /// The request for NocoBase, as it arrived.
    pub fn outgoing(&self) -> Result<Outgoing, UpstreamError> {
        let path = self.request.uri().path_and_query();
        self.outgoing_to(path.ok_or(UpstreamError::Unsendable)?.as_str())
    }

    /// The request for NocoBase, with another path and query.
    pub fn outgoing_to(&self, target: &str) -> Result<Outgoing, UpstreamError> {
        let mut outgoing = Outgoing::of(&self.request, target, &self.app, &self.upstream)?;
        if let Ok(id) = HeaderValue::from_bytes(self.request_log.id().as_bytes()) {
            outgoing.head.headers.insert(REQUEST_ID, id);
        }
        Ok(outgoing)
    }

    /// A request for the main application with another path and query, in which unknown names of
    /// authenticators are replaced. The path and query no longer say for which application the
    /// client's request was, so its header does.
    pub fn outgoing_to_main(&self, target: &str) -> Result<Outgoing, UpstreamError> {
        let mut outgoing = self.outgoing_to(target)?;
        self.name_known_authenticators(&mut outgoing);
        headers::address_to_main(&mut outgoing.head.headers);
        Ok(outgoing)
    }

    /// Replaces names of authenticators that NocoBase does not know.
    pub fn name_known_authenticators(&self, outgoing: &mut Outgoing) {
        if known_tables::are_named_in(&outgoing.head.headers) {
            self.tables().replace_in(&mut outgoing.head.headers);
        }
    }
}
