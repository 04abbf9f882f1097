//! The command `migrate`, which creates and changes the tables of the database.

use clap::Args;

use super::output::tell;
use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::check;
use crate::provider;
use crate::server::{check_kind, hold_apart};
use crate::store::{ServerLock, ServerLockError, Store, StoreError, migrations};

/// The arguments of `migrate`.
#[derive(Args, Debug)]
pub struct MigrateArguments {
    /// Only show what is missing.
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    config: Config,
}

/// Why no migration is applied.
#[derive(Debug, thiserror::Error)]
#[error(
    "a server, or another command that changes its tables, uses the database {0}, and may be of a release that cannot use the tables that are missing: stop it first"
)]
struct UnderServerError(String);

/// Applies the missing migrations, or only prints their names.
pub async fn run(arguments: MigrateArguments) -> Result<(), Box<dyn std::error::Error>> {
    check_kind(&arguments.config)?;
    if arguments.show {
        tell("missing: ", &missing(&arguments.config).await?);
        return Ok(());
    }
    let _lock = lock_tables(&arguments.config).await?;
    let config = &arguments.config;
    hold_apart(config).await?;
    let store = Store::connect(config, Clock::system(), provider::STABLE_ID_KEYS).await?;
    if config.gateway.is_on() {
        // Under wrong names, the tables would be in the way of the right ones.
        check::database(&store).await?;
    }
    tell("applying: ", &store.pending_migrations().await?);
    store.migrate().await?;
    store.close().await?;
    Ok(())
}

/// Takes the lock that keeps servers away from a SQLite file of this product, for a command that
/// prepares its tables. A running server has it already, which is an error if tables are missing:
/// the server may be of an older release. On a database server there is no lock, because several
/// servers share it.
pub(super) async fn lock_tables(
    config: &Config,
) -> Result<Option<ServerLock>, Box<dyn std::error::Error>> {
    let database = match ServerLock::take(config) {
        Err(ServerLockError::Taken(database)) => database,
        lock => return Ok(lock?),
    };
    if missing(config).await?.is_empty() {
        Ok(None)
    } else {
        Err(UnderServerError(database).into())
    }
}

/// The names of the missing migrations; all of them if the database does not exist yet.
async fn missing(config: &Config) -> Result<Vec<String>, StoreError> {
    loop {
        let opened = Store::open_read_only(config, Clock::system(), provider::STABLE_ID_KEYS);
        let Some(store) = opened.await? else {
            return Ok(migrations(config));
        };
        let pending = store.pending_migrations().await;
        let is_right = pending.is_ok() || !store.has_begun_to_change();
        store.close().await?;
        if is_right {
            return pending;
        }
    }
}

fn tell(what: &str, migrations: &[String]) {
    if migrations.is_empty() {
        tell!("The database is up to date.");
    }
    for name in migrations {
        tell!("{what}{name}");
    }
}
