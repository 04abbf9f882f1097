//! In front of a NocoBase: DingTalk is answered here, everything else there.
//!
//! The second edge beside [`crate::api`], whose pieces it uses. A request goes to one of four
//! places, see `destination`: our own actions (`api::dispatch`), our browser half, NocoBase with
//! something of ours added to its answer (`splice`), or NocoBase as it is (`proxy`).

mod body;
pub mod check;
mod connector;
mod destination;
mod headers;
mod names;
mod permission;
mod proxy;
mod sign_out;
mod splice;
mod unavailable;
mod upstream;
mod websocket;

#[cfg(any(fuzzing, test))]
pub(crate) use websocket::{FromClient, ToClient};

pub use check::UnfitError;
pub use names::DingTalkNames;
pub use upstream::{Upstream, UpstreamError};

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use http::header::{HeaderName, HeaderValue};

use self::destination::Destination;
use self::proxy::Outgoing;
use crate::api::call::language;
use crate::api::cors;
use crate::api::dispatch::dispatch;
use crate::api::query::Query;
use crate::api::seen::Seen;
use crate::api::with_login_state;
use crate::app::App;
use crate::config::UpstreamUrl;
use crate::locale::Locale;
use crate::metrics::Kind;
use crate::web::own_module;

/// Whether the gateway itself is alive. Whether NocoBase is, its own health check says, which is
/// passed on like everything else.
const HEALTH: &str = "__gateway_health_check";
/// What NocoBase gets as the name of a request, and the client as that of the answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How many pages may be open. Each needs two file descriptors.
pub const MOST_PAGES: usize = 10_000;

/// Registers what answers, for one worker.
pub fn configure(service: &mut web::ServiceConfig, app: &Arc<App>, url: &UpstreamUrl) {
    let api = app.config.http.api_path();
    let of_dingtalk = format!("{api}dingtalk:{{action:.*}}");
    let dingtalk = move || web::resource(of_dingtalk.clone()).to(own);
    if let Some(upstream) = Upstream::new(url, &app.metrics.upstream) {
        service.app_data(web::Data::new(upstream));
    }
    service
        .route(&format!("{api}{HEALTH}"), web::get().to(async || "ok"))
        .service(with_login_state(dingtalk, app.sessions.cookie_key(), app))
        .default_service(web::to(serve));
}

/// A request with what it is answered with.
struct Edge<'a> {
    app: &'a Arc<App>,
    upstream: &'a Upstream,
    request: &'a HttpRequest,
    query: Query,
    seen: &'a Seen,
}

impl Edge<'_> {
    /// The language of messages.
    fn locale(&self) -> Locale {
        language(self.request, &self.query)
            .map(Locale::of)
            .unwrap_or_default()
    }

    /// An answer that is ours alone, as our own actions give theirs.
    fn own(&self, mut answer: HttpResponse) -> HttpResponse {
        cors::apply(self.request, &self.app.config.http, answer.headers_mut());
        answer
    }

    /// The request as NocoBase gets it.
    async fn outgoing(&self) -> Result<Outgoing, UpstreamError> {
        let mut outgoing = Outgoing::of(self.request, self.app, self.upstream)?;
        if let Ok(id) = HeaderValue::from_bytes(self.seen.id().as_bytes()) {
            outgoing.head.headers.insert(REQUEST_ID, id);
        }
        if names::are_in(&outgoing.head.headers) {
            let names = self.app.names.get(&self.app.store).await;
            names.replace_in(&mut outgoing.head.headers);
        }
        Ok(outgoing)
    }
}

/// Answers our own actions.
async fn own(
    app: web::Data<Arc<App>>,
    upstream: web::Data<Upstream>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let response = dispatch(app.clone(), request.clone(), payload).await;
    sign_out::pass_on(&app, &upstream, &request, response).await
}

/// Answers everything but our own actions.
async fn serve(
    app: web::Data<Arc<App>>,
    upstream: web::Data<Upstream>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let seen = Seen::now(&request, &app.config.http);
    if let Some(status) = proxy::refusal(&request) {
        let mut answer = HttpResponse::build(status).force_close().finish();
        seen.answered(&app, Kind::Refused, &request, &mut answer);
        return answer;
    }
    if let Some(mut module) = own_module(&app, &request) {
        seen.answered(&app, Kind::File, &request, &mut module);
        return module;
    }
    let edge = Edge {
        app: &app,
        upstream: &upstream,
        request: &request,
        query: Query::parse(request.query_string()),
        seen: &seen,
    };
    let (kind, mut answer) = match destination::of(&edge).await {
        // Seen there.
        Destination::Own => return dispatch(app.clone(), request.clone(), payload).await,
        Destination::Splice(address, part) => (
            Kind::Spliced,
            splice::answer(&edge, address, part, payload).await,
        ),
        Destination::NocoBase => {
            let kind = if websocket::is_asked_for(&request) {
                Kind::WebSocket
            } else {
                Kind::NocoBase
            };
            let answer = match edge.outgoing().await {
                Ok(outgoing) => proxy::pass(outgoing, &edge, payload).await,
                Err(error) => unavailable::answer(&error, &request, &app.config.http),
            };
            (kind, answer)
        }
    };
    seen.answered(&app, kind, &request, &mut answer);
    answer
}
