//! Changes of saved sources. Each is one transaction.

use entity::directory_source;

use crate::store::{SourceValues, Store, StoreError};

/// Creates the source of an authenticator, or replaces its values.
pub async fn save_source(
    store: &Store,
    values: SourceValues,
) -> Result<directory_source::Model, StoreError> {
    let transaction = store.begin().await?;
    let row = transaction.save_directory_source(values).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Disables the source of an authenticator, if it has one.
pub async fn disable_source(store: &Store, authenticator_id: i64) -> Result<(), StoreError> {
    let transaction = store.begin().await?;
    if let Some(row) = transaction.directory_source_of(authenticator_id).await? {
        let values = SourceValues {
            authenticator_id: row.authenticator_id,
            enabled: false,
            options: row.options,
            acting_user_id: row.acting_user_id,
        };
        transaction.save_directory_source(values).await?;
    }
    transaction.commit().await
}

/// Removes a source with its runs and everything that it has recorded. Returns how many sources were
/// removed.
pub async fn remove_source(store: &Store, source_id: i64) -> Result<u64, StoreError> {
    let transaction = store.begin().await?;
    let removed = transaction.remove_directory_source(source_id).await?;
    transaction.commit().await?;
    Ok(removed)
}
