//! Origins: scheme, host and port of web addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use url::{Host, Url};

/// The scheme, host and port of a web address, in the form that browsers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of an address with this scheme and authority; none when it is not http(s).
    pub fn of(scheme: &str, authority: &str) -> Option<Self> {
        let text = format!("{scheme}://{authority}");
        // This fast path exists because every request gets here: a text in the browsers' form needs
        // no parsing.
        if matches!(scheme, "http" | "https") && is_plain(authority) {
            return Some(Self(text));
        }
        text.parse().ok()
    }

    /// The origin in the browsers' form: without a slash at the end and without a default port.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers use TLS for it.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether browsers may be sent there with a code: with TLS, or on this machine.
    pub fn may_get_codes(&self) -> bool {
        self.is_https() || self.is_local()
    }

    fn is_local(&self) -> bool {
        match Url::parse(&self.0).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => false,
        }
    }
}

/// Whether host and port are certainly in the browsers' form. If in doubt, the answer is no.
fn is_plain(authority: &str) -> bool {
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let plain_port = port.is_none_or(|port| {
        let digits = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
        // Browsers leave out default ports and leading zeros.
        digits && !port.starts_with('0') && port.parse::<u16>().is_ok_and(|port| port > 1023)
    });
    let plain_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !label.is_empty() && label.bytes().all(|byte| plain(byte) || byte == b'-')
    };
    // International names have rules of their own, and a name that ends in a number is an address.
    let last_is_word = host
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_lowercase()));
    let plain_name = last_is_word && !host.contains("xn--") && host.split('.').all(plain_label);
    let plain_host = plain_name || host.parse::<Ipv4Addr>().is_ok();
    plain_port && plain_host
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let problem = || "must be an origin such as https://nocobase.example.com".to_owned();
        let url = Url::parse(text).map_err(|_| problem())?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare || !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(problem());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        let origin = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());
        assert_eq!(
            origin("HTTPS://Example.com:443/").unwrap(),
            "https://example.com"
        );
        assert_eq!(
            origin("http://127.0.0.1:13000").unwrap(),
            "http://127.0.0.1:13000"
        );
        for bad in [
            "example.com",
            "ftp://example.com",
            "https://example.com/x",
            "https://a@b",
            "null",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_short_way_to_an_origin_leads_where_the_long_one_does() {
        for authority in [
            "nocobase.example.com",
            "nocobase.example.com:13000",
            "localhost:8080",
            "127.0.0.1:13000",
            "127.0.0.1",
            "a-b.c",
            "example.com:443",
            "example.com:80",
            "example.com:013000",
            "example.com:99999",
            "example.com:",
            "Example.com",
            "127.1",
            "0x7f.1",
            "1.2.3.256",
            "a..b",
            "a.b.",
            "xn--a.example",
            "[::1]:13000",
            "a@b",
            "a b",
            "a/b",
            "",
            "-",
            "a_b.example",
        ] {
            for scheme in ["http", "https"] {
                let long = format!("{scheme}://{authority}").parse::<Origin>().ok();
                assert_eq!(Origin::of(scheme, authority), long, "{authority}");
            }
        }
        assert!(is_plain("nocobase.example.com:13000") && is_plain("127.0.0.1:13000"));
    }
}
