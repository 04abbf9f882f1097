//! Opening the state of a server for reading only.

use std::sync::Arc;

use super::{StartError, check_kind, state};
use crate::clock::Clock;
use crate::config::{Config, Dialect};
use crate::domain::environment::Vault;
use crate::gateway;
use crate::provider;
use crate::state::AppState;
use crate::store::{Store, StoreError};

/// Refuses a SQLite file with accounts of another program before anything about it changes: opened for writing, it would
/// get a write-ahead log. Databases of other kinds are looked at after connecting, which changes nothing there.
pub async fn hold_apart(config: &Config) -> Result<(), StoreError> {
    if config.database.dialect != Dialect::Sqlite || config.gateway.is_on() {
        return Ok(());
    }
    loop {
        let opened = Store::open_read_only(config, Clock::system(), provider::STABLE_ID_KEYS);
        // What else is wrong with the file is told when it is opened for writing.
        let Ok(Some(store)) = opened.await else {
            return Ok(());
        };
        let is_foreign = store.is_of_another_program().await.unwrap_or_default();
        let has_changed = store.has_begun_to_change();
        let apart = if is_foreign && !has_changed {
            store.hold_apart().await
        } else {
            Ok(())
        };
        store.close().await?;
        if !is_foreign || !has_changed {
            return apart;
        }
    }
}

/// Opens the state of a server for reading only: nothing is created, migrated or removed, and no
/// row can be written. None when there is no database yet.
pub async fn open_read_only(
    config: Config,
    clock: Clock,
) -> Result<Option<Arc<AppState>>, StartError> {
    check_kind(&config)?;
    let secret = config.signing.find(&config.storage_path)?;
    // Without a secret nobody has signed anything, so a random one serves as well.
    let secret = secret.unwrap_or_else(|| rand::random::<[u8; 32]>().to_vec());
    let vault = Vault::open(config.encryption.clone(), config.storage_path.clone())?;
    let store = loop {
        let opened = Store::open_read_only(&config, clock.clone(), provider::STABLE_ID_KEYS);
        let Some(store) = opened.await? else {
            return Ok(None);
        };
        if !config.gateway.is_on() {
            break store;
        }
        match gateway::check::database(&store).await {
            Ok(()) => break store,
            Err(_) if store.has_begun_to_change() => store.close().await?,
            Err(error) => return Err(error.into()),
        }
    };
    state(config, clock, vault, store, &secret, Vec::new()).map(Some)
}
