//! Addresses and paths of the server.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use clap::Args;
use ipnet::IpNet;

use super::Origin;

/// Where the server listens and how browsers reach it.
#[derive(Args, Clone, Debug)]
pub struct Http {
    /// Address to listen on.
    #[arg(
        long,
        env = "APP_HOST",
        default_value = "127.0.0.1",
        value_name = "ADDRESS"
    )]
    pub app_host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    #[arg(long, env = "APP_PORT", default_value_t = 13000, value_name = "PORT")]
    pub app_port: u16,
    /// Origin that browsers use, such as <https://nocobase.example.com>; the Redirect URL is built
    /// from it. Without it, from the request.
    #[arg(long, env = "APP_PUBLIC_URL", value_name = "ORIGIN")]
    pub app_public_url: Option<Origin>,
    /// Path under which the application lives.
    #[arg(
        long,
        env = "APP_PUBLIC_PATH",
        default_value = "/",
        value_name = "PATH"
    )]
    pub app_public_path: BasePath,
    /// Path of the API below the public path.
    #[arg(
        long,
        env = "API_BASE_PATH",
        default_value = "/api/",
        value_name = "PATH"
    )]
    pub api_base_path: BasePath,
    /// Networks of reverse proxies whose X-Forwarded-* headers are trusted, separated by commas.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_parser = network, value_name = "NETWORKS")]
    pub trusted_proxies: Vec<IpNet>,
}

impl Http {
    /// The address and port to listen on.
    pub fn listen(&self) -> SocketAddr {
        SocketAddr::new(self.app_host, self.app_port)
    }

    /// The path of the API, such as `/nocobase/api/`.
    pub fn api_path(&self) -> String {
        self.app_public_path.join(self.api_base_path.as_str())
    }

    /// The rest of a path below the API's path; none for other paths.
    pub fn below_api<'a>(&self, path: &'a str) -> Option<&'a str> {
        let below = path.strip_prefix(self.app_public_path.prefix())?;
        below.strip_prefix(self.api_base_path.as_str())
    }

    /// Whether forwarding headers from this peer count. Its address must be in canonical form.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&peer))
    }
}

/// How many bits precede the IPv4 address in an IPv4-mapped IPv6 address, `::ffff:192.0.2.1`.
const MAPPED_BITS: u8 = 96;

/// Parses a network or an address. IPv4-mapped addresses are converted to IPv4, as peers' addresses
/// are.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "not a network such as 10.0.0.0/8".to_owned())?;
    let mapped = network.prefix_len().checked_sub(MAPPED_BITS);
    let of_ipv4 = mapped.and_then(|bits| match network.addr().to_canonical() {
        address @ IpAddr::V4(_) => IpNet::new(address, bits).ok(),
        IpAddr::V6(_) => None,
    });
    Ok(of_ipv4.unwrap_or(network))
}

/// A path that starts and ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// The path with both slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without its last slash: empty at the root.
    pub fn prefix(&self) -> &str {
        self.0.strip_suffix('/').unwrap_or(&self.0)
    }

    /// `path`, which starts with a slash, below this one.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.prefix())
    }
}

impl FromStr for BasePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = text.trim_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        if !inner.chars().all(plain) || inner.split('/').any(|part| part == "." || part == "..") {
            return Err("must be a path such as /nocobase/".to_owned());
        }
        if inner.contains("//") {
            return Err("must not hold an empty part".to_owned());
        }
        Ok(Self(if inner.is_empty() {
            "/".to_owned()
        } else {
            format!("/{inner}/")
        }))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_gets_both_slashes() {
        for (text, path) in [
            ("", "/"),
            ("/", "/"),
            ("nocobase", "/nocobase/"),
            ("/a/b/", "/a/b/"),
        ] {
            assert_eq!(text.parse::<BasePath>().unwrap().as_str(), path);
        }
        for bad in ["/a b/", "/../", "/a//b", "/a?b", "/\"/"] {
            assert!(bad.parse::<BasePath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proxy_may_be_one_address() {
        assert_eq!(network("10.1.2.3").unwrap(), "10.1.2.3/32".parse().unwrap());
        assert!(network("proxy.example.com").is_err());
        for (mapped, plain) in [
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ] {
            assert_eq!(network(mapped).unwrap(), plain.parse().unwrap());
        }
    }
}
