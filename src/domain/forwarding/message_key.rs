//! Decides which inbox rows are sent as one message, and which messages are sent at the same time.

use std::collections::HashSet;

use crate::store::InboxMessage;

/// How many messages are sent at the same time, so that a slow answer does not hold up messages to other people.
const AT_ONCE: usize = 4;

/// Rows with equal keys are one message to several people.
pub(super) type MessageKey = (i64, String, String, String, String);

/// The key of a row: the moment, the channel, the title, the content, and the options, which hold the address and what the
/// message looks like. NocoBase writes the same into all rows of one message, and can send several in one millisecond.
pub(super) fn message_key(row: &InboxMessage) -> MessageKey {
    let options = row.options.as_ref().map(ToString::to_string);
    (
        row.receive_timestamp,
        row.channel_name.clone(),
        row.title.clone().unwrap_or_default(),
        row.content.clone().unwrap_or_default(),
        options.unwrap_or_default(),
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
    use serde_json::{Value, json};

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

    #[test]
    fn messages_of_one_moment_that_differ_in_the_rows_of_a_form_alone_are_two() {
        let key = |options: Option<Value>| {
            message_key(&InboxMessage {
                id: "row".to_owned(),
                user_id: 1,
                channel_name: "news".to_owned(),
                title: Some("Leave".to_owned()),
                content: None,
                receive_timestamp: 1,
                options,
            })
        };
        let form = |days: i64| {
            let rows = json!([{"label": "Days", "value": days}]);
            Some(json!({"url": "/admin", "message": {"kind": "form", "rows": rows}}))
        };
        assert_eq!(key(form(3)), key(form(3)));
        assert_ne!(key(form(3)), key(form(5)));
        assert_ne!(key(form(3)), key(None));
    }
}
