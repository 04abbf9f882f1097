//! Installed plugins.

use entity::application_plugin::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::{Result, Store};

impl<C: ConnectionTrait> Store<C> {
    /// The plugins that are switched on, in the order of installation.
    pub async fn enabled_plugins(&self) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .filter(Column::Enabled.eq(true))
            .order_by_asc(Column::Id)
            .all(&self.connection)
            .await?)
    }

    /// Installs a plugin, switched on.
    pub async fn install_plugin(
        &self,
        name: &str,
        package_name: &str,
        version: &str,
        built_in: bool,
    ) -> Result<()> {
        let now = self.now();
        let row = ActiveModel {
            created_at: Set(now),
            updated_at: Set(now),
            name: Set(Some(name.to_owned())),
            package_name: Set(Some(package_name.to_owned())),
            version: Set(Some(version.to_owned())),
            enabled: Set(Some(true)),
            installed: Set(Some(true)),
            built_in: Set(Some(built_in)),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }
}
