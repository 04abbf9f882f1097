//! `migrate` — the database's tables.

use clap::Args;

use crate::clock::Clock;
use crate::config::Config;
use crate::provider;
use crate::server::check_kind;
use crate::store::{Store, StoreError, migrations};

/// What to do to which database.
#[derive(Args, Debug)]
pub struct MigrateArguments {
    /// Only show what is missing.
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    config: Config,
}

/// Applies the migrations that are missing, or only names them.
pub async fn run(arguments: MigrateArguments) -> Result<(), Box<dyn std::error::Error>> {
    check_kind(&arguments.config)?;
    if arguments.show {
        tell("missing: ", &missing(&arguments.config).await?);
        return Ok(());
    }
    let store =
        Store::connect(&arguments.config, Clock::system(), provider::STABLE_ID_KEYS).await?;
    tell("applying: ", &store.pending_migrations().await?);
    store.migrate().await?;
    store.close().await?;
    Ok(())
}

/// Names of the migrations that are missing. Of a database that is not there yet that is all of them.
async fn missing(config: &Config) -> Result<Vec<String>, StoreError> {
    let Some(store) = Store::look(config, Clock::system(), provider::STABLE_ID_KEYS).await? else {
        return Ok(migrations(config));
    };
    let pending = store.pending_migrations().await?;
    store.close().await?;
    Ok(pending)
}

fn tell(what: &str, migrations: &[String]) {
    if migrations.is_empty() {
        println!("The database is up to date.");
    }
    for name in migrations {
        println!("{what}{name}");
    }
}
