//! The audit trail.

use chrono::{DateTime, Utc};
use entity::audit::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

use super::{Connection, Result, Store};

/// A row to add.
#[derive(Clone, Debug)]
pub struct NewAuditRow {
    /// What was asked for.
    pub action: &'static str,
    /// How it ended.
    pub result: &'static str,
    /// Why it was refused.
    pub reason: Option<&'static str>,
    /// The account that it concerns.
    pub user_id: Option<i64>,
    /// The account that asked for it.
    pub actor_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<String>,
    /// Address of the client.
    pub address: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
}

impl<C: Connection> Store<C> {
    /// Adds a row, of this moment.
    pub async fn add_audit_row(&self, row: NewAuditRow) -> Result<()> {
        let row = ActiveModel {
            created_at: Set(self.now()),
            action: Set(row.action.to_owned()),
            result: Set(row.result.to_owned()),
            reason: Set(row.reason.map(str::to_owned)),
            user_id: Set(row.user_id),
            actor_id: Set(row.actor_id),
            authenticator: Set(row.authenticator),
            address: Set(row.address),
            user_agent: Set(row.user_agent),
            request_id: Set(row.request_id),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Removes rows from before this moment. Gives how many there were.
    pub async fn remove_audit_rows(&self, before: DateTime<Utc>) -> Result<u64> {
        let old = Entity::delete_many().filter(Column::CreatedAt.lt(before));
        Ok(old.exec(&self.connection).await?.rows_affected)
    }
}
