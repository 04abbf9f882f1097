//! Switches in a table of this product, for settings that NocoBase must not see.

use entity::switch::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use super::{Connection, Result, Store};

impl<C: Connection> Store<C> {
    /// Whether a switch is on. A switch that was never set is off.
    pub async fn is_switched_on(&self, name: &str) -> Result<bool> {
        let row = Entity::find_by_id(name).one(&self.connection).await?;
        Ok(row.is_some_and(|row| row.enabled))
    }

    /// Sets a switch. Returns false when nothing changed.
    pub async fn set_switch(&self, name: &str, enabled: bool) -> Result<bool> {
        if self.is_switched_on(name).await? == enabled {
            return Ok(false);
        }
        let row = ActiveModel {
            name: Set(name.to_owned()),
            enabled: Set(enabled),
            changed_at: Set(self.now().timestamp()),
        };
        let replace = OnConflict::column(Column::Name)
            .update_columns([Column::Enabled, Column::ChangedAt])
            .to_owned();
        Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&self.connection)
            .await?;
        Ok(true)
    }
}
