//! Checks the address to which a connection of the Stream is opened.
//!
//! DingTalk names the address in an answer that came over TLS from the host that the operator has configured. The checks
//! make sure that even a wrong or forged answer cannot make this server open connections inside its own network.

use url::{Host, Url};

/// Returns the address of a connection with its ticket, in the form that an HTTP client takes, or none when this server
/// does not connect to it:
///
/// - Where DingTalk is a sandbox on this machine, only to the sandbox itself.
/// - Elsewhere only with TLS, so that the other side must have a certificate for its name, and to the name of a host in
///   the public network: neither a bare address nor a name without a dot.
pub fn address(api: &Url, endpoint: &str, ticket: &str) -> Option<Url> {
    let mut url = Url::parse(endpoint).ok()?;
    let has_more =
        !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
    if has_more || ticket.is_empty() {
        return None;
    }
    let scheme = match url.scheme() {
        "wss" => "https",
        "ws" => "http",
        _ => return None,
    };
    // Both schemes are special ones of the standard, between which a change is always allowed.
    url.set_scheme(scheme).ok()?;
    let may_go = if api.scheme() == "http" {
        url.origin() == api.origin()
    } else {
        scheme == "https" && is_public_name(&url)
    };
    if !may_go {
        return None;
    }
    url.query_pairs_mut().append_pair("ticket", ticket);
    Some(url)
}

fn is_public_name(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else {
        return false;
    };
    let name = name.trim_end_matches('.');
    let ends_inside = ["localhost", "local", "internal", "lan", "home.arpa"];
    let is_inside = |end: &&str| {
        name.strip_suffix(*end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.contains('.') && !ends_inside.iter().any(is_inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(api: &str, endpoint: &str) -> Option<String> {
        let api = Url::parse(api).unwrap();
        address(&api, endpoint, "a b&c").map(String::from)
    }

    #[test]
    fn a_connection_goes_where_dingtalk_says() {
        let api = "https://api.dingtalk.com/";
        let there = goes(api, "wss://wss-open-connection.dingtalk.com:443/connect");
        let expected = "https://wss-open-connection.dingtalk.com/connect?ticket=a+b%26c";
        assert_eq!(there.as_deref(), Some(expected));
        let there = goes(api, "wss://wss.dingtalk.io/connect?x=1");
        assert_eq!(
            there.as_deref(),
            Some("https://wss.dingtalk.io/connect?x=1&ticket=a+b%26c")
        );
        let sandbox = goes("http://127.0.0.1:13010/", "ws://127.0.0.1:13010/connect");
        assert_eq!(
            sandbox.as_deref(),
            Some("http://127.0.0.1:13010/connect?ticket=a+b%26c")
        );
    }

    #[test]
    fn a_connection_goes_nowhere_inside() {
        for endpoint in [
            "ws://wss-open-connection.dingtalk.com/connect",
            "https://wss-open-connection.dingtalk.com/connect",
            "wss://127.0.0.1/connect",
            "wss://2130706433/connect",
            "wss://0x7f.1/connect",
            "wss://10.0.0.8:8443/connect",
            "wss://[::1]/connect",
            "wss://[::ffff:169.254.169.254]/connect",
            "wss://localhost/connect",
            "wss://LOCALHOST./connect",
            "wss://database/connect",
            "wss://database./connect",
            "wss://metadata.google.internal/connect",
            "wss://printer.local/connect",
            "wss://user:secret@dingtalk.com/connect",
            "wss://dingtalk.com/connect#x",
            "file:///etc/passwd",
            "unix:/run/x",
            "/connect",
            "",
        ] {
            assert_eq!(
                goes("https://api.dingtalk.com/", endpoint),
                None,
                "{endpoint}"
            );
        }
        for endpoint in [
            "ws://127.0.0.1:13011/connect",
            "ws://localhost:13010/connect",
            "wss://127.0.0.1:13010/connect",
            "wss://wss-open-connection.dingtalk.com/connect",
        ] {
            assert_eq!(
                goes("http://127.0.0.1:13010/", endpoint),
                None,
                "{endpoint}"
            );
        }
        let api = Url::parse("https://api.dingtalk.com/").unwrap();
        assert_eq!(address(&api, "wss://wss.dingtalk.com/connect", ""), None);
    }
}
