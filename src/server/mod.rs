//! The composition of a server from its configuration. Only commands use this module, and the parts
//! that it puts together do not know it.

mod background;
mod error;
mod http;
mod operations;
mod read_only;
#[cfg(test)]
mod tests;

pub use error::StartError;
pub use http::BoundServer;
pub use read_only::{hold_apart, open_read_only};

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use crate::background_task::keep;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::environment::Vault;
use crate::domain::identity_provider::{IdentityProvider, Providers};
#[cfg(feature = "standalone")]
use crate::domain::install;
use crate::edge::Routes;
use crate::edge::open_pages::Hub;
use crate::gateway::check::Elsewhere;
use crate::gateway::nocobase::{NocoBaseExecutors, NocoBaseNotificationWriter};
use crate::gateway::{self, Gateway, UnfitError};
use crate::metrics::Metrics;
use crate::provider;
#[cfg(feature = "standalone")]
use crate::standalone::{self, Standalone};
use crate::state::AppState;
use crate::store::{InstallationPlace, Store};

/// Everything that answers requests.
#[derive(Clone)]
pub struct Server {
    /// The state of the server.
    pub app: Arc<AppState>,
    front: Front,
}

/// The gateway or the standalone server.
#[derive(Clone)]
enum Front {
    Gateway(Arc<Gateway>),
    #[cfg(feature = "standalone")]
    Standalone(Arc<Standalone>),
}

impl Front {
    /// Creates the one that the settings ask for.
    async fn open(app: &Arc<AppState>) -> Result<Self, StartError> {
        if app.config.gateway.is_on() {
            app.set_step_executors(Box::new(NocoBaseExecutors::of(app)));
            app.set_notification_writer(Box::new(NocoBaseNotificationWriter::of(app)));
            let gateway = Arc::new(Gateway::new(app.clone()));
            gateway.read_tables().await?;
            keep("reading NocoBase's tables", &gateway, gateway::keep_known);
            keep("watching NocoBase's nodes", &gateway, gateway::watch_nodes);
            return Ok(Self::Gateway(gateway));
        }
        #[cfg(feature = "standalone")]
        {
            let standalone = Standalone::open(app.clone()).map_err(StartError::WebClient)?;
            Ok(Self::Standalone(Arc::new(standalone)))
        }
        #[cfg(not(feature = "standalone"))]
        Err(StartError::GatewayOnly)
    }
}

impl Server {
    /// Opens everything, and creates what a first start needs.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        Self::open_with(config, clock, Vec::new()).await
    }

    /// Like [`Server::open`], with further providers.
    pub async fn open_with(
        config: Config,
        clock: Clock,
        further: Vec<Arc<dyn IdentityProvider>>,
    ) -> Result<Self, StartError> {
        check_kind(&config)?;
        hold_apart(&config).await?;
        let store = Store::connect(&config, clock.clone(), provider::STABLE_ID_KEYS).await?;
        // This is checked before any table or secret is created, because the database could belong to
        // another program.
        let secret = if config.gateway.is_on() {
            gateway::check::database(&store).await?;
            config.signing.shared(&config.storage_path)?
        } else {
            hold_first_start_apart(&store, &config).await?;
            config.signing.load(&config.storage_path)?
        };
        let vault = Vault::open(config.encryption.clone(), config.storage_path.clone())?;
        store.migrate().await?;
        #[cfg(feature = "standalone")]
        if !config.gateway.is_on() {
            first_start(&store, &config).await?;
        }
        store.watch(&config).await?;
        let app = state(config, clock, vault, store, &secret, further)?;
        let front = Front::open(&app).await?;
        background::start(&app);
        Ok(Self { app, front })
    }

    /// Registers the handlers, for one worker.
    pub fn configure(self, service: &mut ServiceConfig) {
        match self.front {
            Front::Gateway(gateway) => gateway::configure(service, gateway),
            #[cfg(feature = "standalone")]
            Front::Standalone(standalone) => standalone::configure(service, standalone),
        }
    }

    /// The table of actions.
    pub fn routes(&self) -> &Routes {
        match &self.front {
            Front::Gateway(gateway) => gateway.routes(),
            #[cfg(feature = "standalone")]
            Front::Standalone(standalone) => standalone.routes(),
        }
    }

    /// The pages that are open.
    pub fn pages(&self) -> &Hub {
        match &self.front {
            Front::Gateway(gateway) => gateway.pages(),
            #[cfg(feature = "standalone")]
            Front::Standalone(standalone) => standalone.pages(),
        }
    }

    /// The gateway, if this is one.
    pub fn gateway(&self) -> Option<&Arc<Gateway>> {
        match &self.front {
            Front::Gateway(gateway) => Some(gateway),
            #[cfg(feature = "standalone")]
            Front::Standalone(_) => None,
        }
    }

    /// Whether NocoBase's web client is installed.
    #[cfg(feature = "standalone")]
    pub fn has_web_client(&self) -> bool {
        match &self.front {
            Front::Gateway(..) => false,
            #[cfg(feature = "standalone")]
            Front::Standalone(standalone) => standalone.has_web_client(),
        }
    }

    /// Reports that this server is stopping, so that no more requests are sent here, and closes
    /// open pages.
    pub fn end(&self) {
        self.app.begin_to_end();
        self.pages().close();
    }
}

/// Refuses a first start in a database with accounts of another program, and one beside an installation under other names
/// with the secret of that one: each would accept the other's tokens, and accounts of equal number are different people
/// there.
async fn hold_first_start_apart(store: &Store, config: &Config) -> Result<(), StartError> {
    if store.made_all_tables().await? {
        return Ok(());
    }
    store.hold_apart().await?;
    if !config.signing.is_in_file(&config.storage_path) {
        return Ok(());
    }
    let mut others = store.other_installations().await?;
    others.retain(|other| other.place == InstallationPlace::Here);
    match Elsewhere::of(&others, store.naming()) {
        Some(elsewhere) => Err(UnfitError::Elsewhere(elsewhere).into()),
        None => Ok(()),
    }
}

/// Refuses settings for a kind of server that this program does not contain.
pub fn check_kind(config: &Config) -> Result<(), StartError> {
    if cfg!(feature = "standalone") || config.gateway.is_on() {
        return Ok(());
    }
    Err(StartError::GatewayOnly)
}

/// Creates what a first start needs.
#[cfg(feature = "standalone")]
async fn first_start(store: &Store, config: &Config) -> Result<(), StartError> {
    if install::install(store, &config.install).await? {
        log::info!(
            "first start: created the root account {}",
            config.install.init_root_username
        );
        if config.install.init_root_password.is_none() {
            log::warn!(
                "the root account has NocoBase's documented password, which is in \
                 docs/operator.md, too: change it, or set INIT_ROOT_PASSWORD before the first start"
            );
        }
        log::info!(
            "pages are in {} only, as with NocoBase: the system settings can add languages, or set \
             INIT_APP_LANG before the first start",
            config.install.init_app_lang
        );
    }
    Ok(())
}

/// The parts that the gateway and the standalone server share.
fn state(
    config: Config,
    clock: Clock,
    vault: Vault,
    store: Store,
    secret: &[u8],
    further: Vec<Arc<dyn IdentityProvider>>,
) -> Result<Arc<AppState>, StartError> {
    let metrics = Metrics::new()?;
    let mut providers = provider::all(&config, &metrics)?;
    providers.extend(further);
    let providers = Providers::new(providers);
    let state = AppState::new(config, clock, store, vault, providers, metrics, secret);
    Ok(Arc::new(state))
}
