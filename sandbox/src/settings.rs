//! What the sandbox can be told at its start.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use crate::seed;

/// Port of the sandbox unless another is chosen.
const PORT: u16 = 13010;

/// Where the sandbox listens and which app it knows from the start.
#[derive(Clone)]
pub struct Settings {
    /// Address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Redirect URIs registered for the app. Empty: any `http` address of this machine
    /// (`127.0.0.1`, `localhost`, `[::1]`; every port and path), so that a developer can start at once.
    pub redirect_uris: Vec<String>,
    /// Client ID (`AppKey`) of the app.
    pub client_id: String,
    /// Client secret (`AppSecret`) of the app.
    pub client_secret: String,
    /// Corp ID of the organisation that owns the app and employs the seeded members.
    pub corp_id: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
            redirect_uris: Vec::new(),
            client_id: seed::CLIENT_ID.to_owned(),
            client_secret: seed::CLIENT_SECRET.to_owned(),
            corp_id: seed::CORP_ID.to_owned(),
        }
    }
}

/// The same as command-line options and environment variables.
///
/// Every name carries the prefix `sandbox`, so that a command can flatten these beside its own.
#[derive(Clone, clap::Args)]
pub struct Arguments {
    /// Address the sandbox listens on
    #[arg(id = "sandbox-host", long = "sandbox-host", env = "SANDBOX_HOST", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Port the sandbox listens on; 0 takes any free one
    #[arg(id = "sandbox-port", long = "sandbox-port", env = "SANDBOX_PORT", default_value_t = PORT)]
    port: u16,
    /// Redirect URIs registered for the app, separated by commas; none: any http address of this machine
    #[arg(
        id = "sandbox-redirect-uris",
        long = "sandbox-redirect-uris",
        env = "SANDBOX_REDIRECT_URIS",
        value_delimiter = ','
    )]
    redirect_uris: Vec<String>,
    /// Client ID of the app
    #[arg(id = "sandbox-client-id", long = "sandbox-client-id", env = "SANDBOX_CLIENT_ID", default_value = seed::CLIENT_ID)]
    client_id: String,
    /// Client secret of the app
    #[arg(id = "sandbox-client-secret", long = "sandbox-client-secret", env = "SANDBOX_CLIENT_SECRET", default_value = seed::CLIENT_SECRET, hide_env_values = true)]
    client_secret: String,
    /// Corp ID of the seeded organisation
    #[arg(id = "sandbox-corp-id", long = "sandbox-corp-id", env = "SANDBOX_CORP_ID", default_value = seed::CORP_ID)]
    corp_id: String,
}

impl From<Arguments> for Settings {
    fn from(arguments: Arguments) -> Self {
        Self {
            listen: SocketAddr::from((arguments.host, arguments.port)),
            // An environment variable that is set but empty arrives as one empty item.
            redirect_uris: arguments
                .redirect_uris
                .iter()
                .map(|uri| uri.trim().to_owned())
                .filter(|uri| !uri.is_empty())
                .collect(),
            client_id: arguments.client_id,
            client_secret: arguments.client_secret,
            corp_id: arguments.corp_id,
        }
    }
}

// By hand: a derived one would print the secret.
impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Arguments")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
