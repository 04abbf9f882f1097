//! The other address of the server: whether it is well, for load balancers, and what it has
//! counted, for Prometheus. Nobody else should reach it: whoever asks costs a look into the database.

use std::fmt::Write;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::{Server as ActixServer, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::{App, HttpResponse, HttpServer, web};
use tokio::time::timeout;

use super::{Server, StartError};
use crate::domain::password;
use crate::gateway;
use crate::metrics::Snapshot;

/// How long the database and NocoBase may take for a sign of life. Load balancers seldom wait
/// longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// A server that has its port and does not serve yet.
pub struct BoundOperations {
    address: SocketAddr,
    server: ActixServer,
}

impl BoundOperations {
    /// Takes the port that the configuration names; nothing when it names none.
    pub fn bind(server: &Server) -> Result<Option<Self>, StartError> {
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

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops it from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

/// Whether requests should be sent here: a line for each thing that is needed.
async fn ready(server: web::Data<Server>) -> HttpResponse {
    let app = &server.app;
    let mut lines = String::new();
    let mut is_ready = true;
    let mut say = |what: &str, problem: Option<String>| {
        is_ready &= problem.is_none();
        let _ = writeln!(lines, "{what}: {}", problem.as_deref().unwrap_or("ok"));
    };
    let ending = app.is_ending().then(|| "is ending".to_owned());
    say("server", ending);
    let asked = timeout(PATIENCE, async {
        app.store.ping().await?;
        app.store.check_writing().await
    });
    say("database", outcome(asked.await));
    if let Some(url) = &app.config.gateway.nocobase_upstream_url {
        let asked = timeout(PATIENCE, gateway::check::is_reachable(app, url)).await;
        say("nocobase", outcome(asked));
    }
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(lines)
}

/// What is wrong, if something is.
fn outcome<E: std::fmt::Display>(
    asked: Result<Result<(), E>, tokio::time::error::Elapsed>,
) -> Option<String> {
    match asked {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("no answer in time".to_owned()),
    }
}

async fn metrics(server: web::Data<Server>) -> HttpResponse {
    let app = &server.app;
    let now = Snapshot {
        websockets: server.pages().open(),
        statements: app.store.statements(),
        hashes: password::running(),
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
            log::error!("the metrics cannot be written: {error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}
