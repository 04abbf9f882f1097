//! The gateway in front of a NocoBase: requests about DingTalk are answered here, and all others by
//! NocoBase.
//!
//! It stands beside `src/standalone`, and neither names the other. A request has one of five
//! destinations (see `destination`): this product's own actions (`crate::api`), its browser half,
//! NocoBase with an addition to the answer (`splice`), a sign-out that must not be refused for lack
//! of a role (`sign_out`), or NocoBase alone (`proxy`). NocoBase parses a request again; only
//! `reading` knows how it does so.

mod authority;
mod body;
mod changes_of_people;
pub mod check;
mod connector;
mod destination;
mod exchange;
mod headers;
mod health;
mod known_tables;
pub mod nocobase;
mod nodes;
mod outgoing;
mod pass;
mod permission;
mod proxy;
mod reading;
mod renewal;
mod routes;
mod secrets;
mod sign_out;
mod splice;
#[cfg(test)]
mod tests;
mod unavailable;
mod upstream;
mod websocket;

#[cfg(any(fuzzing, test))]
pub(crate) use websocket::{FromClient, ToClient};

pub use check::UnfitError;
pub use health::watch_nodes;
pub use known_tables::{KnownTables, keep_known};
pub use routes::routes;
pub use upstream::{Upstream, UpstreamError};

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use self::authority::NocoBaseRoles;
use self::destination::Destination;
use self::exchange::Exchange;
use self::nodes::Nodes;
use self::pass::pass;
use self::renewal::Renewal;
use crate::api::plugins::ThisPlugin;
use crate::edge::browser_half::product_module;
use crate::edge::dispatch::{RequestedAction, dispatch};
use crate::edge::open_pages::Hub;
use crate::edge::public_path::{is_for_us_without_path, path_is_lost};
use crate::edge::query::Query;
use crate::edge::request_log::RequestLog;
use crate::edge::run_to_completion::answer_to_completion;
use crate::edge::{ApiError, Routes, prefetch, request_id};
use crate::metrics::RequestKind;
use crate::state::AppState;
use crate::store::StoreError;

/// The health check of the gateway itself. NocoBase has its own, which is passed on like any other
/// request.
const HEALTH: &str = "__gateway_health_check";
/// How many pages may be open. Each needs two file descriptors.
const MOST_PAGES: usize = 10_000;

/// The gateway.
pub struct Gateway {
    app: Arc<AppState>,
    /// The table of this product's actions.
    routes: Routes,
    /// This product's plugin, for NocoBase's lists of plugins.
    this_plugin: ThisPlugin,
    /// The data from NocoBase's tables.
    tables: KnownTables,
    /// The nodes of NocoBase.
    nodes: Arc<Nodes>,
    /// The pages that are open.
    pages: Arc<Hub>,
}

impl Gateway {
    /// A gateway that has not read NocoBase's tables yet.
    pub fn new(app: Arc<AppState>) -> Self {
        Self {
            routes: routes(&app.providers),
            this_plugin: ThisPlugin::new(&app.config.http),
            tables: KnownTables::default(),
            nodes: Arc::new(Nodes::of(app.config.gateway.upstreams())),
            pages: Arc::new(Hub::new(MOST_PAGES)),
            app,
        }
    }

    /// Reads NocoBase's tables.
    pub async fn read_tables(&self) -> Result<(), StoreError> {
        self.tables.read(&self.app).await
    }

    /// The table of actions.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The pages that are open.
    pub fn pages(&self) -> &Hub {
        &self.pages
    }
}

/// Registers the handlers, for one worker.
pub fn configure(service: &mut web::ServiceConfig, gateway: Arc<Gateway>) {
    let api = gateway.app.config.http.api_path();
    let upstream = Upstream::new(gateway.nodes.clone(), &gateway.app.metrics.upstream);
    service
        .app_data(web::Data::new(upstream))
        .route(&format!("{api}{HEALTH}"), web::get().to(async || "ok"))
        .default_service(web::to(serve))
        .app_data(web::Data::from(gateway));
}

/// Answers every request.
async fn serve(
    gateway: web::Data<Gateway>,
    upstream: web::Data<Upstream>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let request_log = RequestLog::now(&request, &gateway.app.config.http);
    let id = request_log.id().clone();
    request_id::in_request(id, answer(gateway, upstream, request, payload, request_log)).await
}

