//! The audit trail.

use entity::audit::ActiveModel;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;

use super::{Connection, Result, Store};

/// A row to add.
#[derive(Clone, Debug)]
pub struct NewAuditRow {
    /// The action that was requested.
    pub action: &'static str,
    /// The outcome.
    pub result: &'static str,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The account that the action concerns.
    pub user_id: Option<i64>,
    /// The identifier of the person who was refused, as the provider said.
    pub person_id: Option<String>,
    /// The name of that person.
    pub person_name: Option<String>,
    /// The account that requested it.
    pub actor_id: Option<i64>,
    /// Name of the authenticator.
    pub authenticator: Option<String>,
    /// Address of the client.
    pub address: String,
    /// The client's `User-Agent`.
    pub user_agent: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
}

impl<C: Connection> Store<C> {
    /// Adds a row with the current time.
    pub async fn add_audit_row(&self, row: NewAuditRow) -> Result<()> {
        let row = ActiveModel {
            created_at: Set(self.now()),
            action: Set(row.action.to_owned()),
            result: Set(row.result.to_owned()),
            reason: Set(row.reason),
            user_id: Set(row.user_id),
            person_id: Set(row.person_id),
            person_name: Set(row.person_name),
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
}
