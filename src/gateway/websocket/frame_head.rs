//! Heads of WebSocket frames (RFC 6455, 5.2), as far as they are needed to follow a stream.

/// The longest head: two bytes, a length of eight, a mask of four.
pub const LONGEST_HEAD: usize = 14;

/// The opcode of text.
const TEXT: u8 = 0x1;
/// The opcode of the end of a connection.
const CLOSE: u8 = 0x8;

/// The contents of a frame's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    is_last: bool,
    opcode: u8,
    /// The mask of the payload, if the frame comes from a client.
    pub mask: Option<[u8; 4]>,
    /// The length of the head in bytes.
    pub length: usize,
    /// The length of the payload in bytes.
    pub payload: u64,
}

impl Head {
    /// Parses a head; none while it is incomplete.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let (payload, mut length) = match second & 0x7f {
            126 => {
                let long: [u8; 2] = bytes.get(2..4)?.try_into().ok()?;
                (u64::from(u16::from_be_bytes(long)), 4)
            }
            127 => {
                let long: [u8; 8] = bytes.get(2..10)?.try_into().ok()?;
                (u64::from_be_bytes(long), 10)
            }
            short => (u64::from(short), 2),
        };
        let mut mask = None;
        if second & 0x80 != 0 {
            mask = Some(bytes.get(length..length + 4)?.try_into().ok()?);
            length += 4;
        }
        Some(Self {
            is_last: first & 0x80 != 0,
            opcode: first & 0x0f,
            mask,
            length,
            payload,
        })
    }

    /// Whether this frame is a complete text message.
    pub fn is_text(&self) -> bool {
        self.is_last && self.opcode == TEXT
    }

    /// Whether this frame ends the connection.
    pub fn is_close(&self) -> bool {
        self.opcode == CLOSE
    }

    /// Whether a message is still incomplete after this frame. Control frames may come in the
    /// middle of a message.
    pub fn leaves_open(&self, before: bool) -> bool {
        if self.opcode >= CLOSE {
            before
        } else {
            !self.is_last
        }
    }
}

/// A complete text message, masked if it plays a client's.
pub fn text(payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let mut frame = vec![0x80 | TEXT];
    let masked = if mask.is_some() { 0x80 } else { 0 };
    match u16::try_from(payload.len()) {
        // A length below 126 is in the second byte itself.
        Ok(length) if length < 126 => frame.push(masked | length.to_be_bytes()[1]),
        Ok(length) => {
            frame.push(masked | 0x7e);
            frame.extend(length.to_be_bytes());
        }
        Err(_) => {
            frame.push(masked | 0x7f);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    match mask {
        None => frame.extend(payload),
        Some(mask) => {
            frame.extend(mask);
            frame.extend(unmasked(payload, mask));
        }
    }
    frame
}

/// Ends a connection because this end is going away.
pub const GOING_AWAY: [u8; 4] = [0x80 | CLOSE, 2, 0x03, 0xe9];

/// A payload without its mask, or with it.
pub fn unmasked(payload: &[u8], mask: [u8; 4]) -> impl Iterator<Item = u8> {
    payload
        .iter()
        .zip(mask.into_iter().cycle())
        .map(|(byte, mask)| byte ^ mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_all_three_sizes_are_read_back() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            for mask in [None, Some([1, 2, 3, 4])] {
                let payload = vec![b'x'; length];
                let frame = text(&payload, mask);
                let head = Head::parse(&frame).unwrap();
                assert_eq!(head.payload, length as u64);
                assert_eq!(head.length + length, frame.len());
                assert!(head.is_text() && !head.leaves_open(false));
                let sent = &frame[head.length..];
                match mask {
                    None => assert_eq!(sent, payload),
                    Some(mask) => assert!(unmasked(sent, mask).eq(payload)),
                }
                for cut in 0..head.length {
                    assert_eq!(Head::parse(&frame[..cut]), None);
                }
            }
        }
    }

    #[test]
    fn a_message_in_pieces_is_open_until_its_last() {
        let head = |first: u8| Head::parse(&[first, 0]).unwrap();
        let open = head(0x01).leaves_open(false);
        assert!(open);
        assert!(head(0x89).leaves_open(open), "a ping in the middle");
        assert!(head(0x00).leaves_open(open));
        assert!(!head(0x80).leaves_open(open));
        assert!(Head::parse(&GOING_AWAY).unwrap().is_close());
    }

    #[test]
    fn only_a_whole_text_is_one() {
        let is_text = |first: u8| Head::parse(&[first, 0]).unwrap().is_text();
        assert!(is_text(0x81));
        for other in [0x01, 0x80, 0x00, 0x82, 0x88, 0x89] {
            assert!(!is_text(other), "{other:#x}");
        }
        let close = Head::parse(&[0x88, 0]).unwrap();
        assert!(close.leaves_open(true), "the message before it has no end");
    }

    #[test]
    fn a_length_takes_as_few_bytes_as_it_can() {
        for (length, head) in [
            (0, 2),
            (125, 2),
            (126, 4),
            (127, 4),
            (65_535, 4),
            (65_536, 10),
        ] {
            let frame = text(&vec![b'x'; length], None);
            assert_eq!(frame.len(), head + length, "{length}");
        }
    }
}
