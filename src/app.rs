//! The application: everything that requests share, and the server around it.

mod end;
mod look;

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::{io, time};

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App as ActixApp, HttpServer, web};

use crate::api::websocket::{self, Hub};
use crate::api::{Answers, Hints, dispatch};
use crate::clock::Clock;
use crate::config::{Config, EncryptionKeyError, SigningSecretError};
use crate::domain::attempts::Attempts;
use crate::domain::audit;
use crate::domain::environment::Vault;
use crate::domain::identity_provider::{IdentityProvider, Providers};
use crate::domain::install::{self, InstallError};
use crate::domain::options_signature::OptionsKey;
use crate::domain::reconciliation::Reconciliation;
use crate::domain::session::{Sessions, SigningKey};
use crate::gateway::{self, KnownTables, UnfitError};
use crate::metrics::Metrics;
use crate::provider::{self, ProviderError};
use crate::routes::Routes;
use crate::store::{Store, StoreError};
use crate::web::{WebClient, serve};

/// How long requests in progress may take when the server ends, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;
/// The same in front of a NocoBase, where files are sent up and down.
const DRAIN_SECONDS: u64 = 30;
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
    /// Secrets among the variables.
    pub vault: Vault,
    /// Sessions.
    pub sessions: Sessions,
    /// Signs options of authenticators that NocoBase stores for us.
    pub options_key: OptionsKey,
    /// Guesses of passwords.
    pub attempts: Attempts,
    /// Who can say who somebody is.
    pub providers: Providers,
    /// Files and pages.
    pub web: WebClient,
    /// Answers that are ready to be sent.
    pub answers: Answers,
    /// What the log says now and then.
    pub hints: Hints,
    /// The pages that are open.
    pub hub: Hub,
    /// The table of actions.
    pub routes: Routes,
    /// What the tables of the NocoBase behind us say; unused without one.
    pub tables: KnownTables,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the server is about to end.
    ending: AtomicBool,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No signing secret.
    #[error(transparent)]
    Secret(#[from] SigningSecretError),
    /// The encryption key is none.
    #[error(transparent)]
    Vault(#[from] EncryptionKeyError),
    /// The database does not open.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The database is not that of the NocoBase behind us, or cannot be shared with it.
    #[error(transparent)]
    Unfit(#[from] UnfitError),
    /// The first start failed.
    #[error("the first start failed: {0}")]
    Install(#[from] InstallError),
    /// A provider cannot be called.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The web client's folder cannot be read.
    #[error("the web client's files cannot be read: {0}")]
    WebClient(io::Error),
    /// The port is taken, or the address is not ours.
    #[error("cannot listen on {0}: {1}; set APP_HOST and APP_PORT")]
    Listen(SocketAddr, io::Error),
    /// The same of the address for those who watch.
    #[error("cannot listen on {0}: {1}; set METRICS_HOST and METRICS_PORT")]
    ListenForMetrics(SocketAddr, io::Error),
    /// Nothing can be counted.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}

impl App {
    /// Opens everything, and creates what a first start needs.
    pub async fn open(config: Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        Self::open_with(config, clock, Vec::new()).await
    }

    /// The same with these providers beside those of every server.
    pub async fn open_with(
        config: Config,
        clock: Clock,
        further: Vec<Arc<dyn IdentityProvider>>,
    ) -> Result<Arc<Self>, StartError> {
        let secret = config.signing.load(&config.storage_path)?;
        let vault = Vault::open(config.encryption.clone(), config.storage_path.clone())?;
        let store = Store::connect(&config, clock.clone(), provider::WITNESSES).await?;
        if config.gateway.is_on() {
            // Before any table is made: they would be in somebody else's database.
            gateway::check::database(&store).await?;
        }
        store.migrate().await?;
        if config.gateway.is_on() {
            store.watch(&config).await?;
            let app = Self::in_front(config, clock, vault, store, &secret, further)?;
            app.tables.read(&app).await?;
            tokio::spawn(gateway::keep_known(Arc::downgrade(&app)));
            return Ok(app.keeping_its_audit_trail());
        }
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
        store.watch(&config).await?;
        let web = WebClient::open(&config.web_client(), &config.http);
        let web = web.map_err(StartError::WebClient)?;
        if !web.has_pages() {
            log::warn!("NocoBase's web client is not here; `make ui` fetches it");
        }
        let hub = Hub::default();
        let app = Self::with(config, clock, vault, store, &secret, web, hub, further)?;
        Ok(app.keeping_its_audit_trail())
    }

    /// In front of a NocoBase, which has the pages and everything that is no provider's.
    fn in_front(
        config: Config,
        clock: Clock,
        vault: Vault,
        store: Store,
        secret: &[u8],
        further: Vec<Arc<dyn IdentityProvider>>,
    ) -> Result<Arc<Self>, StartError> {
        let web = WebClient::own_only(&config.http);
        let hub = Hub::new(gateway::MOST_PAGES);
        Self::with(config, clock, vault, store, secret, web, hub, further)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the application")]
    fn with(
        config: Config,
        clock: Clock,
        vault: Vault,
        store: Store,
        secret: &[u8],
        web: WebClient,
        hub: Hub,
        further: Vec<Arc<dyn IdentityProvider>>,
    ) -> Result<Arc<Self>, StartError> {
        let metrics = Metrics::new()?;
        let mut providers = provider::all(&config, &metrics)?;
        providers.extend(further);
        let providers = Providers::new(providers);
        let routes = if config.gateway.is_on() {
            Routes::gateway(&providers)
        } else {
            Routes::standalone(&providers)
        };
        Ok(Arc::new(Self {
            vault,
            sessions: Sessions::new(SigningKey::new(secret), clock.clone()),
            options_key: OptionsKey::new(secret),
            attempts: Attempts::new(&clock),
            providers,
            answers: Answers::default(),
            hints: Hints::default(),
            hub,
            routes,
            tables: KnownTables::default(),
            config,
            clock,
            store,
            web,
            metrics,
            ending: AtomicBool::new(false),
        }))
    }

    fn keeping_its_audit_trail(self: Arc<Self>) -> Arc<Self> {
        tokio::spawn(keep_audit_trail(Arc::downgrade(&self)));
        tokio::spawn(keep_lookups(Arc::downgrade(&self)));
        self
    }
}

impl App {
    /// Removes records of sessions that are over, and says how it went. Whoever ends the server meanwhile
    /// hears nothing of it: the next start does the rest.
    async fn forget_old_sessions(&self) {
        match self.sessions.forget_old(&self.store).await {
            Ok(0) => {}
            Ok(removed) => log::info!("removed {removed} records of sessions that are over"),
            Err(error) if self.is_ending() => log::debug!("sessions that are over: {error}"),
            Err(error) => log::error!("records of sessions that are over are still there: {error}"),
        }
    }
}

/// Removes old rows of the audit trail, and of sessions, now and once a day, as long as there is an
/// application.
async fn keep_audit_trail(app: Weak<App>) {
    while let Some(app) = app.upgrade() {
        audit::tidy(&app.store, &app.clock, app.config.audit.audit_days).await;
        app.forget_old_sessions().await;
        drop(app);
        audit::until_next_day().await;
    }
}

/// Compares the lookup tables with what they are copies of, now and again and when somebody asks, as
/// long as there is an application.
async fn keep_lookups(app: Weak<App>) {
    let mut reconciliation = Reconciliation::default();
    while let Some(app) = app.upgrade() {
        let coverage = app.store.coverage().clone();
        let pause = reconciliation.advance(&app.store).await;
        drop(app);
        pause.wait(&coverage).await;
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
        let patience = if app.config.gateway.is_on() {
            DRAIN_SECONDS
        } else {
            SHUTDOWN_SECONDS
        };
        let server = HttpServer::new(move || {
            let app = app.clone();
            ActixApp::new()
                .app_data(web::Data::new(app.clone()))
                .configure(move |service| configure(service, &app))
        })
        .client_request_timeout(HEADERS_TIMEOUT)
        // What is sent in pieces, events for instance, goes out as it comes.
        .tcp_nodelay(true)
        .shutdown_timeout(patience)
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

/// Registers what answers requests, for one worker.
pub fn configure(service: &mut web::ServiceConfig, app: &Arc<App>) {
    match &app.config.gateway.nocobase_upstream_url {
        Some(upstream) => gateway::configure(service, app, upstream),
        None => standalone(service, app),
    }
}

/// Registers what answers when there is no NocoBase behind us.
fn standalone(service: &mut web::ServiceConfig, app: &Arc<App>) {
    let http = &app.config.http;
    let api = http.api_path();
    service
        .route(
            &format!("{api}__health_check"),
            web::get().to(async || "ok"),
        )
        .service(web::resource(format!("{api}{{action:.*}}")).to(dispatch::dispatch))
        .route(
            &http.app_public_path.join("/ws"),
            web::get().to(websocket::connect),
        )
        .default_service(web::to(serve));
}
