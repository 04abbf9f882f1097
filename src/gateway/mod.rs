//! In front of a NocoBase: DingTalk is answered here, everything else there.
//!
//! The second edge beside [`crate::api`], whose pieces it uses. A request goes to one of four
//! places, see `destination`: our own actions (`api::dispatch`), our browser half, NocoBase with
//! something of ours added to its answer (`splice`), or NocoBase as it is (`proxy`).

mod body;
pub mod check;
mod destination;
mod headers;
mod names;
mod permission;
mod proxy;
mod splice;
mod unavailable;
mod upstream;
mod websocket;

pub use check::UnfitError;
pub use names::DingTalkNames;
pub use upstream::{Upstream, UpstreamError};

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use self::destination::Destination;
use self::proxy::Outgoing;
use crate::api::call::language;
use crate::api::dispatch::{dispatch, mark};
use crate::api::query::Query;
use crate::api::with_login_state;
use crate::app::App;
use crate::config::UpstreamUrl;
use crate::locale::Locale;
use crate::web::own_module;

/// Whether the gateway itself is alive. Whether NocoBase is, its own health check says, which is
/// passed on like everything else.
const HEALTH: &str = "__gateway_health_check";
/// How many pages may be open. Each needs two file descriptors.
pub const MOST_PAGES: usize = 10_000;

/// Registers what answers, for one worker.
pub fn configure(service: &mut web::ServiceConfig, app: &Arc<App>, url: &UpstreamUrl) {
    let api = app.config.http.api_path();
    let of_dingtalk = format!("{api}dingtalk:{{action:.*}}");
    let dingtalk = move || web::resource(of_dingtalk.clone()).to(dispatch);
    if let Some(upstream) = Upstream::new(url) {
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
        mark(self.request, &self.app.config.http, &mut answer);
        answer
    }

    /// The request as NocoBase gets it.
    async fn outgoing(&self) -> Result<Outgoing, UpstreamError> {
        let mut outgoing = Outgoing::of(self.request, self.app, self.upstream)?;
        if names::are_in(&outgoing.head.headers) {
            let names = self.app.names.get(&self.app.store).await;
            names.replace_in(&mut outgoing.head.headers);
        }
        Ok(outgoing)
    }
}

/// Answers everything but our own actions.
async fn serve(
    app: web::Data<Arc<App>>,
    upstream: web::Data<Upstream>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    if let Some(status) = proxy::refusal(&request) {
        return HttpResponse::build(status).force_close().finish();
    }
    if let Some(module) = own_module(&app, &request) {
        return module;
    }
    let edge = Edge {
        app: &app,
        upstream: &upstream,
        request: &request,
        query: Query::parse(request.query_string()),
    };
    match destination::of(&edge).await {
        Destination::Own => dispatch(app.clone(), request.clone(), payload).await,
        Destination::Splice(address, part) => splice::answer(&edge, address, part, payload).await,
        Destination::NocoBase => match edge.outgoing().await {
            Ok(outgoing) => proxy::pass(outgoing, &edge, payload).await,
            Err(error) => unavailable::answer(&error, &request, &app.config.http),
        },
    }
}
