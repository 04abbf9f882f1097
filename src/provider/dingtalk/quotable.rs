//! The parts of DingTalk's texts that may be repeated: an address, an id, two numbers, each of
//! which is parsed. The texts themselves are never passed on, because nobody knows what they will
//! contain in future.

use std::fmt;
use std::net::IpAddr;

/// The longest code or id that is passed on, in characters; DingTalk's are shorter.
const LONGEST: usize = 100;

/// The letters, digits and separators of a code or an id.
pub fn word(text: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    text.chars().filter(plain).take(LONGEST).collect()
}

/// The caller as DingTalk saw it. Behind NAT this is the only way to learn one's own public
/// address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The address that it saw.
    pub address: Option<IpAddr>,
    /// The Client ID of the application whose allow list is meant.
    application: Option<String>,
}

impl Caller {
    /// Parses a text such as `…request ip=203.0.113.9 appKey(dingx)`.
    pub fn in_text(text: &str) -> Self {
        let after = |mark| text.split_once(mark).map(|(_, rest)| rest.trim_start());
        let address = after("ip=").and_then(|rest| {
            let end = |c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':'));
            rest.split(end).next()?.parse().ok()
        });
        let application = after("appKey(").and_then(|rest| {
            let (key, _) = rest.split_once(')')?;
            Some(key).filter(|key| !key.is_empty() && word(key) == *key)
        });
        Self {
            address,
            application: application.map(str::to_owned),
        }
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(address) = self.address {
            write!(f, ", {address}")?;
        }
        match &self.application {
            Some(application) => write!(f, ", for the application {application}"),
            None => Ok(()),
        }
    }
}

/// The number of calls in a month, and the quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage(Option<(u64, u64)>);

impl Usage {
    /// Parses a text such as `…调用量:10001次,额度:10000次…`.
    pub fn in_text(text: &str) -> Self {
        let number = |mark| {
            let (_, rest) = text.split_once(mark)?;
            let rest = rest.trim_start_matches([':', '：', ' ']);
            rest.split(|c: char| !c.is_ascii_digit())
                .next()?
                .parse()
                .ok()
        };
        // The word for the usage also appears earlier in the text, without a number.
        Self(
            number("调用量:")
                .or_else(|| number("调用量："))
                .zip(number("额度")),
        )
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((used, of)) => write!(f, ", {used} of {of}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_dingtalk_saw_is_read_as_one() {
        for (text, told) in [
            (
                "访问ip不在白名单之中,request ip=203.0.113.9 appKey(dingx1)",
                ", 203.0.113.9, for the application dingx1",
            ),
            (
                "请参考FAQ：https://example.com/ip,request ip=2001:db8::9",
                ", 2001:db8::9",
            ),
            ("request ip=203.0.113.9,", ", 203.0.113.9"),
            ("request ip=203.0.113.999 appKey(a b)", ""),
            ("request ip=<script> appKey()", ""),
            ("request ip=", ""),
            ("请求ip不在白名单中", ""),
        ] {
            assert_eq!(Caller::in_text(text).to_string(), told, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_where_both_are_there() {
        for (text, told) in [
            ("调用量:10001次,额度:10000次", ", 10001 of 10000"),
            ("调用量：7次，额度：5次", ", 7 of 5"),
            ("api调用量已超过限制", ""),
            ("调用量:x,额度:1", ""),
        ] {
            assert_eq!(Usage::in_text(text).to_string(), told, "{text}");
        }
    }
}
