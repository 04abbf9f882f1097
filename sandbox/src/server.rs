//! The server: the route table, and what stands around it.

use std::{io, net::SocketAddr};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    middleware::{DefaultHeaders, from_fn},
    web::{self, Data, ServiceConfig},
};

use reqwest::redirect::Policy;

use crate::{
    control, fault_answers, gateway, oapi, oauth, recording,
    state::{
        endpoint::Endpoint, platform::Platform, redirect_uri::RedirectUriError, settings::Settings,
    },
    v1,
};

/// Why a sandbox could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address is taken, or not one of this machine's.
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// A redirect URI that no browser could be sent to.
    #[error("SANDBOX_REDIRECT_URIS: {0}")]
    RedirectUri(#[from] RedirectUriError),
    /// Nothing to call applications with.
    #[error("the sandbox cannot make calls: {0}")]
    Http(#[from] reqwest::Error),
}

/// A fake DingTalk, bound to its address but not serving yet.
pub struct Sandbox {
    address: SocketAddr,
    server: Server,
}

impl Sandbox {
    /// Binds. From now on connections queue up; [`Sandbox::run`] answers them.
    pub fn bind(settings: Settings) -> Result<Self, SandboxError> {
        let address = settings.listen;
        let failed = |source| SandboxError::Listen { address, source };
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
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

    /// Where it listens, with the real port if any free one was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the sandbox from elsewhere while it runs. Signals are the caller's business.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until stopped. Runs in any tokio or actix task.
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
        .route("/connect", web::get().to(gateway::connect))
        .service(
            web::resource(oauth::frame::FRAME_PATH)
                .get(oauth::frame::show)
                .post(oauth::frame::scan),
        )
        .route(
            oauth::frame::SCRIPT_PATH,
            web::get().to(oauth::frame::script),
        )
        .configure(v1::routes)
        .configure(oapi::routes)
        .default_service(web::to(oapi::unknown));
    config.configure(control::routes).service(platform);
}
