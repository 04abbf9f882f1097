//! Decides which inbox rows are sent as one message, and which messages are sent at the same time.

use std::collections::HashSet;

use super::text;
use crate::store::InboxMessage;

/// How many messages are sent at the same time, so that a slow answer does not hold up messages to other people.
const AT_ONCE: usize = 4;

/// Rows with equal keys are one message to several people.
pub(super) type MessageKey = (i64, String, String, String, String);

/// The key of a row: the moment, the channel, the title, the content and the address.
pub(super) fn message_key(row: &InboxMessage) -> MessageKey {
    (
        row.receive_timestamp,
        row.channel_name.clone(),
        row.title.clone().unwrap_or_default(),
        row.content.clone().unwrap_or_default(),
        text::address(row).unwrap_or_default().to_owned(),
    )
}

/// Groups messages, in the order in which they came, into waves of messages that can be sent at the same time. Nobody
/// receives two messages of one wave, so no message overtakes an earlier one.
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
