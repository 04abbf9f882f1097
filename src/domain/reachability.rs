//! From where people can reach an address, judging by the address itself.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// From where an address can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// The address can only be reached from the machine that serves it.
    Machine,
    /// The address can only be reached from the same network.
    Network,
    /// The address can be reached from everywhere, but others can read what is sent.
    Plain,
    /// The address can be reached from everywhere, with TLS.
    Everywhere,
}

/// Suffixes of names for private networks (RFC 6761, 6762, 8375, and others in common use).
const INTERNAL: [&str; 8] = [
    "local",
    "lan",
    "internal",
    "intranet",
    "corp",
    "home.arpa",
    "test",
    "invalid",
];

impl Reachability {
    /// The reachability of an address, by its scheme and host.
    pub fn of(url: &Url) -> Self {
        match url.host() {
            Some(Host::Domain(name)) if is_localhost(name) => Self::Machine,
            Some(Host::Domain(name)) if is_internal_name(name) => Self::Network,
            Some(Host::Ipv4(address)) if address.is_loopback() => Self::Machine,
            Some(Host::Ipv4(address)) if is_internal_v4(address) => Self::Network,
            Some(Host::Ipv6(address)) if address.is_loopback() => Self::Machine,
            Some(Host::Ipv6(address)) if is_internal_v6(address) => Self::Network,
            None => Self::Machine,
            Some(_) if url.scheme() != "https" => Self::Plain,
            Some(_) => Self::Everywhere,
        }
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

fn is_internal_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let ends_in = |end: &str| {
        let before = name.strip_suffix(end);
        before.is_some_and(|before| before.ends_with('.'))
    };
    !name.contains('.') || INTERNAL.into_iter().any(ends_in)
}

fn is_internal_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // RFC 6598: shared addresses behind the NAT of an internet provider.
    let is_shared = first == 100 && (64..128).contains(&second);
    address.is_private() || address.is_link_local() || address.is_unspecified() || is_shared
}

fn is_internal_v6(address: Ipv6Addr) -> bool {
    if let Some(address) = address.to_ipv4_mapped() {
        return address.is_loopback() || is_internal_v4(address);
    }
    address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_from_where_it_can_be_reached() {
        for (address, reachability) in [
            ("https://nocobase.example.com/api", Reachability::Everywhere),
            ("https://203.0.113.9:8443/", Reachability::Everywhere),
            ("https://[2001:db8::1]/", Reachability::Everywhere),
            ("http://nocobase.example.com/", Reachability::Plain),
            ("http://203.0.113.9/", Reachability::Plain),
            ("https://nocobase/", Reachability::Network),
            ("https://nocobase.lan./", Reachability::Network),
            ("https://nocobase.office.internal/", Reachability::Network),
            ("https://notinternal/", Reachability::Network),
            ("https://lan.example.com/", Reachability::Everywhere),
            ("http://10.1.2.3/", Reachability::Network),
            ("http://172.16.0.1/", Reachability::Network),
            ("http://192.168.1.9:13000/", Reachability::Network),
            ("http://100.64.0.1/", Reachability::Network),
            ("https://100.128.0.1/", Reachability::Everywhere),
            ("https://[fd00::1]/", Reachability::Network),
            ("https://[::ffff:10.0.0.1]/", Reachability::Network),
            ("http://localhost:13000/", Reachability::Machine),
            ("http://nocobase.localhost/", Reachability::Machine),
            ("http://localhost.:13000/", Reachability::Machine),
            ("http://127.0.0.1:13000/", Reachability::Machine),
            ("http://[::1]/", Reachability::Machine),
        ] {
            assert_eq!(
                Reachability::of(&Url::parse(address).unwrap()),
                reachability,
                "{address}"
            );
        }
    }

    #[test]
    fn addresses_at_the_edge_of_private_networks_are_told_apart() {
        for (address, reachability) in [
            ("http://169.254.10.1/", Reachability::Network),
            ("http://0.0.0.0:13000/", Reachability::Network),
            ("https://100.63.255.255/", Reachability::Everywhere),
            ("https://100.127.255.255/", Reachability::Network),
            ("https://101.64.0.1/", Reachability::Everywhere),
            ("https://[fe80::1]/", Reachability::Network),
            ("http://[::]:13000/", Reachability::Network),
            ("https://[::ffff:127.0.0.1]/", Reachability::Network),
            ("https://[::ffff:203.0.113.9]/", Reachability::Everywhere),
            ("https://localhost.example.com/", Reachability::Everywhere),
            ("https://my-localhost/", Reachability::Network),
            ("https://nocobase.mylan/", Reachability::Everywhere),
        ] {
            assert_eq!(
                Reachability::of(&Url::parse(address).unwrap()),
                reachability,
                "{address}"
            );
        }
    }
}
