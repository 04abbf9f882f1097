//! The states of pending sign-ins that have been used, so that none is used twice.

use entity::consumed_state::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::failure::is_inserted;
use super::{Connection, Result, Store};

/// How many rows are written to see whether the disk has room for them: some hundred kilobytes.
const ROOM: usize = 256;

impl Store {
    /// Writes rows that nobody needs, which are older than any valid state.
    pub(super) async fn fill_states(&self) -> Result<()> {
        let rows = (0..ROOM).map(|_| ActiveModel {
            // The text is as long as the column allows.
            digest: Set(Uuid::new_v4().simple().to_string().repeat(7)),
            expires_at: Set(0),
        });
        Entity::insert_many(rows)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }
}

impl<C: Connection> Store<C> {
    /// Removes states that would be refused for their age anyway.
    pub(super) async fn remove_old_states(&self) -> Result<()> {
        Entity::delete_many()
            .filter(Column::ExpiresAt.lt(self.now().timestamp()))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Marks a state as used. Returns false when it was already used, in this process or another
    /// one.
    pub async fn consume_state(&self, digest: &str, expires_at: i64) -> Result<bool> {
        self.remove_old_states().await?;
        let row = ActiveModel {
            digest: Set(digest.to_owned()),
            expires_at: Set(expires_at),
        };
        is_inserted(row.insert(&self.connection).await)
    }
}
