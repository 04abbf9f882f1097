//! `migrate` — the database's tables.

use clap::Args;

use crate::clock::Clock;
use crate::config::Config;
use crate::store::Store;

/// What to do to which database.
#[derive(Args, Debug)]
pub struct MigrateArguments {
    /// Only show what is missing.
    #[arg(long)]
    show: bool,
    #[command(flatten)]
    config: Config,
}

/// Applies the migrations that are missing.
pub async fn run(arguments: MigrateArguments) -> Result<(), Box<dyn std::error::Error>> {
    let store = Store::connect(&arguments.config, Clock::system()).await?;
    let pending = store.pending_migrations().await?;
    if pending.is_empty() {
        println!("The database is up to date.");
        return Ok(());
    }
    for name in &pending {
        println!(
            "{}{name}",
            if arguments.show {
                "missing: "
            } else {
                "applying: "
            }
        );
    }
    if !arguments.show {
        store.migrate().await?;
    }
    store.close().await?;
    Ok(())
}
