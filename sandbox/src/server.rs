//! The server: its route table and its life cycle.

use std::{io, net::SocketAddr};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::{DefaultHeaders, from_fn},
    web::{self, Data, ServiceConfig},
};

use reqwest::redirect::Policy;

use crate::{
    control, fault_answers, oapi, oauth, recording,
    state::{
        endpoint::Endpoint, platform::Platform, redirect_uri::RedirectUriError, settings::Settings,
    },
    stream_connection, v1,
};

/// Why a sandbox could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address is in use, or does not belong to this machine.
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// No browser could be sent to this redirect URI.
    #[error("SANDBOX_REDIRECT_URIS: {0}")]
    RedirectUri(#[from] RedirectUriError),
    /// The client for calling applications could not be created.
    #[error("the sandbox cannot make calls: {0}")]
    Http(#[from] reqwest::Error),
}

/// A sandbox that is bound to its address but does not answer yet.
pub struct Sandbox {
    address: SocketAddr,
    server: Server,
}

impl Sandbox {
    /// Binds to the address. Connections wait in a queue until [`Sandbox::run`] answers them.
    pub fn bind(settings: Settings) -> Result<Self, SandboxError> {
        let address = settings.listen;
        let failed = |source| SandboxError::Listen { address, source };
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            // Who is told of events may close unused connections at any time.
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()?;
        let platform = Data::new(Platform::new(settings, http)?);
        let app = move || App::new().app_data(platform.clone()).configure(routes);
        let server = HttpServer::new(app)
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .bind(address)
            .map_err(failed)?;
        let address = server.addrs().first().copied().unwrap_or(address);
        Ok(Self {
            address,
            server: server.run(),
        })
    }

    /// The address, with the actual port if any free one was requested.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle that stops the sandbox while it runs. Signals have to be handled by the caller.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped. It can run in any tokio or actix task.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

fn routes(config: &mut ServiceConfig) {
    let platform = web::scope("")
        .wrap(from_fn(fault_answers::inject))
        .wrap(from_fn(recording::record))
        .wrap(DefaultHeaders::new().add(("Server", "DingTalk/1.0.0")))
        .service(
            web::resource(Endpoint::SignInPage.path())
                .get(oauth::show)
                .post(oauth::choose),
        )
        .route("/connect", web::get().to(stream_connection::connect))
        .service(
            web::resource(oauth::login_frame::FRAME_PATH)
                .get(oauth::login_frame::show)
                .post(oauth::login_frame::scan),
        )
        .route(
            oauth::login_frame::SCRIPT_PATH,
            web::get().to(oauth::login_frame::script),
        )
        .configure(v1::routes)
        .configure(oapi::routes)
        .default_service(web::to(oapi::unknown));
    config.configure(control::routes).service(platform);
}
