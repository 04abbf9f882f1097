//! The edge of the standalone server: NocoBase's web client, and the part of NocoBase's API that
//! signing in and its administration need.
//!
//! It stands beside `src/gateway`, and neither names the other. Actions of both are in
//! [`crate::api`], and the tools for them in [`crate::edge`].

mod api_keys;
mod app;
mod auth;
mod authenticators;
mod authority;
mod environment_variables;
mod parts;
mod plugins;
mod refusals;
mod roles;
mod routes;
mod shell;
mod system_settings;
mod tables;
mod token_policy;
mod users;
mod users_authenticators;
mod web;
mod websocket;

use std::io;
use std::sync::Arc;

use actix_web::web::{Data, Payload, ServiceConfig, get, resource, to};
use actix_web::{HttpRequest, HttpResponse};

use self::authority::StandaloneRoles;
use self::parts::Parts;
use self::web::WebClient;
#[cfg(test)]
use crate::config::Http;
#[cfg(test)]
use crate::domain::identity_provider::Providers;
use crate::edge::Routes;
use crate::edge::dispatch::{RequestedAction, dispatch};
use crate::edge::open_pages::Hub;
use crate::edge::run_to_completion::answer_to_completion;
use crate::state::AppState;

/// The standalone server.
pub struct Standalone {
    app: Arc<AppState>,
    parts: Arc<Parts>,
    routes: Routes,
}

impl Standalone {
    /// Reads the web client's files and builds the table of actions.
    pub fn open(app: Arc<AppState>) -> io::Result<Self> {
        let web = WebClient::open(&app.config.web_client(), &app.config.http)?;
        if !web.has_pages() {
            log::warn!("NocoBase's web client is not here; `make ui` fetches it");
        }
        let parts = Arc::new(Parts::new(web));
        let routes = routes::routes(&app.providers, &parts);
        Ok(Self { app, parts, routes })
    }

    /// The table of actions.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The pages that are open.
    pub fn pages(&self) -> &Hub {
        &self.parts.pages
    }

    /// Whether NocoBase's web client is installed.
    pub fn has_web_client(&self) -> bool {
        self.parts.web.has_pages()
    }
}

/// The table of actions of a server without a web client, for tests that go through all tables.
#[cfg(test)]
pub(crate) fn routes_without_pages(providers: &Providers, http: &Http) -> Routes {
    let web = WebClient::open(std::path::Path::new(""), http).unwrap();
    routes::routes(providers, &Arc::new(Parts::new(web)))
}

/// Registers the handlers, for one worker.
pub fn configure(service: &mut ServiceConfig, server: Arc<Standalone>) {
    let http = &server.app.config.http;
    let api = http.api_path();
    service
        .route(&format!("{api}__health_check"), get().to(async || "ok"))
        .service(resource(format!("{api}{{action:.*}}")).to(act))
        .route(
            &http.app_public_path.join("/ws"),
            get().to(websocket::connect),
        )
        .default_service(to(web::serve))
        .app_data(Data::from(server));
}

/// Answers every request below the API's base path.
async fn act(server: Data<Standalone>, request: HttpRequest, payload: Payload) -> HttpResponse {
    let asked = RequestedAction::of(&server.app, &server.routes, &request);
    let changes = asked.changes();
    let answer = async move {
        let Standalone { app, routes, .. } = &**server;
        dispatch(&StandaloneRoles, app, routes, &request, payload, asked).await
    };
    if changes {
        answer_to_completion(answer).await
    } else {
        answer.await
    }
}
