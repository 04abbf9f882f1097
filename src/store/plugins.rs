//! Installed plugins.

use entity::application_plugin::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

use super::{Connection, Result, Store};

impl<C: Connection> Store<C> {
    /// The enabled plugins in the order of installation.
    pub async fn enabled_plugins(&self) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .filter(Column::Enabled.eq(true))
            .order_by_asc(Column::Id)
            .all(&self.connection)
            .await?)
    }

    /// All rows, in the order of installation.
    pub async fn plugins(&self) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .order_by_asc(Column::Id)
            .all(&self.connection)
            .await?)
    }

    /// The plugin with this short name.
    pub async fn plugin(&self, name: &str) -> Result<Option<Model>> {
        Ok(Entity::find()
            .filter(Column::Name.eq(name))
            .one(&self.connection)
            .await?)
    }

    /// Enables or disables a plugin. Returns false when nothing changed or it is not installed, so
    /// that of several simultaneous callers only one is told that it made the change.
    pub async fn set_plugin_enabled(&self, name: &str, enabled: bool) -> Result<bool> {
        let otherwise = if enabled {
            // A plugin without a value counts as disabled.
            Column::Enabled.is_null().or(Column::Enabled.eq(false))
        } else {
            Column::Enabled.eq(true)
        };
        let updated = Entity::update_many()
            .col_expr(Column::Enabled, Expr::value(enabled))
            .col_expr(Column::UpdatedAt, Expr::value(self.now()))
            .filter(Column::Name.eq(name))
            .filter(otherwise)
            .exec(&self.connection)
            .await?;
        Ok(updated.rows_affected > 0)
    }

    /// Installs a plugin and enables it.
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
