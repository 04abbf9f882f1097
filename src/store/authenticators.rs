//! Configured ways to sign in.

use entity::authenticator::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::Value;

use super::{Result, Store};

impl<C: ConnectionTrait> Store<C> {
    /// The authenticator with this name, enabled or not.
    pub async fn authenticator(&self, name: &str) -> Result<Option<Model>> {
        let found = Entity::find()
            .filter(Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        // A collation that ignores case must not find another authenticator.
        Ok(found.filter(|row| row.name == name))
    }

    /// Enabled authenticators in the order of the sign-in page.
    pub async fn enabled_authenticators(&self) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .filter(Column::Enabled.eq(true))
            .order_by_asc(Column::Sort)
            .order_by_asc(Column::Id)
            .all(&self.connection)
            .await?)
    }

    /// Creates an authenticator, last on the sign-in page.
    pub async fn create_authenticator(
        &self,
        name: &str,
        auth_type: &str,
        description: &str,
        options: Value,
    ) -> Result<Model> {
        let now = self.now();
        let last = Entity::find()
            .order_by_desc(Column::Sort)
            .one(&self.connection)
            .await?
            .and_then(|row| row.sort);
        let row = ActiveModel {
            created_at: Set(now),
            updated_at: Set(now),
            name: Set(name.to_owned()),
            auth_type: Set(auth_type.to_owned()),
            description: Set(description.to_owned()),
            options: Set(options),
            enabled: Set(Some(true)),
            sort: Set(Some(last.unwrap_or(0) + 1)),
            ..Default::default()
        };
        Ok(row.insert(&self.connection).await?)
    }

    /// Replaces the options of an authenticator.
    pub async fn set_authenticator_options(&self, id: i64, options: Value) -> Result<()> {
        let row = ActiveModel {
            id: Set(id),
            options: Set(options),
            updated_at: Set(self.now()),
            ..Default::default()
        };
        row.update(&self.connection).await?;
        Ok(())
    }
}
