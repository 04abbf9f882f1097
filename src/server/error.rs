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
    /// No signing secret.
    #[error(transparent)]
    Secret(#[from] SigningSecretError),
    /// The encryption key is none.
    #[error(transparent)]
    Vault(#[from] EncryptionKeyError),
    /// The database does not open.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The database is not that of the NocoBase behind us, or cannot be shared with it.
    #[error(transparent)]
    Unfit(#[from] UnfitError),
    /// Settings of a server without a NocoBase, for a program that is a gateway alone.
    #[error(
        "this program is a gateway and nothing else: set NOCOBASE_UPSTREAM_URL, or use the one that was built \
         with the feature `standalone`"
    )]
    GatewayOnly,
    /// The first start failed.
    #[cfg(feature = "standalone")]
    #[error("the first start failed: {0}")]
    Install(#[from] InstallError),
    /// A provider cannot be called.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The web client's folder cannot be read.
    #[cfg(feature = "standalone")]
    #[error("the web client's files cannot be read: {0}")]
    WebClient(io::Error),
    /// The port is taken, or the address is not ours.
    #[error("cannot listen on {0}: {1}; set APP_HOST and APP_PORT")]
    Listen(SocketAddr, io::Error),
    /// The same of the address for those who watch.
    #[error("cannot listen on {0}: {1}; set METRICS_HOST and METRICS_PORT")]
    ListenForMetrics(SocketAddr, io::Error),
    /// Nothing can be counted.
    #[error("the metrics cannot be set up: {0}")]
    Metrics(#[from] prometheus::Error),
}
