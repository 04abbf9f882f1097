//! What messages say that still wait for somebody. It is kept until nobody waits.

use std::collections::HashSet;

use entity::message;
use entity::waiting_send::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::KEYS;
use crate::store::batch::ROWS;
use crate::store::{Result, Store, Transaction};

/// What is kept of a message that is to be sent.
#[derive(Clone, Debug)]
pub struct KeptContent {
    /// The message, as JSON.
    pub content: String,
    /// Until when it is tried, in milliseconds since the epoch.
    pub give_up_ms: i64,
}

impl Store {
    /// What a message says, if somebody may still wait for it.
    pub async fn waiting_send(&self, send_id: &str) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(send_id).one(&self.connection).await?)
    }

    /// For which of these receivers of a send an earlier message still waits that goes in the same way, because it could
    /// not be sent. A message must not overtake it.
    pub async fn behind_earlier(&self, send_id: &str, users: &[i64]) -> Result<HashSet<i64>> {
        use message::{Column as M, Entity as Messages};
        let mut behind = HashSet::new();
        let others: Vec<String> = Entity::find()
            .select_only()
            .column(Column::SendId)
            .filter(Column::SendId.ne(send_id))
            .into_tuple()
            .all(&self.connection)
            .await?;
        if others.is_empty() {
            return Ok(behind);
        }
        let own = Messages::find()
            .filter(M::SendId.eq(send_id))
            .order_by_asc(M::Id)
            .one(&self.connection)
            .await?;
        let Some(own) = own else {
            return Ok(behind);
        };
        for others in others.chunks(ROWS) {
            for users in users.chunks(KEYS) {
                let found: Vec<i64> = Messages::find()
                    .select_only()
                    .column(M::UserId)
                    .filter(M::SendId.is_in(others.iter().map(String::as_str)))
                    .filter(M::UserId.is_in(users.iter().copied()))
                    .filter(M::Id.lt(own.id))
                    .filter(M::Authenticator.eq(&own.authenticator))
                    .filter(M::Way.eq(&own.way))
                    .filter(M::State.eq(message::State::Claimed))
                    // Without a reason it is on its way at this moment.
                    .filter(M::Reason.is_not_null())
                    .into_tuple()
                    .all(&self.connection)
                    .await?;
                behind.extend(found);
            }
        }
        Ok(behind)
    }

    /// A message is tried until this moment and no longer.
    pub async fn give_up_at(&self, send_id: &str, give_up_ms: i64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::GiveUpMs, Expr::value(give_up_ms))
            .filter(Column::SendId.eq(send_id))
            .filter(Column::GiveUpMs.gt(give_up_ms))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Forgets what a message says for which nobody waits.
    pub async fn forget_content(&self, send_id: &str) -> Result<()> {
        Entity::delete_by_id(send_id).exec(&self.connection).await?;
        Ok(())
    }

    /// Forgets what messages say that were given up before this moment, in milliseconds since the epoch.
    pub async fn forget_contents(&self, before_ms: i64) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::GiveUpMs.lt(before_ms));
        gone.exec(&self.connection).await?;
        Ok(())
    }

    /// Notes who an account is at the provider, which could not be asked before.
    pub async fn note_receiver(&self, send_id: &str, user_id: i64, receiver: &str) -> Result<()> {
        use message::Column;
        message::Entity::update_many()
            .col_expr(Column::Receiver, Expr::value(receiver))
            .filter(Column::SendId.eq(send_id))
            .filter(Column::UserId.eq(user_id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}

impl Transaction {
    /// Keeps what a message says.
    pub(super) async fn keep_content(&self, send_id: &str, kept: &KeptContent) -> Result<()> {
        let row = Model {
            send_id: send_id.to_owned(),
            give_up_ms: kept.give_up_ms,
            content: kept.content.clone(),
        };
        Entity::insert(row.into_active_model())
            .exec_without_returning(&self.connection)
            .await?;
        Ok(())
    }
}
