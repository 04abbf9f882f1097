//! The application for somebody who only looks.

use std::sync::Arc;

use super::{App, StartError};
use crate::api::websocket::Hub;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::environment::Vault;
use crate::gateway;
use crate::provider;
use crate::store::Store;
use crate::web::WebClient;

impl App {
    /// Opens what is there, to look at it: nothing is made, applied or removed, and no row can be written.
    /// Nothing when there is no database yet.
    pub async fn look(config: Config, clock: Clock) -> Result<Option<Arc<Self>>, StartError> {
        let secret = config.signing.find(&config.storage_path)?;
        // Without one nobody has signed anything, and any other is as wrong.
        let secret = secret.unwrap_or_else(|| rand::random::<[u8; 32]>().to_vec());
        let vault = Vault::open(config.encryption.clone(), config.storage_path.clone())?;
        let Some(store) = Store::look(&config, clock.clone(), provider::WITNESSES).await? else {
            return Ok(None);
        };
        if config.gateway.is_on() {
            gateway::check::database(&store).await?;
        }
        let web = WebClient::own_only(&config.http);
        let hub = Hub::default();
        Self::with(config, clock, vault, store, &secret, web, hub, Vec::new()).map(Some)
    }
}
