//! Recording that messages did not arrive.

use std::collections::HashMap;

use entity::message::State;

use super::Reason;
use crate::store::{MessageState, Store, StoreError};

/// Records for these accounts why they get nothing, with one statement for each reason. If `from` is given, only
/// messages in that state are changed.
pub async fn write_undelivered(
    store: &Store,
    send_id: &str,
    from: Option<State>,
    refused: impl IntoIterator<Item = (i64, Reason)>,
) -> Result<(), StoreError> {
    let mut by_reason: HashMap<Reason, Vec<i64>> = HashMap::new();
    for (user_id, why) in refused {
        by_reason.entry(why).or_default().push(user_id);
    }
    for (why, users) in by_reason {
        let to = undelivered(why);
        store.write_messages(send_id, &users, from, to).await?;
    }
    Ok(())
}

/// The final state of a message that did not arrive.
fn undelivered(why: Reason) -> MessageState {
    let kept = match why {
        Reason::UnknownReceiver => State::Left,
        _ => State::Failed,
    };
    MessageState {
        reason: Some(why.name()),
        ..MessageState::of(kept)
    }
}
