//! The states of the connections over which providers send events, as the servers that hold them last recorded them.

use chrono::{DateTime, Utc};
use entity::event_stream::{ActiveModel, Column, Entity, Model, State};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

use crate::store::failure::is_inserted;
use crate::store::{Connection, Result, Store};

/// The state of a connection, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamState {
    /// Whether it is connected, or why it is not.
    pub state: State,
    /// When this state began.
    pub since: DateTime<Utc>,
    /// When the provider last sent something over it; without a value, the stored moment stays.
    pub heard_at: Option<DateTime<Utc>>,
    /// The error for which there is no connection.
    pub error: Option<String>,
}

impl<C: Connection> Store<C> {
    /// The state of the connection for an authenticator.
    pub async fn event_stream(&self, authenticator_id: i64) -> Result<Option<Model>> {
        let found = Entity::find_by_id(authenticator_id);
        Ok(found.one(&self.connection).await?)
    }

    /// Stores the state of the connection for an authenticator.
    pub async fn save_event_stream(&self, authenticator_id: i64, new: &StreamState) -> Result<()> {
        let mut change = Entity::update_many()
            .col_expr(Column::State, Expr::value(new.state))
            .col_expr(Column::Since, Expr::value(new.since))
            .col_expr(Column::Error, Expr::value(new.error.clone()));
        if let Some(heard_at) = new.heard_at {
            change = change.col_expr(Column::HeardAt, Expr::value(heard_at));
        }
        let changed = change
            .filter(Column::AuthenticatorId.eq(authenticator_id))
            .exec(&self.connection)
            .await?;
        if changed.rows_affected > 0 || self.event_stream(authenticator_id).await?.is_some() {
            return Ok(());
        }
        let row = ActiveModel {
            authenticator_id: Set(authenticator_id),
            state: Set(new.state),
            since: Set(new.since),
            heard_at: Set(new.heard_at),
            error: Set(new.error.clone()),
        };
        // Another process may have been faster. It holds the connection, and stores the next change, too.
        is_inserted(row.insert(&self.connection).await)?;
        Ok(())
    }
}
