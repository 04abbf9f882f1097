//! Values of options as forms send them, and the rules that each must keep.
//!
//! Errors never quote a value: it may be a secret that somebody typed into the wrong field.

use std::net::IpAddr;

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;
use url::{Host, Url};

use crate::config::Origin;

/// Longest secret; DingTalk's have 64 characters.
const LONGEST_SECRET: usize = 256;
/// Longest host name in DNS.
const LONGEST_DOMAIN: usize = 253;

/// A text without blanks around it, which pasting brings.
pub fn trimmed<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text.trim().to_owned()),
        _ => Err(D::Error::custom("not a text")),
    }
}

/// The same for a secret.
pub fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    let text = trimmed(from)?;
    if text.chars().count() > LONGEST_SECRET {
        return Err(D::Error::custom("too long"));
    }
    Ok(text.into())
}

/// A text that may be empty, which means none.
pub fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Some(trimmed(from)?).filter(|text| !text.is_empty()))
}

/// An origin that browsers can be sent to with a code: by TLS, or on this machine.
pub fn origin<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Origin>, D::Error> {
    let text = trimmed(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    let origin: Origin = text
        .parse()
        .map_err(|_| D::Error::custom("not an origin"))?;
    if origin.is_https() || is_local(&origin) {
        Ok(Some(origin))
    } else {
        Err(D::Error::custom("not https"))
    }
}

fn is_local(origin: &Origin) -> bool {
    match Url::parse(origin.as_str())
        .ok()
        .as_ref()
        .and_then(Url::host)
    {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

/// Domains in small letters, from a text with commas or a list.
pub fn domains<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let texts = match Value::deserialize(from)? {
        Value::String(text) => text.split(',').map(str::to_owned).collect(),
        Value::Array(values) => values
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Ok(text),
                _ => Err(D::Error::custom("not a text")),
            })
            .collect::<Result<Vec<_>, _>>()?,
        _ => return Err(D::Error::custom("not a list")),
    };
    let domains = texts.iter().map(|text| text.trim().to_ascii_lowercase());
    let domains: Vec<_> = domains.filter(|domain| !domain.is_empty()).collect();
    if domains.iter().all(|domain| is_domain(domain)) {
        Ok(domains)
    } else {
        Err(D::Error::custom("not a domain"))
    }
}

fn is_domain(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    text.len() <= LONGEST_DOMAIN
        && text.contains('.')
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(plain))
}
