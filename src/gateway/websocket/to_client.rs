//! The stream to a page, and the positions at which the gateway's own messages fit in.

use super::frame_head::{Head, LONGEST_HEAD};

/// Follows the frames of NocoBase's stream.
#[derive(Default)]
pub struct ToClient {
    /// An incomplete head.
    head: Vec<u8>,
    /// How many bytes of the current frame are still to come.
    left: u64,
    /// Whether a message is incomplete, because frames of it are still to come.
    open: bool,
    /// Whether NocoBase has ended the connection, so that nothing may follow.
    closed: bool,
}

impl ToClient {
    /// Takes what arrived. Returns the last position in it at which no message is incomplete.
    pub fn follow(&mut self, piece: &[u8]) -> Option<usize> {
        let mut gap = None;
        let mut at = 0;
        while at < piece.len() {
            if self.left > 0 {
                let rest = (piece.len() - at) as u64;
                let now = self.left.min(rest);
                self.left -= now;
                // This is at most the rest of the piece, so it fits.
                at += usize::try_from(now).unwrap_or(piece.len());
            } else {
                let known = self.head.len();
                let fresh = piece.iter().skip(at).take(LONGEST_HEAD - known);
                self.head.extend(fresh);
                let Some(head) = Head::parse(&self.head) else {
                    return gap;
                };
                self.head.clear();
                at += head.length - known;
                self.left = head.payload;
                self.open = head.leaves_open(self.open);
                self.closed |= head.is_close();
            }
            if self.fits() {
                gap = Some(at);
            }
        }
        gap
    }

    /// Whether a message of the gateway's own fits here.
    pub fn fits(&self) -> bool {
        self.left == 0 && self.head.is_empty() && !self.open && !self.closed
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame_head::{GOING_AWAY, text};
    use super::*;

    #[test]
    fn there_is_room_between_messages_and_nowhere_else() {
        let short = text(b"one", None);
        let long = text(&[b'x'; 300], None);
        let stream = [
            &short[..],
            &long,
            &[0x01, 1, b'a'],
            &[0x89, 0],
            &[0x80, 1, b'b'],
        ]
        .concat();
        let ends = [short.len(), short.len() + long.len(), stream.len()];
        // Byte by byte, the positions are exactly the ends of messages.
        let mut follower = ToClient::default();
        assert!(follower.fits());
        for (index, byte) in stream.iter().enumerate() {
            let gap = follower.follow(&[*byte]);
            assert_eq!(gap.is_some(), ends.contains(&(index + 1)), "{index}");
            assert_eq!(follower.fits(), gap.is_some());
        }
        // In one piece, only the last of these positions is returned.
        let mut follower = ToClient::default();
        assert_eq!(follower.follow(&stream), Some(stream.len()));
        let mut follower = ToClient::default();
        assert_eq!(follower.follow(&stream[..stream.len() - 1]), Some(ends[1]));
        assert_eq!(follower.follow(&stream[stream.len() - 1..]), Some(1));
    }

    #[test]
    fn a_head_may_be_cut_anywhere() {
        let long = text(&[b'x'; 300], None);
        let stream = [&long[..], &[0x01, 1, b'a']].concat();
        for cut in 1..long.len() {
            let mut follower = ToClient::default();
            assert_eq!(follower.follow(&stream[..cut]), None, "{cut}");
            let end = long.len() - cut;
            assert_eq!(follower.follow(&stream[cut..]), Some(end), "{cut}");
        }
    }

    #[test]
    fn nothing_fits_after_the_end() {
        let mut follower = ToClient::default();
        assert_eq!(follower.follow(&GOING_AWAY), None);
        assert!(!follower.fits());
    }
}
