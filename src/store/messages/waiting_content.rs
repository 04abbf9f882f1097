//! The content of messages that still wait to be sent to somebody. It is removed when nobody waits any more.

use std::collections::HashSet;

use entity::message;
use entity::waiting_send::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
};

use crate::store::batch::KEYS;
use crate::store::{Result, Store, Transaction};

/// The content of a message that is still to be sent.
#[derive(Clone, Debug)]
pub struct KeptContent {
    /// The message, as JSON.
    pub content: String,
    /// When the last attempt may be made, in milliseconds since the epoch.
    pub give_up_ms: i64,
}

impl Store {
    /// The content of a message, if it may still have to be sent to somebody.
    pub async fn waiting_send(&self, send_id: &str) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(send_id).one(&self.connection).await?)
    }

    /// Those of these receivers of a send for whom an earlier message of the same way still waits, because it could not
    /// be sent. A message must not overtake an earlier one.
    pub async fn behind_earlier(
        &self,
        send_id: &str,
        (authenticator, way): (&str, &str),
        users: &[i64],
    ) -> Result<HashSet<i64>> {
        use message::{Column as M, Entity as Messages};
        let waiting = Entity::find().select_only().column(Column::SendId);
        let first = Messages::find()
            .select_only()
            .column_as(M::Id.min(), "first")
            .filter(M::SendId.eq(send_id));
        let earlier = Messages::find()
            .select_only()
            .column(M::UserId)
            // Each of them may wait for many messages.
            .distinct()
            .filter(M::SendId.in_subquery(waiting.into_query()))
            .filter(Expr::col(M::Id).lt(SimpleExpr::SubQuery(
                None,
                Box::new(first.into_query().into()),
            )))
            .filter(M::Authenticator.eq(authenticator))
            .filter(M::Way.eq(way))
            .filter(M::State.eq(message::State::Claimed))
            // A claimed message without a reason is being sent at this moment.
            .filter(M::Reason.is_not_null());
        let mut behind = HashSet::new();
        for users in users.chunks(KEYS) {
            let found = earlier
                .clone()
                .filter(M::UserId.is_in(users.iter().copied()))
                .into_tuple::<i64>();
            behind.extend(found.all(&self.connection).await?);
        }
        Ok(behind)
    }

    /// Brings the moment forward until which a message is tried.
    pub async fn give_up_at(&self, send_id: &str, give_up_ms: i64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::GiveUpMs, Expr::value(give_up_ms))
            .filter(Column::SendId.eq(send_id))
            .filter(Column::GiveUpMs.gt(give_up_ms))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Removes the content of a message for which nobody waits any more.
    pub async fn forget_content(&self, send_id: &str) -> Result<()> {
        Entity::delete_by_id(send_id).exec(&self.connection).await?;
        Ok(())
    }

    /// Removes the contents of messages that were given up before this moment, in milliseconds since the epoch.
    pub async fn forget_contents(&self, before_ms: i64) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::GiveUpMs.lt(before_ms));
        gone.exec(&self.connection).await?;
        Ok(())
    }
}

impl Transaction {
    /// Stores the content of a message.
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
