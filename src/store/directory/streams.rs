//! The connections over which providers tell events, as their holders last described them.

use chrono::{DateTime, Utc};
use entity::event_stream::{ActiveModel, Column, Entity, Model, State};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

use crate::store::{Connection, Result, Store, StoreError};

/// What is said of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamState {
    /// How it is.
    pub state: State,
    /// Since when.
    pub since: DateTime<Utc>,
    /// When the provider was last heard over a connection; nothing leaves what was said before.
    pub heard_at: Option<DateTime<Utc>>,
    /// Why there is no connection.
    pub error: Option<String>,
}

impl<C: Connection> Store<C> {
    /// What is known of the connection for an authenticator.
    pub async fn event_stream(&self, authenticator_id: i64) -> Result<Option<Model>> {
        let found = Entity::find_by_id(authenticator_id);
        Ok(found.one(&self.connection).await?)
    }

    /// Says how the connection for an authenticator is.
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
        match row.insert(&self.connection).await.map_err(StoreError::from) {
            // Another process was faster, and says the next change, too.
            Ok(_) | Err(StoreError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
