//! The second port: health checks for load balancers, and metrics for Prometheus. Nobody else
//! should be able to reach it, because each request costs a database query.

use std::fmt::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{App, HttpResponse, HttpServer, web};
use entity::event::State;
use tokio::time::timeout;

use super::{BoundServer, Server, StartError};
use crate::chain::Chain;
use crate::config::UpstreamUrl;
use crate::domain::password;
use crate::gateway;
use crate::metrics::GaugeValues;
use crate::state::AppState;

/// How long the database and NocoBase may take to answer. Load balancers seldom wait longer.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

impl BoundServer {
    /// Opens the configured port for operations; none when it is not configured.
    pub fn bind_operations(server: &Server) -> Result<Option<Self>, StartError> {
        let Some(wanted) = server.app.config.operations.listen() else {
            return Ok(None);
        };
        let failed = |error| StartError::ListenForMetrics(wanted, error);
        let listener = TcpListener::bind(wanted).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let data = web::Data::new(server.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/healthz", web::get().to(async || "ok\n"))
                .route("/readyz", web::get().to(ready))
                .route("/metrics", web::get().to(metrics))
        })
        .workers(1)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(1)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?
        .run();
        Ok(Some(Self { address, server }))
    }
}

/// Whether the server can take requests: a line for each thing that is needed. Of several nodes of
/// NocoBase, one is enough.
async fn ready(server: web::Data<Server>) -> HttpResponse {
    let app = &server.app;
    let mut lines = Lines::default();
    let ending = app.is_ending().then_some("is ending");
    lines.need("server", ending);
    let asked = timeout(CHECK_TIMEOUT, async {
        app.store.ping().await?;
        app.store.check_writing().await
    });
    lines.need("database", outcome(asked.await).as_deref());
    match app.config.gateway.upstreams() {
        [] => {}
        [url] => lines.need("nocobase", reach(app, url).await.as_deref()),
        several => {
            let nodes = reach_each(app, several).await;
            let any = nodes.iter().any(|(_, problem)| problem.is_none());
            for (node, problem) in nodes {
                lines.say(&format!("nocobase {node}"), problem.as_deref());
            }
            lines.need("nocobase", (!any).then_some("no node answers"));
        }
    }
    let status = if lines.lack {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(lines.text)
}

/// The lines of the answer.
#[derive(Default)]
struct Lines {
    text: String,
    /// Whether something that is needed is missing.
    lack: bool,
}

impl Lines {
    fn say(&mut self, what: &str, problem: Option<&str>) {
        let _ = writeln!(self.text, "{what}: {}", problem.unwrap_or("ok"));
    }

    fn need(&mut self, what: &str, problem: Option<&str>) {
        self.lack |= problem.is_some();
        self.say(what, problem);
    }
}

/// Why this NocoBase does not answer, if it does not.
async fn reach(app: &AppState, url: &UpstreamUrl) -> Option<String> {
    outcome(timeout(CHECK_TIMEOUT, gateway::check::is_reachable(app, url)).await)
}

/// The problems of all nodes, which are asked at the same time.
async fn reach_each(
    app: &Arc<AppState>,
    urls: &[UpstreamUrl],
) -> Vec<(UpstreamUrl, Option<String>)> {
    let asked = urls.iter().cloned().map(|url| {
        let app = app.clone();
        tokio::spawn(async move { (reach(&app, &url).await, url) })
    });
    let asked: Vec<_> = asked.collect();
    let mut nodes = Vec::with_capacity(asked.len());
    for node in asked {
        if let Ok((problem, url)) = node.await {
            nodes.push((url, problem));
        }
    }
    nodes
}

/// The problem, if there is one.
fn outcome<E: std::fmt::Display>(
    asked: Result<Result<(), E>, tokio::time::error::Elapsed>,
) -> Option<String> {
    match asked {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("no answer in time".to_owned()),
    }
}

/// How many events of directories wait, and how many failed; empty when the database does not say
/// so in time.
async fn events(app: &AppState) -> Vec<(State, u64)> {
    let states = [State::Queued, State::Failed];
    let counted = app.store.count_events_of_sources(&states);
    let why = match timeout(CHECK_TIMEOUT, counted).await {
        Ok(Ok(counts)) => return counts,
        Ok(Err(error)) => Chain(&error).to_string(),
        Err(_) => "the database does not answer".to_owned(),
    };
    log::debug!("the metrics lack the events of directories: {why}");
    Vec::new()
}

async fn metrics(server: web::Data<Server>) -> HttpResponse {
    let app = &server.app;
    let now = GaugeValues {
        websockets: server.pages().open(),
        statements: app.store.statements(),
        hashes: password::running(),
        lookup_tables_complete: app.store.coverage().is_complete(),
        events: events(app).await,
        cache: app.store.lookups(),
        breakers: app
            .providers
            .iter()
            .flat_map(|provider| provider.breakers())
            .collect(),
    };
    match app.metrics.render(&now) {
        Ok(text) => HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .body(text),
        Err(error) => {
            log::error!("the metrics cannot be written: {}", Chain(&error));
            HttpResponse::InternalServerError().finish()
        }
    }
}
