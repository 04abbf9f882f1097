//! What follows when NocoBase renames an authenticator.

use entity::authenticator::Model;

use crate::chain::Chain;
use crate::domain::authenticator;
use crate::gateway::exchange::Exchange;
use crate::gateway::nocobase;
use crate::store::StoreError;

/// A new name that NocoBase is asked to give an authenticator.
pub(super) struct Rename<'a> {
    row: &'a Model,
    new: String,
}

impl<'a> Rename<'a> {
    /// Notes the old name, which must come before NocoBase is asked.
    pub(super) async fn begin(
        exchange: &Exchange,
        row: &'a Model,
        new: String,
    ) -> Result<Self, StoreError> {
        let app = &exchange.app;
        authenticator::begin_rename(&app.store, &app.clock, row.id, &row.name).await?;
        Ok(Self { row, new })
    }

    /// Writes the new name into what names the authenticator: its bindings, its source on NocoBase's page
    /// «Synchronize», and channels of NocoBase's notifications.
    pub(super) async fn finish(self, exchange: &Exchange) {
        let Self { row, new } = self;
        let app = &exchange.app;
        let finished = authenticator::finish_rename(&app.store, row.id, &row.name, &new);
        if let Err(error) = finished.await {
            log::warn!(
                "until the bindings of the authenticator {new} have its new name, which is tried again, nobody who \
                 is bound can sign in: {}",
                Chain(&error)
            );
        }
        let renamed = nocobase::rename_in_sources(app, row.id, &row.name, &new);
        if let Err(error) = renamed.await {
            log::warn!(
                "NocoBase's page «Synchronize» has the old name of the authenticator {new}: save its source again: {}",
                Chain(&error)
            );
        }
        let renamed = nocobase::rename_in_channels(app, &row.name, &new);
        if let Err(error) = renamed.await {
            log::warn!(
                "channels of NocoBase's notifications have the old name of the authenticator {new}: save them again: {}",
                Chain(&error)
            );
        }
    }
}
