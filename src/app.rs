//! The application: everything that requests share, and the server around it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::{io, time};

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App as ActixApp, HttpServer, web};

use crate::api::websocket::{self, Hub};
use crate::api::{dispatch, session_middleware};
use crate::clock::Clock;
use crate::config::{Config, Origin, SigningSecretError};
use crate::domain::attempts::Attempts;
use crate::domain::install::{self, InstallError};
use crate::domain::session::{Sessions, SigningKey};
use crate::provider::dingtalk::{DingTalk, DingTalkClient};
use crate::routes::Routes;
use crate::store::{Store, StoreError};
use crate::web::{WebClient, serve};

/// How long requests in progress may take when the server ends, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;
/// How long a client may take for its headers.
const HEADERS_TIMEOUT: time::Duration = time::Duration::from_secs(10);

/// What every request can reach.
pub struct App {
    /// What the operator set.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// What is kept.
    pub store: Store,
    /// Sessions.
    pub sessions: Sessions,
    /// Guesses of passwords.
    pub attempts: Attempts,
    /// DingTalk.
    pub dingtalk: DingTalk,
    /// Files and pages.
    pub web: WebClient,
    /// The pages that are open.
    pub hub: Hub,
    /// The table of actions.
    pub routes: Routes,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No signing secret.
    #[error(transparent)]
    Secret(#[from] SigningSecretError),
    /// The database does not open.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The first start failed.
    #[error("the first start failed: {0}")]
    Install(#[from] InstallError),
    /// No TLS for calls to DingTalk.
    #[error("calls to DingTalk cannot be made: {0}")]
    Client(#[from] reqwest::Error),
    /// The web client's folder cannot be read.
    #[error("the web client's files cannot be read: {0}")]
    WebClient(io::Error),
    /// The port is taken, or the address is not ours.
    #[error("cannot listen on {0}: {1}; set APP_HOST and APP_PORT")]
    Listen(SocketAddr, io::Error),
}

impl App {
    /// Opens everything, and creates what a first start needs.
    pub async fn open(config: Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        let secret = config.signing.load(&config.storage_path)?;
        let store = Store::connect(&config, clock.clone()).await?;
        store.migrate().await?;
        if install::install(&store, &config.install).await? {
            log::info!(
                "first start: created the root account {}",
                config.install.init_root_username
            );
            if config.install.init_root_password.is_none() {
                log::warn!(
                    "the root account has NocoBase's documented password: change it, or set \
                     INIT_ROOT_PASSWORD before the first start"
                );
            }
        }
        let web = WebClient::open(&config.web_client(), &config.http);
        let web = web.map_err(StartError::WebClient)?;
        if !web.has_pages() {
            log::warn!("NocoBase's web client is not here; `make ui` fetches it");
        }
        Ok(Arc::new(Self {
            sessions: Sessions::new(SigningKey::new(&secret), clock.clone()),
            attempts: Attempts::new(&clock),
            dingtalk: DingTalk::new(DingTalkClient::new(config.dingtalk.clone())?),
            hub: Hub::new(),
            routes: Routes::standalone(),
            config,
            clock,
            store,
            web,
        }))
    }
}

/// A server that has its port and does not serve yet.
pub struct BoundServer {
    address: SocketAddr,
    server: Server,
}

impl BoundServer {
    /// Takes the port that the configuration names.
    pub fn bind(app: Arc<App>) -> Result<Self, StartError> {
        let wanted = app.config.http.listen();
        let failed = |error| StartError::Listen(wanted, error);
        let listener = TcpListener::bind(wanted).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let server = HttpServer::new(move || {
            let http = &app.config.http;
            let secure = http.app_public_url.as_ref().is_some_and(Origin::is_https);
            let session = session_middleware(app.sessions.cookie_key(), http, secure);
            let api = http.api_path();
            ActixApp::new()
                .app_data(web::Data::new(app.clone()))
                .route(
                    &format!("{api}__health_check"),
                    web::get().to(async || "ok"),
                )
                .service(
                    web::resource(format!("{api}dingtalk:{{action:.*}}"))
                        .wrap(session)
                        .to(dispatch::dispatch),
                )
                .service(web::resource(format!("{api}{{action:.*}}")).to(dispatch::dispatch))
                .route(
                    &http.app_public_path.join("/ws"),
                    web::get().to(websocket::connect),
                )
                .default_service(web::to(serve))
        })
        .client_request_timeout(HEADERS_TIMEOUT)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)
        .map_err(failed)?
        .run();
        Ok(Self { address, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server from elsewhere.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}
