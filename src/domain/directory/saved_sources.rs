//! Changes of saved sources. Each is one transaction, and they wait for each other, because what a
//! change leaves out is written again as it was read.

use entity::directory_source;

use super::SourceOptions;
use super::run::BeginError;
use crate::domain::lease::wait_for_events;
use crate::store::{SourceValues, Store, StoreError};

/// How the source of an authenticator is to be.
#[derive(Clone, Debug)]
pub struct SourceEdit {
    /// Id of the authenticator that it belongs to.
    pub authenticator_id: i64,
    /// Whether it runs automatically.
    pub enabled: bool,
    /// Its options. Secrets that stay are masked.
    pub options: SourceOptions,
    /// The account that it acts as.
    pub acting_user_id: i64,
}

/// Why a source was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveSourceError {
    /// The options cannot be written as JSON.
    #[error("the options cannot be stored")]
    Options(#[from] serde_json::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates the source of an authenticator, or replaces its values.
pub async fn save_source(
    store: &Store,
    edit: SourceEdit,
) -> Result<directory_source::Model, SaveSourceError> {
    let transaction = store.begin_settings().await?;
    let stored = transaction
        .directory_source_of(edit.authenticator_id)
        .await?;
    let stored = stored.and_then(|stored| SourceOptions::parse(&stored.options).ok());
    let mut options = edit.options;
    options.keep_masked(stored.as_ref());
    let values = SourceValues {
        authenticator_id: edit.authenticator_id,
        enabled: edit.enabled,
        options: serde_json::to_value(&options)?,
        acting_user_id: edit.acting_user_id,
    };
    let row = transaction.save_directory_source(values).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Disables the source of an authenticator, if it has one.
pub async fn disable_source(store: &Store, authenticator_id: i64) -> Result<(), StoreError> {
    let transaction = store.begin_settings().await?;
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
///
/// It takes the lease of the source. A run would go on recording people, and whoever is recorded
/// counts as somebody whom another source keeps.
pub async fn remove_source(store: &Store, source_id: i64) -> Result<u64, BeginError> {
    let held = wait_for_events(store, source_id).await?;
    let held = held.ok_or(BeginError::UnderWay)?;
    let removed = remove(store, source_id).await;
    held.release().await;
    Ok(removed?)
}

async fn remove(store: &Store, source_id: i64) -> Result<u64, StoreError> {
    let transaction = store.begin_settings().await?;
    let removed = transaction.remove_directory_source(source_id).await?;
    transaction.commit().await?;
    Ok(removed)
}
