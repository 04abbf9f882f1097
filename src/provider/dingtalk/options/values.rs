//! Values of options as forms send them, and the rules for each.
//!
//! Errors never quote a value, because it may be a secret that somebody typed into the wrong field.

use secrecy::SecretString;
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use crate::config::Origin;

/// The longest secret, in characters; DingTalk's have 64.
const LONGEST_SECRET: usize = 256;
/// Digits of a number that 64 bits hold.
const LONGEST_NUMBER: usize = 18;
/// The longest host name in DNS, in bytes.
const LONGEST_DOMAIN: usize = 253;

/// A text. Invisible characters that came with pasting have been removed before.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) => Ok(text),
        _ => Err(D::Error::custom("not a text")),
    }
}

/// The identifier of an application or an organization. It may be a variable, unless the option is
/// about to be used.
pub fn identifier<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = text(from)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.chars().all(plain) || holds_variable(&text) {
        Ok(text)
    } else {
        Err(D::Error::custom("not an identifier"))
    }
}

/// Like [`identifier`], but it may be empty, which counts as not set.
pub fn optional_identifier<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Some(identifier(from)?).filter(|text| !text.is_empty()))
}

/// A number of up to 18 digits, also sent as one; empty means none. A variable may stand in its place.
pub fn optional_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return Err(D::Error::custom("not a number")),
    };
    let is_number = text.len() <= LONGEST_NUMBER && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || holds_variable(&text) {
        Ok(Some(text).filter(|text| !text.is_empty()))
    } else {
        Err(D::Error::custom("not a number"))
    }
}

/// Whether a text contains a variable, `{{ $env.NAME }}`.
fn holds_variable(text: &str) -> bool {
    text.contains("{{")
}

/// A secret: visible characters, or a variable.
pub fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    let text = text(from)?;
    if text.chars().count() > LONGEST_SECRET {
        return Err(D::Error::custom("too long"));
    }
    if text.chars().all(|c| c.is_ascii_graphic()) || holds_variable(&text) {
        Ok(text.into())
    } else {
        Err(D::Error::custom("not a secret"))
    }
}

/// An origin to which browsers may be sent with a code: with TLS, or on this machine.
pub fn origin<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Origin>, D::Error> {
    let text = text(from)?;
    if text.is_empty() {
        return Ok(None);
    }
    let origin: Origin = text
        .parse()
        .map_err(|_| D::Error::custom("not an origin"))?;
    if origin.may_get_codes() {
        Ok(Some(origin))
    } else {
        Err(D::Error::custom("not https"))
    }
}

/// Domains in lower case, from a text with commas or from a list.
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
    let only_commas = domains.is_empty() && !texts.is_empty();
    if !only_commas && domains.iter().all(|domain| is_domain(domain)) {
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
