//! Which rows of an inbox are one message to several people.

use super::text;
use crate::store::InboxMessage;

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
