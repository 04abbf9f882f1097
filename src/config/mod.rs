//! The configuration: environment variables and flags, with a file for each section.
//!
//! Names are NocoBase's own wherever it has one, so that its `.env` works here too. Every value is
//! parsed when the program starts; a wrong one ends it with a sentence that names the variable.

mod audit;
mod database;
mod database_tls;
mod dingtalk;
pub mod dotenv;
mod encryption;
mod gateway;
mod http;
mod install;
mod operations;
mod origin;
mod secret;
mod secret_file;

pub use audit::Audit;
pub use database::{Database, DatabaseSettingError, Dialect, Schema};
pub use database_tls::{DatabaseTls, DatabaseTlsError, Tls};
pub use dingtalk::DingTalkHosts;
pub use encryption::{EncryptionKey, EncryptionKeyError};
pub use gateway::{Gateway, HostPolicy, UpstreamUrl, Upstreams};
pub use http::{BasePath, Http};
pub use install::Install;
pub use operations::Operations;
pub use origin::Origin;
pub use secret::{Secret, SigningSecret, SigningSecretError};

use std::path::PathBuf;

use clap::Args;

/// All settings of the server.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Addresses and paths.
    #[command(flatten)]
    pub http: Http,
    /// The database.
    #[command(flatten)]
    pub database: Database,
    /// The secret that signs session tokens.
    #[command(flatten)]
    pub signing: SigningSecret,
    /// The key that encrypts secret variables.
    #[command(flatten)]
    pub encryption: EncryptionKey,
    /// What the first start creates.
    #[command(flatten)]
    pub install: Install,
    /// The addresses of DingTalk.
    #[command(flatten)]
    pub dingtalk: DingTalkHosts,
    /// The audit trail.
    #[command(flatten)]
    pub audit: Audit,
    /// The NocoBase behind the gateway.
    #[command(flatten)]
    pub gateway: Gateway,
    /// The second port, for monitoring.
    #[command(flatten)]
    pub operations: Operations,
    /// Folder of files that the server writes: database, signing secret,
    /// encryption key.
    #[arg(
        long,
        env = "STORAGE_PATH",
        default_value = "storage",
        value_name = "DIR"
    )]
    pub storage_path: PathBuf,
    /// Folder with NocoBase's web client, as `make ui` fetches it [default: ui, when it exists].
    #[arg(long, env = "NOCOBASE_UI_DIR", value_name = "DIR")]
    pub ui_dir: Option<PathBuf>,
}

impl Config {
    /// The folder of the web client, if there is one.
    pub fn web_client(&self) -> PathBuf {
        self.ui_dir.clone().unwrap_or_else(|| PathBuf::from("ui"))
    }

    /// Where the SQLite file would be, also when the database is another one.
    pub fn sqlite_file(&self) -> PathBuf {
        self.database
            .storage
            .clone()
            .unwrap_or_else(|| self.storage_path.join("db").join("nocobase.sqlite"))
    }
}
