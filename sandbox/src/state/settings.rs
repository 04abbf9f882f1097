//! The settings with which a sandbox starts.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use crate::state::{directory::Company, seed};

/// The default port.
const PORT: u16 = 13010;

/// Where the sandbox listens, and which app it knows from the start.
#[derive(Clone)]
pub struct Settings {
    /// The address to listen on. Port 0 selects any free one.
    pub listen: SocketAddr,
    /// The redirect URIs of the app. When it is empty, any `http` address of this machine is
    /// accepted (`127.0.0.1`, `localhost`, `[::1]`; every port and path), so that a developer can
    /// start at once.
    pub redirect_uris: Vec<String>,
    /// Client ID (`AppKey`) of the app.
    pub client_id: String,
    /// Client secret (`AppSecret`) of the app.
    pub client_secret: String,
    /// Corp ID of the organization that owns the app and employs the seeded members.
    pub corp_id: String,
    /// A generated company in place of that organization's departments and people.
    pub company: Option<Company>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
            redirect_uris: Vec::new(),
            client_id: seed::CLIENT_ID.to_owned(),
            client_secret: seed::CLIENT_SECRET.to_owned(),
            corp_id: seed::CORP_ID.to_owned(),
            company: None,
        }
    }
}

/// The settings as command-line options and environment variables.
///
/// Every name has the prefix `sandbox`, so that another command can include them among its options.
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
    /// Corp ID of the seeded organization
    #[arg(id = "sandbox-corp-id", long = "sandbox-corp-id", env = "SANDBOX_CORP_ID", default_value = seed::CORP_ID)]
    corp_id: String,
    /// People of a generated company, which replaces the seeded organization
    #[arg(id = "sandbox-people", long = "sandbox-people", env = "SANDBOX_PEOPLE")]
    people: Option<usize>,
    /// Departments of the generated company
    #[arg(
        id = "sandbox-departments",
        long = "sandbox-departments",
        env = "SANDBOX_DEPARTMENTS",
        default_value_t = 100
    )]
    departments: usize,
    /// Seed of the generated company; the same seed leads to the same company
    #[arg(
        id = "sandbox-seed",
        long = "sandbox-seed",
        env = "SANDBOX_SEED",
        default_value_t = 0
    )]
    seed: u64,
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
            company: arguments.people.map(|people| Company {
                people,
                departments: arguments.departments,
                seed: arguments.seed,
            }),
        }
    }
}

// Written by hand, because a derived implementation would print the secret.
impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Arguments")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
