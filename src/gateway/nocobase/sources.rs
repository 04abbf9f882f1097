//! Rows of NocoBase's page «Synchronize», when something changes that they name.

use std::sync::Arc;

use serde_json::json;

use super::client::NocoBase;
use super::error::CallError;
use crate::domain::directory::source::types;
use crate::state::AppState;

/// Has NocoBase write the new name of an authenticator into the sources that name it. It is asked in the
/// name of the account that the directory's source acts as: whoever renames an authenticator may have no
/// right to change sources.
pub async fn rename_authenticator(
    app: &Arc<AppState>,
    authenticator_id: i64,
    old: &str,
    new: &str,
) -> Result<(), CallError> {
    let rows = app.store.sync_sources(&types(&app.providers)).await?;
    let named = rows.into_iter().filter(|row| {
        let name = row.options.get("authenticator");
        name.is_some_and(|name| name == old)
    });
    let named: Vec<_> = named.collect();
    let source = app.store.directory_source_of(authenticator_id).await?;
    let (Some(source), false) = (source, named.is_empty()) else {
        return Ok(());
    };
    let nocobase = NocoBase::as_account(app, source.acting_user_id).await?;
    for row in named {
        let mut options = row.options;
        if let Some(fields) = options.as_object_mut() {
            fields.insert("authenticator".to_owned(), new.into());
        }
        let values = json!({"options": options});
        nocobase
            .post_to("userDataSyncSources:update", row.id, &values)
            .await?;
    }
    Ok(())
}
