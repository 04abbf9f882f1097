//! The stream from a page. It is passed on unchanged, except for names of authenticators that
//! NocoBase does not know.

use bytes::{Buf, Bytes, BytesMut};
use serde_json::Value;

use super::frame_head::{Head, text, unmasked};

/// The longest message that is examined, in bytes; one with a token has some hundred.
const LONGEST: u64 = 16 * 1024;

/// The stream of a page.
#[derive(Default)]
pub struct FromClient {
    /// What arrived and is not passed on yet.
    held: BytesMut,
    /// How many bytes of the current frame are still to be passed on.
    passing: u64,
    /// Whether a message is incomplete, because frames of it are still to come.
    open: bool,
}

impl FromClient {
    /// Takes what arrived, and returns what can be passed on, which may be nothing. `substitute`
    /// returns the name that NocoBase gets in place of another, if necessary.
    pub fn take(&mut self, piece: &[u8], substitute: impl Fn(&str) -> Option<String>) -> Bytes {
        self.held.extend_from_slice(piece);
        let mut out = BytesMut::new();
        loop {
            if self.passing > 0 {
                let now = usize::try_from(self.passing)
                    .unwrap_or(usize::MAX)
                    .min(self.held.len());
                out.extend_from_slice(&self.held.split_to(now));
                self.passing -= now as u64;
            }
            if self.passing > 0 {
                break;
            }
            let Some(head) = Head::parse(&self.held) else {
                break;
            };
            let looked_at = head.is_text() && !self.open && head.payload <= LONGEST;
            self.open = head.leaves_open(self.open);
            let total = (head.length as u64).saturating_add(head.payload);
            let (true, Some(mask)) = (looked_at, head.mask) else {
                self.passing = total;
                continue;
            };
            if (self.held.len() as u64) < total {
                break;
            }
            let mut frame = self
                .held
                .split_to(usize::try_from(total).unwrap_or(usize::MAX));
            let whole = frame.clone();
            frame.advance(head.length);
            let message: Vec<u8> = unmasked(&frame, mask).collect();
            match rewritten(&message, &substitute) {
                Some(other) => out.extend_from_slice(&text(other.as_bytes(), Some(mask))),
                None => out.extend_from_slice(&whole),
            }
        }
        out.freeze()
    }
}

/// The message with the name replaced, if it names an authenticator that NocoBase does not know.
fn rewritten(message: &[u8], substitute: impl Fn(&str) -> Option<String>) -> Option<String> {
    if !message.starts_with(b"{") {
        return None;
    }
    let mut message: Value = serde_json::from_slice(message).ok()?;
    if message.get("type")? != "auth:token" {
        return None;
    }
    let name = message.get_mut("payload")?.get_mut("authenticator")?;
    *name = Value::from(substitute(name.as_str()?)?);
    Some(message.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASK: Option<[u8; 4]> = Some([7, 8, 9, 10]);

    fn substitute(name: &str) -> Option<String> {
        (name == "dingtalk").then(|| "basic".to_owned())
    }

    /// The output for bytes that arrive in pieces of this size.
    fn through(bytes: &[u8], size: usize) -> Vec<u8> {
        let mut stream = FromClient::default();
        bytes
            .chunks(size)
            .flat_map(|piece| stream.take(piece, substitute))
            .collect()
    }

    #[test]
    fn only_the_name_of_a_dingtalk_authenticator_changes() {
        let said = r#"{"type":"auth:token","payload":{"token":"t","authenticator":"dingtalk"}}"#;
        let meant = said.replace("dingtalk", "basic");
        let others = [
            "ping",
            "{",
            r#"{"type":"other","payload":{"authenticator":"dingtalk"}}"#,
            r#"{"type":"auth:token","payload":{"token":"t","authenticator":"basic"}}"#,
            r#"{"type":"auth:token","payload":{"authenticator":null}}"#,
        ];
        let mut bytes = text(said.as_bytes(), MASK);
        let mut expected = text(meant.as_bytes(), MASK);
        for other in others {
            bytes.extend(text(other.as_bytes(), MASK));
            expected.extend(text(other.as_bytes(), MASK));
        }
        for size in [1, 3, 50, 10_000] {
            assert_eq!(through(&bytes, size), expected, "{size}");
        }
    }

    #[test]
    fn everything_else_passes_through_byte_by_byte() {
        let big = text(&vec![b'{'; 100_000], MASK);
        let binary = [0x82, 0x83, 1, 2, 3, 4, 5, 6, 7];
        let pieces = [0x01, 0x81, 0, 0, 0, 0, b'{', 0x80, 0x81, 0, 0, 0, 0, b'}'];
        let close = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];
        let bytes = [&big[..], &binary, &pieces, &close].concat();
        for size in [1, 7, 4096] {
            assert!(through(&bytes, size) == bytes, "{size}");
        }
        // The gateway does not wait for a frame that is longer than anybody can send.
        let endless = [
            0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 9,
        ];
        assert_eq!(through(&endless, 4), endless);
    }

    #[test]
    fn the_longest_text_is_looked_at_and_nothing_that_is_no_whole_text() {
        let start = r#"{"type":"auth:token","payload":{"authenticator":"dingtalk","token":""#;
        let end = "\"}}";
        let longest = usize::try_from(LONGEST).unwrap();
        let filled = "t".repeat(longest - start.len() - end.len());
        let said = format!("{start}{filled}{end}");
        let arrived = through(&text(said.as_bytes(), MASK), 1000);
        let head = Head::parse(&arrived).unwrap();
        let arrived: Vec<u8> = unmasked(&arrived[head.length..], MASK.unwrap()).collect();
        let arrived: Value = serde_json::from_slice(&arrived).unwrap();
        assert_eq!(arrived["payload"]["authenticator"], "basic");
        let longer = text(format!("{said} ").as_bytes(), MASK);
        assert!(through(&longer, 1000) == longer);

        let short = text(format!("{start}{end}").as_bytes(), MASK);
        let with_first = |first: u8| {
            let mut frame = short.clone();
            frame[0] = first;
            frame
        };
        let (binary, begun, goes_on) = (with_first(0x82), with_first(0x01), with_first(0x80));
        // A text within another message is a mistake of the page, and NocoBase's to refuse.
        let within = [&begun[..], &short, &goes_on].concat();
        for bytes in [binary, within] {
            assert!(through(&bytes, 5) == bytes);
        }
    }
}
