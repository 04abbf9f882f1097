//! Authenticators that NocoBase renames.
//!
//! A binding names its authenticator, so it has to follow, or the person cannot sign in any more. NocoBase
//! writes the one and the gateway the other, and either can fail or end in between. So the old name is noted
//! before NocoBase is asked, and from the note the bindings follow later.

use chrono::TimeDelta;
use entity::authenticator::Model;

use crate::clock::Clock;
use crate::store::{RenamedBindings, Store, StoreError, Transaction};

/// What NocoBase has not renamed by then, it does not rename any more.
const GIVE_UP: TimeDelta = TimeDelta::minutes(10);

/// Must come before NocoBase is asked to rename an authenticator.
pub async fn begin_rename(
    store: &Store,
    clock: &Clock,
    authenticator_id: i64,
    old_name: &str,
) -> Result<(), StoreError> {
    // The bindings may still have the name from before an earlier rename.
    finish_interrupted_renames(store, clock).await?;
    let transaction = store.begin().await?;
    // Whoever asks again and again, and is refused, leaves one note.
    transaction
        .forget_rename(authenticator_id, old_name)
        .await?;
    transaction.note_rename(authenticator_id, old_name).await?;
    transaction.commit().await
}

/// Writes the new name of an authenticator into everything of ours that names it: bindings, and the channels and waiting
/// messages that go through it.
pub(super) async fn write_new_name(
    transaction: &Transaction,
    old: &str,
    new: &str,
) -> Result<RenamedBindings, StoreError> {
    let bindings = transaction.rename_bindings(old, new).await?;
    transaction.rename_in_channels(old, new).await?;
    transaction.rename_in_messages(old, new).await?;
    Ok(bindings)
}

/// Writes the new name after NocoBase has renamed the authenticator.
pub async fn finish_rename(
    store: &Store,
    authenticator_id: i64,
    old_name: &str,
    new_name: &str,
) -> Result<(), StoreError> {
    let transaction = store.begin().await?;
    let renamed = write_new_name(&transaction, old_name, new_name).await?;
    transaction
        .forget_rename(authenticator_id, old_name)
        .await?;
    transaction.commit().await?;
    store.coverage().rename(renamed);
    Ok(())
}

/// Finishes a rename to this name that NocoBase has done. Until then the people of the authenticator would seem to be
/// strangers to it.
pub async fn finish_rename_to(store: &Store, name: &str) -> Result<(), StoreError> {
    let Some(row) = store.authenticator(name).await? else {
        return Ok(());
    };
    for old_name in store.names_before_renames(row.id).await? {
        if old_name != row.name {
            finish_if_free(store, &row, &old_name).await?;
        }
    }
    Ok(())
}

/// Finishes a rename to the present name of this authenticator. Returns false when another authenticator has got the old
/// name, because the bindings may be of its people.
async fn finish_if_free(store: &Store, row: &Model, old_name: &str) -> Result<bool, StoreError> {
    let is_free = store.authenticator(old_name).await?.is_none();
    if is_free {
        finish_rename(store, row.id, old_name, &row.name).await?;
    }
    Ok(is_free)
}

/// Finishes renames that NocoBase has done and whose bindings have the old name still. Returns the new
/// names.
pub async fn finish_interrupted_renames(
    store: &Store,
    clock: &Clock,
) -> Result<Vec<String>, StoreError> {
    let mut finished = Vec::new();
    for note in store.noted_renames().await? {
        let (id, old_name) = (note.authenticator_id, note.old_name.as_str());
        match store.authenticator_by_id(id).await? {
            Some(row) if row.name == old_name => {
                let age_ms = clock.now().timestamp_millis() - note.started_ms;
                if age_ms > GIVE_UP.num_milliseconds() {
                    store.forget_rename(id, old_name).await?;
                }
            }
            Some(row) if finish_if_free(store, &row, old_name).await? => finished.push(row.name),
            _ => store.forget_rename(id, old_name).await?,
        }
    }
    Ok(finished)
}
