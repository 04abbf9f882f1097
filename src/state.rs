//! What every request can reach: the parts of the server below its HTTP edges. It names none of the
//! edges, so each of them may use it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::attempts::Attempts;
use crate::domain::connection_checks::ConnectionChecks;
use crate::domain::environment::Vault;
use crate::domain::identity_provider::Providers;
use crate::domain::options_signature::OptionsKey;
use crate::domain::session::{Sessions, SigningKey};
use crate::hints::Hints;
use crate::metrics::Metrics;
use crate::store::Store;

/// How long what still uses the database may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every request can reach.
pub struct AppState {
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
    /// What tests of connections found.
    pub checks: ConnectionChecks,
    /// Who can say who somebody is.
    pub providers: Providers,
    /// What the log says now and then.
    pub hints: Hints,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the server is about to end.
    ending: AtomicBool,
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
            attempts: Attempts::new(&clock),
            hints: Hints::default(),
            checks: ConnectionChecks::default(),
            ending: AtomicBool::new(false),
            config,
            clock,
            store,
            vault,
            providers,
            metrics,
        }
    }

    /// Says to whoever asks that no more requests should be sent here.
    pub fn begin_to_end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether the server is about to end.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Closes the database after the last request. What was answered is kept either way.
    pub async fn close(&self) {
        match timeout(PATIENCE, self.store.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::warn!(
                "the database was not closed: {error}",
                error = Chain(&error)
            ),
            Err(_) => log::warn!("the database was not closed: something still uses it"),
        }
    }
}
