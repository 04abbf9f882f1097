//! Sign-in attempts that were used up.

use entity::consumed_state::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

use super::{Connection, Result, Store, StoreError};

impl<C: Connection> Store<C> {
    /// Uses a state up. False when somebody did before, in this process or another.
    pub async fn consume_state(&self, digest: &str, expires_at: i64) -> Result<bool> {
        Entity::delete_many()
            .filter(Column::ExpiresAt.lt(self.now().timestamp()))
            .exec(&self.connection)
            .await?;
        let row = ActiveModel {
            digest: Set(digest.to_owned()),
            expires_at: Set(expires_at),
        };
        match row.insert(&self.connection).await.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
