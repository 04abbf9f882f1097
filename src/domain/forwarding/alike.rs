//! Which rows of an inbox are one message to several people.

use std::collections::HashSet;

use super::text;
use crate::store::InboxMessage;

/// So many messages are sent at once: a provider that takes a while to answer does not hold up those for other people.
const AT_ONCE: usize = 4;

/// Rows that say the same, sent at the same moment.
pub(super) type Alike = (i64, String, String, String, String);

/// What rows have in common that go out as one message: the moment, the channel, title, content and address.
pub(super) fn alike(row: &InboxMessage) -> Alike {
    (
        row.receive_timestamp,
        row.channel_name.clone(),
        row.title.clone().unwrap_or_default(),
        row.content.clone().unwrap_or_default(),
        text::address(row).unwrap_or_default().to_owned(),
    )
}

/// What can be sent at the same time, in the order in which it came. Nobody gets two of one wave, so no message
/// overtakes one before it.
pub(super) fn waves<M>(
    messages: impl IntoIterator<Item = M>,
    receivers: impl Fn(&M) -> HashSet<i64>,
) -> Vec<Vec<M>> {
    let mut waves: Vec<Vec<M>> = Vec::new();
    let mut people = HashSet::new();
    for message in messages {
        let receivers = receivers(&message);
        match waves.last_mut() {
            Some(wave) if wave.len() < AT_ONCE && people.is_disjoint(&receivers) => {
                wave.push(message);
            }
            _ => {
                people.clear();
                waves.push(vec![message]);
            }
        }
        people.extend(receivers);
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A title, and who gets it.
    type Message = (&'static str, &'static [i64]);

    fn titles(messages: &[Message]) -> Vec<Vec<&'static str>> {
        let receivers = |message: &&Message| message.1.iter().copied().collect();
        let waves = waves(messages, receivers).into_iter();
        waves
            .map(|wave| wave.into_iter().map(|message| message.0).collect())
            .collect()
    }

    #[test]
    fn some_messages_go_out_at_once_and_nobody_gets_two_of_them() {
        assert!(titles(&[]).is_empty());
        let others = titles(&[
            ("a", &[1]),
            ("b", &[2, 3]),
            ("c", &[4]),
            ("d", &[5]),
            ("e", &[6]),
        ]);
        assert_eq!(others, [vec!["a", "b", "c", "d"], vec!["e"]]);
        let same = titles(&[("a", &[1, 2]), ("b", &[3]), ("c", &[2]), ("d", &[1])]);
        assert_eq!(same, [["a", "b"], ["c", "d"]]);
        assert_eq!(titles(&[("a", &[1]), ("b", &[1])]), [["a"], ["b"]]);
    }
}
