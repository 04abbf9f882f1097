//! The settings of the NocoBase behind the gateway.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use url::Url;

/// The NocoBase to which other requests are passed on. Without an address, the server is
/// standalone.
#[derive(Args, Clone, Debug, Default)]
pub struct Gateway {
    /// Address of a NocoBase to stand in front of, with its database and signing secret; for
    /// several nodes of one NocoBase, their addresses, separated by commas.
    #[arg(long, env = "NOCOBASE_UPSTREAM_URL", value_name = "URLS")]
    pub nocobase_upstream_url: Option<Upstreams>,
    /// The Host header that NocoBase receives: the one that the client sent, or NocoBase's own address.
    #[arg(
        long,
        env = "NOCOBASE_UPSTREAM_HOST",
        value_enum,
        default_value = "client"
    )]
    pub nocobase_upstream_host: HostPolicy,
}

impl Gateway {
    /// Whether the server is a gateway. Its database is then NocoBase's, whose tables must not be
    /// altered.
    pub fn is_on(&self) -> bool {
        self.nocobase_upstream_url.is_some()
    }

    /// The addresses of the nodes of the NocoBase; empty for a standalone server.
    pub fn upstreams(&self) -> &[UpstreamUrl] {
        self.nocobase_upstream_url
            .as_ref()
            .map_or(&[], |upstreams| &upstreams.0)
    }
}

/// Which Host header NocoBase gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum HostPolicy {
    /// The one that the client sent.
    #[default]
    Client,
    /// Host and port of NocoBase's address.
    Upstream,
}

/// The addresses of the nodes of one NocoBase: at least one, and all different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstreams(Vec<UpstreamUrl>);

impl FromStr for Upstreams {
    type Err = String;

    /// Parses the addresses. The error says for each wrong one what is wrong with it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut urls: Vec<UpstreamUrl> = Vec::new();
        let mut wrong = Vec::new();
        for entry in text.split(',').map(str::trim) {
            match entry.parse() {
                Ok(url) if urls.contains(&url) => wrong.push(format!("«{entry}» is named twice")),
                Ok(url) => urls.push(url),
                Err(why) => wrong.push(format!("«{entry}» {why}")),
            }
        }
        if wrong.is_empty() {
            Ok(Self(urls))
        } else {
            Err(wrong.join("; "))
        }
    }
}

/// The address of a NocoBase: plain HTTP, with host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamUrl(String);

impl UpstreamUrl {
    /// The host and port, such as `127.0.0.1:13000`.
    pub fn authority(&self) -> &str {
        &self.0
    }

    /// The port.
    pub fn port(&self) -> Option<u16> {
        self.0.rsplit_once(':')?.1.parse().ok()
    }

    /// Whether the address is a loopback name or address of this machine.
    pub fn is_on_this_machine(&self) -> bool {
        let host = self.host();
        host == "localhost"
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback() || address.is_unspecified())
    }

    /// Whether the address leads to a server on this machine that listens at `listen`.
    pub fn is_at(&self, listen: SocketAddr) -> bool {
        let is_here = self.is_on_this_machine() || self.host().parse() == Ok(listen.ip());
        is_here && self.port() == Some(listen.port())
    }

    fn host(&self) -> &str {
        let host = self.0.rsplit_once(':').map_or("", |(host, _)| host);
        host.trim_matches(['[', ']'])
    }
}

impl FromStr for UpstreamUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be the address at which NocoBase itself listens, such as \
            http://127.0.0.1:13000, without a path";
        let url = Url::parse(text).map_err(|_| WRONG)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match (url.scheme(), url.host()) {
            ("https", _) => Err(
                "must be http://: NocoBase itself does not speak TLS; name the address at which it listens",
            ),
            ("http", Some(host)) if bare => {
                Ok(Self(format!("{host}:{}", url.port().unwrap_or(80))))
            }
            _ => Err(WRONG),
        }
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_nodes_each_wrong_one_is_named() {
        let two = "http://a:13000, http://b:13000".parse::<Upstreams>();
        assert_eq!(two.unwrap().0.len(), 2);
        let wrong = "http://a:13000,b:13000,https://c,http://a:13000/,".parse::<Upstreams>();
        let wrong = wrong.unwrap_err();
        let wrong: Vec<_> = wrong.split("; ").collect();
        let begins = [
            "«b:13000» must be the address",
            "«https://c» must be http://",
            "«http://a:13000/» is named twice",
            "«» must be",
        ];
        // One of the sentences contains a semicolon of its own, after a colon.
        for begin in begins {
            assert!(wrong.iter().any(|one| one.starts_with(begin)), "{wrong:?}");
        }
    }

    #[test]
    fn an_upstream_is_host_and_port() {
        let of = |text: &str| {
            text.parse::<UpstreamUrl>()
                .map(|url| url.authority().to_owned())
        };
        assert_eq!(of("http://127.0.0.1:13000").unwrap(), "127.0.0.1:13000");
        assert_eq!(of("http://NocoBase/").unwrap(), "nocobase:80");
        assert_eq!(of("http://[::1]:13000").unwrap(), "[::1]:13000");
        let listen = "127.0.0.1:13000".parse().unwrap();
        for (url, is_same) in [
            ("http://127.0.0.1:13000", true),
            ("http://localhost:13000", true),
            ("http://[::1]:13000", true),
            ("http://127.0.0.1:13001", false),
            ("http://nocobase:13000", false),
        ] {
            let url = url.parse::<UpstreamUrl>().unwrap();
            assert_eq!(url.is_at(listen), is_same, "{url}");
        }
        for bad in [
            "nocobase:13000",
            "https://nocobase.example.com",
            "http://nocobase/base",
            "http://user@nocobase",
            "http://nocobase/?x",
            "",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