async fn answer(
    gateway: web::Data<Gateway>,
    upstream: web::Data<Upstream>,
    request: HttpRequest,
    payload: web::Payload,
    request_log: RequestLog,
) -> HttpResponse {
    let app = gateway.app.clone();
    if let Some(status) = proxy::refusal(&request) {
        note(&app, status);
        let mut answer = HttpResponse::build(status).force_close().finish();
        request_log.answered(&app, RequestKind::Refused, &request, &mut answer);
        return answer;
    }
    if let Some(mut module) = product_module(&app, &request) {
        request_log.answered(&app, RequestKind::File, &request, &mut module);
        return module;
    }
    // NocoBase would answer with a page, which the button on the sign-in page cannot use.
    if is_for_us_without_path(&app, &request) {
        let mut answer = path_is_lost(&app, &request);
        request_log.answered(&app, RequestKind::Refused, &request, &mut answer);
        return answer;
    }
    let exchange = Exchange {
        query: Query::parse(request.query_string()),
        app,
        gateway,
        upstream,
        request,
        request_log,
        renewal: Renewal::default(),
    };
    // The outgoing request is built first, so that what is sent is what is checked.
    let outgoing = match exchange.outgoing() {
        Ok(outgoing) => outgoing,
        Err(error) => {
            let answer = unavailable::answer(&error, &exchange.request, &exchange.app.config.http);
            return exchange.answered(RequestKind::NocoBase, answer);
        }
    };
    match destination::of(&exchange, &outgoing) {
        Ok(Destination::ThisProduct) => answer_here(exchange, payload).await,
        Ok(Destination::Splice(splice))
            if splice.changes() && prefetch::is_ahead(&exchange.request) =>
        {
            let answer = exchange.with_cors(prefetch::answer(&exchange.request));
            exchange.answered(RequestKind::Refused, answer)
        }
        Ok(Destination::Splice(splice)) if splice.changes() => {
            let answered = answer_to_completion(async move {
                let answer = splice::answer(&exchange, splice, payload).await;
                exchange.answered(RequestKind::Spliced, answer)
            });
            answered.await
        }
        Ok(Destination::Splice(splice)) => {
            let answer = splice::answer(&exchange, splice, payload).await;
            exchange.answered(RequestKind::Spliced, answer)
        }
        Ok(Destination::SignOut) => {
            let answered = answer_to_completion(async move {
                let answer = sign_out::pass(outgoing, &exchange, payload).await;
                exchange.answered(RequestKind::NocoBase, answer)
            });
            answered.await
        }
        Ok(Destination::NocoBase(application)) => {
            let kind = if websocket::is_asked_for(&exchange.request) {
                RequestKind::WebSocket
            } else {
                RequestKind::NocoBase
            };
            let changes_people = changes_of_people::may_happen_by(&exchange.request);
            let answer = pass(outgoing, &exchange, application, payload).await;
            if changes_people {
                exchange.app.store.coverage().ask();
            }
            exchange.answered(kind, answer)
        }
        Err(error) => {
            if error == ApiError::Unclear {
                note(&exchange.app, StatusCode::BAD_REQUEST);
            }
            let answer = exchange.refused(error);
            exchange.answered(RequestKind::Refused, answer)
        }
    }
}

/// Reports in the log what may be wrong between clients and this gateway when a request is refused.
fn note(app: &AppState, refused: StatusCode) {
    let now = app.clock.now();
    if refused == StatusCode::LOOP_DETECTED && app.hints.loops.is_due(now) {
        log::warn!(
            "a request came back to this gateway: NOCOBASE_UPSTREAM_URL, or a proxy behind it, leads here \
             and not to NocoBase"
        );
    }
    if refused == StatusCode::BAD_REQUEST && app.hints.unclear.is_due(now) {
        log::warn!(
            "a request is refused, because NocoBase could read it in another way than this gateway: when \
             people complain, look at what the proxy in front adds (a second Host, X-Forwarded-Host, X-App \
             or Content-Type, names in Connection), and whether an application that is switched off in \
             NocoBase has this host name"
        );
    }
}

/// Answers a request for one of this product's own actions.
async fn answer_here(exchange: Exchange, payload: web::Payload) -> HttpResponse {
    let asked = RequestedAction::of(&exchange.app, &exchange.gateway.routes, &exchange.request);
    let changes = asked.changes();
    let answer = async move {
        let (app, request, routes) = (&exchange.app, &exchange.request, &exchange.gateway.routes);
        let roles = NocoBaseRoles(&exchange);
        let response = dispatch(&roles, app, routes, request, payload, asked).await;
        let mut response = sign_out::pass_on(&exchange, response).await;
        exchange.renewal.hand_over(&mut response);
        response
    };
    if changes {
        answer_to_completion(answer).await
    } else {
        answer.await
    }
}
