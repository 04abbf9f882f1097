//! Why the server does not start.

use std::io;
use std::net::SocketAddr;

use crate::config::{EncryptionKeyError, SigningSecretError};
#[cfg(feature = "standalone")]
use crate::domain::install::InstallError;
use crate::gateway::UnfitError;
use crate::provider::ProviderError;
use crate::store::StoreError;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no signing secret.
    #[error(transparent)]
    Secret(#[from] SigningSecretError),
    /// The encryption key cannot be used.
    #[error(transparent)]
    Vault(#[from] EncryptionKeyError),
    /// The database cannot be opened.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The database is not that of the NocoBase behind the gateway, or cannot be shared with it.
    #[error(transparent)]
    Unfit(#[from] UnfitError),
    /// The settings are those of a standalone server, and this program is only a gateway.
    #[error(
        "this program is a gateway and nothing else: set NOCOBASE_UPSTREAM_URL, or use the one that was built \
         with the feature `standalone`"
    )]
    GatewayOnly,
    /// The first start failed.
    #[cfg(feature = "standalone")]
    #[error("the first start failed: {0}")]
    Install(#[from] InstallError),
    /// The client of a provider cannot be created.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The web client's folder cannot be read.
    #[cfg(feature = "standalone")]
    #[error("the web client's files cannot be read: {0}")]
    WebClient(io::Error),
    /// The port is taken, or the address does not belong to this machine.
    #[error("cannot listen on {0}: {1}; set APP_HOST and APP_PORT")]
    Listen(SocketAddr, io::Error),
    /// The second port is taken, or its address does not belong to this machine.
    #[error("cannot listen on {0}: {1}; set METRICS_HOST and METRICS_PORT")]
    ListenForMetrics(SocketAddr, io::Error),
    /// The metrics cannot be created.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}
