//! The command `migrate`, which creates and changes the tables of the database.

use clap::Args;

use crate::clock::Clock;
use crate::config::Config;
use crate::provider;
use crate::server::check_kind;
use crate::store::{Store, StoreError, migrations};

/// The arguments of `migrate`.
#[derive(Args, Debug)]
pub struct MigrateArguments {
    /// Only show what is missing.
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    config: Config,
}

/// Applies the missing migrations, or only prints their names.
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
        println!("The database is up to date.");
    }
    for name in migrations {
        println!("{what}{name}");
    }
}
