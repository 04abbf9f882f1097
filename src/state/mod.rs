//! The state of a server: its parts below the HTTP edges, which every request can use. It names
//! none of the edges, so both of them may use it.

pub mod directory_runs;

use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::connection_checks::ConnectionChecks;
use crate::domain::directory::StepExecutors;
use crate::domain::directory::source::SourceLoader;
use crate::domain::directory::store_executor::StoreExecutors;
use crate::domain::environment::Vault;
use crate::domain::forwarding::NotificationWriter;
use crate::domain::guess_limits::GuessLimits;
use crate::domain::identity_provider::Providers;
use crate::domain::messengers::Messengers;
use crate::domain::options_signature::OptionsKey;
use crate::domain::session::{Sessions, SigningKey};
use crate::metrics::Metrics;
use crate::operator_hints::Hints;
use crate::store::Store;

/// How long pending database calls may take when the server stops.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The state of a server.
pub struct AppState {
    /// The settings.
    pub config: Config,
    /// The clock.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// Encryption of secret variables.
    pub vault: Vault,
    /// Sessions.
    pub sessions: Sessions,
    /// The key that signs options of authenticators in NocoBase's table.
    pub options_key: OptionsKey,
    /// Limits on guessing.
    pub guess_limits: GuessLimits,
    /// The results of connection tests.
    pub checks: ConnectionChecks,
    /// The identity providers.
    pub providers: Providers,
    /// Hints for the operator in the log.
    pub hints: Hints,
    /// The metrics.
    pub metrics: Metrics,
    /// Runs directory steps through NocoBase. Unset without a gateway, where this server's own database is changed.
    step_executors: OnceLock<Box<dyn StepExecutors>>,
    /// Changes NocoBase's notifications. Unset without a gateway.
    notification_writer: OnceLock<Box<dyn NotificationWriter>>,
    /// Whether the server is stopping.
    ending: watch::Sender<bool>,
}

impl AppState {
    /// Puts the parts together. `secret` signs sessions and options.
    pub fn new(
        config: Config,
        clock: Clock,
        store: Store,
        vault: Vault,
        providers: Providers,
        metrics: Metrics,
        secret: &[u8],
    ) -> Self {
        Self {
            sessions: Sessions::new(SigningKey::new(secret), clock.clone()),
            options_key: OptionsKey::new(secret),
            guess_limits: GuessLimits::new(&clock),
            hints: Hints::default(),
            checks: ConnectionChecks::default(),
            step_executors: OnceLock::new(),
            notification_writer: OnceLock::new(),
            ending: watch::Sender::new(false),
            config,
            clock,
            store,
            vault,
            providers,
            metrics,
        }
    }

    /// Sets what runs directory steps. Only the first call has an effect, and it must come before the first run.
    pub fn set_step_executors(&self, step_executors: Box<dyn StepExecutors>) {
        let _ = self.step_executors.set(step_executors);
    }

    /// Sets what changes NocoBase's notifications. Only the first call has an effect.
    pub fn set_notification_writer(&self, notification_writer: Box<dyn NotificationWriter>) {
        let _ = self.notification_writer.set(notification_writer);
    }

    /// What changes NocoBase's notifications; none without a NocoBase.
    pub fn notification_writer(&self) -> Option<&dyn NotificationWriter> {
        self.notification_writer
            .get()
            .map(|notification_writer| &**notification_writer)
    }

    /// What runs directory steps.
    pub fn step_executors(&self) -> &dyn StepExecutors {
        self.step_executors
            .get()
            .map_or(&StoreExecutors, |step_executors| &**step_executors)
    }

    /// Loads sources of the directory.
    pub fn source_loader(&self) -> SourceLoader<'_> {
        SourceLoader {
            store: &self.store,
            vault: &self.vault,
            providers: &self.providers,
            options_key: &self.options_key,
        }
    }

    /// Finds who carries messages.
    pub fn messengers(&self) -> Messengers<'_> {
        Messengers {
            store: &self.store,
            vault: &self.vault,
            providers: &self.providers,
        }
    }

    /// Reports from now on that no more requests should be sent here.
    pub fn begin_to_end(&self) {
        self.ending.send_replace(true);
    }

    /// Whether the server is stopping.
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// Becomes true when the server begins to stop.
    pub fn watch_ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// The level at which a failure beside requests is reported. While the server stops, the database
    /// is closed below such work, and the next start does the rest, so that is worth nobody's time.
    pub fn level_of_failure(&self, usual: log::Level) -> log::Level {
        if self.is_ending() {
            log::Level::Debug
        } else {
            usual
        }
    }

    /// Closes the database after the last request. Whatever was answered is stored, even if this is
    /// not called.
    pub async fn close(&self) {
        match timeout(CLOSE_TIMEOUT, self.store.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::warn!(
                "the database was not closed: {error}",
                error = Chain(&error)
            ),
            Err(_) => log::warn!("the database was not closed: something still uses it"),
        }
    }
}
