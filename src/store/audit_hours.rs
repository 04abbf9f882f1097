//! Counts of sign-ins per hour.
//!
//! Each past hour is counted once and kept in `dingtalk_audit_hours`; the latest hours are counted
//! on each request, along the index on the time. So no sign-in has to wait for a shared counter,
//! and no reader has to count a month of rows.

use chrono::{DateTime, TimeDelta, Utc};
use entity::audit;
use entity::audit_hour::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::{Result, Store};

const HOUR_SECONDS: i64 = 3600;

/// The hour of a moment, counted from the epoch.
pub fn hour_of(moment: DateTime<Utc>) -> i64 {
    moment.timestamp().div_euclid(HOUR_SECONDS)
}

/// The beginning of an hour.
fn begin_of(hour: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(hour.saturating_mul(HOUR_SECONDS))
}

impl Store {
    /// Counts the rows with these actions for past hours that have not been counted yet, from
    /// `from` to before `until`. Returns the newest of these hours that is counted.
    pub async fn count_hours(
        &self,
        actions: &[&str],
        from: i64,
        until: i64,
    ) -> Result<Option<i64>> {
        // Later hours were counted while the clock was ahead.
        let counted = Entity::find()
            .select_only()
            .column(Column::Hour)
            .filter(Column::Hour.lt(until));
        let mut last: Option<i64> = counted
            .order_by_desc(Column::Hour)
            .limit(1)
            .into_tuple()
            .one(&self.connection)
            .await?;
        let mut hour = last.map_or(from, |last| Ord::max(from, last + 1));
        while let Some(next) = self.next_hour(hour, until).await? {
            let mut rows = self.hour(actions, next).await?;
            // An hour without sign-ins gets a row too, so that it counts as counted.
            if !rows.iter().any(|row| row.authenticator.is_empty()) {
                rows.push(Model {
                    hour: next,
                    authenticator: String::new(),
                    result: "success".to_owned(),
                    sign_ins: 0,
                });
            }
            let key = [Column::Hour, Column::Authenticator, Column::Result];
            let first_counts = OnConflict::columns(key).do_nothing_on(key).to_owned();
            let rows = rows.into_iter().map(Model::into_active_model);
            Entity::insert_many(rows.map(ActiveModel::reset_all))
                .on_conflict(first_counts)
                .exec_without_returning(&self.connection)
                .await?;
            hour = next + 1;
            last = Some(next);
        }
        Ok(last)
    }

    /// The first of these hours that has rows in the audit trail.
    async fn next_hour(&self, from: i64, until: i64) -> Result<Option<i64>> {
        let first: Option<DateTime<Utc>> = audit::Entity::find()
            .select_only()
            .column(audit::Column::CreatedAt)
            .filter(audit::Column::CreatedAt.gte(begin_of(from)))
            .filter(audit::Column::CreatedAt.lt(begin_of(until)))
            .order_by_asc(audit::Column::CreatedAt)
            .limit(1)
            .into_tuple()
            .one(&self.connection)
            .await?;
        Ok(first.map(hour_of))
    }

    /// The counts of one hour: rows with these actions, by authenticator and result.
    pub async fn hour(&self, actions: &[&str], hour: i64) -> Result<Vec<Model>> {
        use audit::Column as Row;
        let found: Vec<(Option<String>, String, i64)> = audit::Entity::find()
            .select_only()
            .column(Row::Authenticator)
            .column(Row::Result)
            .column_as(Expr::col(Row::Id).count(), "signIns")
            .filter(Row::CreatedAt.gte(begin_of(hour)))
            .filter(Row::CreatedAt.lt(begin_of(hour + 1)))
            .filter(Row::Action.is_in(actions.iter().copied()))
            .group_by(Row::Authenticator)
            .group_by(Row::Result)
            .into_tuple()
            .all(&self.connection)
            .await?;
        let row = |(authenticator, result, sign_ins): (Option<String>, String, i64)| Model {
            hour,
            authenticator: authenticator.unwrap_or_default(),
            result,
            sign_ins,
        };
        Ok(found.into_iter().map(row).collect())
    }

    /// The stored counts from this hour on: a few rows for each hour that is shown.
    pub async fn counted_hours(&self, from: i64) -> Result<Vec<Model>> {
        let kept = Entity::find().filter(Column::Hour.gte(from));
        Ok(kept.all(&self.connection).await?)
    }

    /// Removes the counts of hours before `from`, and those from `until` on.
    pub async fn forget_hours(&self, from: i64, until: i64) -> Result<()> {
        // Two statements, each along the index.
        for others in [Column::Hour.lt(from), Column::Hour.gte(until)] {
            let gone = Entity::delete_many().filter(others);
            gone.exec(&self.connection).await?;
        }
        Ok(())
    }
}
