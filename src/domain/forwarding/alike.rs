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

/// Messages that can be sent at the same time, in the order in which they came. Nobody gets two of one wave, so no
/// message overtakes one before it.
pub(super) fn waves(
    messages: impl IntoIterator<Item = Vec<InboxMessage>>,
) -> Vec<Vec<Vec<InboxMessage>>> {
    let mut waves: Vec<Vec<Vec<InboxMessage>>> = Vec::new();
    let mut people = HashSet::new();
    for rows in messages {
        let receivers: HashSet<i64> = rows.iter().map(|row| row.user_id).collect();
        match waves.last_mut() {
            Some(wave) if wave.len() < AT_ONCE && people.is_disjoint(&receivers) => wave.push(rows),
            _ => {
                people.clear();
                waves.push(vec![rows]);
            }
        }
        people.extend(receivers);
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(title: &str, people: &[i64]) -> Vec<InboxMessage> {
        let row = |user_id: &i64| InboxMessage {
            id: format!("{title} {user_id}"),
            user_id: *user_id,
            channel_name: "news".to_owned(),
            title: Some(title.to_owned()),
            content: None,
            receive_timestamp: 0,
            options: None,
        };
        people.iter().map(row).collect()
    }

    /// The titles of each wave.
    fn titles(messages: &[(&str, &[i64])]) -> Vec<Vec<String>> {
        let messages = messages
            .iter()
            .map(|(title, people)| message(title, people));
        let title = |rows: &Vec<InboxMessage>| rows[0].title.clone().unwrap();
        let titles = |wave: Vec<Vec<InboxMessage>>| wave.iter().map(title).collect();
        waves(messages).into_iter().map(titles).collect()
    }

    #[test]
    fn some_messages_go_out_at_once_and_nobody_gets_two_of_them() {
        assert_eq!(titles(&[]), Vec::<Vec<String>>::new());
        let others: &[(&str, &[i64])] = &[
            ("a", &[1]),
            ("b", &[2, 3]),
            ("c", &[4]),
            ("d", &[5]),
            ("e", &[6]),
        ];
        assert_eq!(titles(others), [vec!["a", "b", "c", "d"], vec!["e"]]);
        let same: &[(&str, &[i64])] = &[("a", &[1, 2]), ("b", &[3]), ("c", &[2]), ("d", &[1])];
        assert_eq!(titles(same), [vec!["a", "b"], vec!["c", "d"]]);
        let twice: &[(&str, &[i64])] = &[("a", &[1]), ("b", &[1]), ("c", &[1])];
        assert_eq!(titles(twice), [["a"], ["b"], ["c"]]);
    }
}
