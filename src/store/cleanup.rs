//! Removing rows that are no longer needed, in the background. It removes a few rows at a time, so
//! that writers do not wait for long and no statement grows with its table.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{audit, event, issued_token, token_blacklist};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, Select,
    TryGetable,
};

use super::cache::Partitions;
use super::{Result, Store, uuids};

/// How many rows one statement removes.
const BATCH: u64 = 1000;
/// A server that is in use writes rows of each kind more often than this. Otherwise, the clock may be ahead.
pub const IN_USE: TimeDelta = TimeDelta::days(7);

impl Store {
    /// Removes rows of the audit trail from before this moment, unless the clock may be ahead. Returns their number.
    pub async fn remove_audit_rows(&self, before: DateTime<Utc>) -> Result<u64> {
        let ids = audit::Entity::find()
            .select_only()
            .column(audit::Column::Id);
        let at = audit::Column::CreatedAt;
        let age = (at.lt(before), at.gte(self.in_use_since()));
        let these = |ids: Vec<i64>| audit::Column::Id.is_in(ids);
        self.remove_old("rows of the audit trail", ids, age, these, Partitions::ALL)
            .await
    }

    /// Forgets events that were received before this moment and came to their end.
    pub async fn forget_old_events(&self, before: DateTime<Utc>) -> Result<u64> {
        let ids = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::ReceivedAt.lt(before))
            .filter(event::Column::State.ne(event::State::Queued));
        let these = |ids: Vec<i64>| event::Column::Id.is_in(ids);
        self.remove_in_batches(ids, these, Partitions::ALL).await
    }

    /// Removes the records of sessions that began before this, in milliseconds since the epoch;
    /// they are too old for any renewal. Removes none while the clock may be ahead. NocoBase's table
    /// has no index for it and must be read completely, so this is not done at each sign-in.
    pub async fn forget_old_sessions(&self, before_ms: i64) -> Result<u64> {
        let id = issued_token::Column::Id;
        let backend = self.connection.get_database_backend();
        let ids = issued_token::Entity::find()
            .select_only()
            .expr(uuids::as_text(backend, Expr::col(id)));
        let in_use = self.in_use_since().timestamp_millis();
        let age = (
            issued_token::Column::SignInTime.lt(before_ms),
            issued_token::Column::IssuedTime.gte(in_use),
        );
        let these = |ids: Vec<String>| {
            let ids = ids.iter().map(|id| uuids::of_text(backend, id));
            Expr::col(id).is_in(ids)
        };
        self.remove_old("records of sessions", ids, age, these, Partitions::ALL)
            .await
    }

    /// Removes revoked tokens that have expired since, unless the clock may be ahead: they would be
    /// accepted again as soon as it is right. Caches are not affected, because revoked tokens are
    /// not cached.
    pub async fn forget_ended_revocations(&self) -> Result<u64> {
        let ids = token_blacklist::Entity::find()
            .select_only()
            .column(token_blacklist::Column::Id);
        let age = (
            token_blacklist::Column::Expiration.lt(self.now()),
            token_blacklist::Column::CreatedAt.gte(self.in_use_since()),
        );
        let these = |ids: Vec<i64>| token_blacklist::Column::Id.is_in(ids);
        let none = Partitions::no_revocation();
        self.remove_old("tokens that were signed out", ids, age, these, none)
            .await
    }

    /// A server in use has rows from after this moment.
    pub(super) fn in_use_since(&self) -> DateTime<Utc> {
        self.now() - IN_USE
    }

    /// Removes the selected rows that fulfil the first condition, if any row fulfils the second one,
    /// which is for rows of the last days. A clock that is months ahead for one start would otherwise
    /// remove all rows at once. Where nothing was written for days, the old rows wait for the next new
    /// one, and nothing grows meanwhile. Returns the number of removed rows.
    pub(super) async fn remove_old<E: EntityTrait, K: TryGetable>(
        &self,
        what: &str,
        keys: Select<E>,
        (old, recent): (Expr, Expr),
        these: impl Fn(Vec<K>) -> Expr,
        invalidating_only: Partitions,
    ) -> Result<u64> {
        let (recent, old) = (keys.clone().filter(recent), keys.filter(old));
        // Most days there is nothing to remove. The same statement as for a batch, so that there is one plan.
        let batch = old.clone().limit(BATCH).into_tuple::<(K,)>();
        if batch.all(&self.connection).await?.is_empty() {
            return Ok(0);
        }
        let recent = recent.limit(1).into_tuple::<(K,)>();
        if recent.one(&self.connection).await?.is_none() {
            log::info!(
                "old {what} are left alone: none is of the last {days} days, so the clock of this \
                 machine may be wrong; if it is right, they are removed within a day of the next one",
                days = IN_USE.num_days()
            );
            return Ok(0);
        }
        self.remove_in_batches(old, these, invalidating_only).await
    }

    /// Removes the rows whose keys are selected. Returns their number.
    pub(super) async fn remove_in_batches<E: EntityTrait, K: TryGetable>(
        &self,
        keys: Select<E>,
        these: impl Fn(Vec<K>) -> Expr,
        invalidating_only: Partitions,
    ) -> Result<u64> {
        let mut removed = 0;
        loop {
            let batch: Vec<(K,)> = keys
                .clone()
                .limit(BATCH)
                .into_tuple()
                .all(&self.connection)
                .await?;
            if batch.is_empty() {
                return Ok(removed);
            }
            let batch = batch.into_iter().map(|(key,)| key).collect();
            let gone = E::delete_many().filter(these(batch));
            let gone = gone
                .exec(&self.connection.invalidating_only(invalidating_only))
                .await?;
            removed += gone.rows_affected;
        }
    }
}
