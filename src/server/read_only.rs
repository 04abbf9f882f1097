//! Opening the state of a server for reading only.

use std::sync::Arc;

use super::{StartError, check_kind, state};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::environment::Vault;
use crate::gateway;
use crate::provider;
use crate::state::AppState;
use crate::store::Store;

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
