//! Whether the DingTalk authenticators that there are can be used, for who operates the server.

use super::options_in_use::{UnusableOptions, options_in_use};
use crate::app::App;
use crate::domain::plugin;
use crate::store::StoreError;

/// One of them.
pub struct Inspected {
    /// Its name.
    pub name: String,
    /// Whether people can sign in at it.
    pub is_enabled: bool,
    /// What is wrong with its options, if something is.
    pub problem: Option<UnusableOptions>,
    /// Bindings that another program made.
    pub foreign_bindings: u64,
}

/// Looks at all of them, and changes nothing.
pub async fn inspect(app: &App) -> Result<Vec<Inspected>, StoreError> {
    let own_type = &plugin::manifest().auth_type;
    let mut inspected = Vec::new();
    for row in app.store.authenticators().await? {
        if row.auth_type != *own_type {
            continue;
        }
        let foreign_bindings = app.store.bindings_made_elsewhere(&row.name).await?;
        inspected.push(Inspected {
            problem: options_in_use(app, &row.options).await.err(),
            is_enabled: row.enabled == Some(true),
            foreign_bindings,
            name: row.name,
        });
    }
    Ok(inspected)
}
