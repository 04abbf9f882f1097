//! The notes of authenticators that NocoBase is about to rename.

use entity::rename::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Connection, Result, Store};

/// How many notes are read at a time. More than one or two are there only while NocoBase fails.
const MOST: u64 = 100;

impl<C: Connection> Store<C> {
    /// Notes which name the bindings of an authenticator have before it is renamed.
    pub async fn note_rename(&self, authenticator_id: i64, old_name: &str) -> Result<()> {
        let row = ActiveModel {
            authenticator_id: Set(authenticator_id),
            old_name: Set(old_name.to_owned()),
            started_ms: Set(self.now().timestamp_millis()),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// The oldest notes, in the order in which they were made.
    pub async fn noted_renames(&self) -> Result<Vec<Model>> {
        let oldest = Entity::find().order_by_asc(Column::Id).limit(MOST);
        Ok(oldest.all(&self.connection).await?)
    }

    /// The noted names of an authenticator, which its bindings may have still.
    pub async fn names_before_renames(&self, authenticator_id: i64) -> Result<Vec<String>> {
        let names = Entity::find()
            .select_only()
            .column(Column::OldName)
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .limit(MOST)
            .into_tuple();
        Ok(names.all(&self.connection).await?)
    }

    /// Removes the notes that bindings of an authenticator have this name.
    pub async fn forget_rename(&self, authenticator_id: i64, old_name: &str) -> Result<()> {
        Entity::delete_many()
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .filter(Column::OldName.eq(old_name))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
