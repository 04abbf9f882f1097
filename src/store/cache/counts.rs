//! The number of rows in a large table, without counting all of them each time.
//!
//! Rows of these tables get ever greater keys and are seldom removed. How many rows have a key up
//! to a certain one is kept in memory; only newer rows are counted, by their key. Whoever removes
//! rows increases a counter in `dingtalk_changes` in the same transaction. That counter is read in
//! the same statement as the newer rows, so the answer includes whatever any server has committed.
//! Programs that do not increase the counter, such as a SQL client, are noticed by counting
//! everything again in the background.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entity::{audit, change, user};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, EntityName, IdenStatic};

use super::{Caches, Partitions};
use crate::chain::Chain;
use crate::store::{Result, Store};

/// How many of the newest rows are always counted: of two transactions that insert at once, the one
/// with the smaller key may commit later, but no transaction lasts until so many others have begun.
/// Counting more would show in the time of a page: `MariaDB` passes 10 000 rows in over a millisecond.
const NEWEST: i64 = 2_000;
/// The age after which all rows are counted again, in the background of the request that notices.
const LONGEST_KEPT: Duration = Duration::from_secs(10);

/// The tables that are counted like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Accounts.
    Users,
    /// Rows of the audit trail.
    Audit,
}

impl Counted {
    fn table(self) -> &'static str {
        match self {
            Self::Users => user::Entity.table_name(),
            Self::Audit => audit::Entity.table_name(),
        }
    }

    /// The counter that a removal of rows increases.
    fn removals(self) -> Partitions {
        match self {
            Self::Users => Partitions::REMOVED_USERS,
            Self::Audit => Partitions::REMOVED_AUDIT,
        }
    }

    fn rows(self) -> SelectStatement {
        let all = Func::count(Expr::col(Asterisk));
        Query::select().expr(all).from(self.table()).take()
    }

    fn newer_than(self, key: i64) -> SelectStatement {
        let newer = Expr::col(user::Column::Id.as_str()).gt(key);
        self.rows().and_where(newer).take()
    }

    fn version(self) -> SelectStatement {
        let partition = self.removals().numbers().next().map(i32::from);
        let this = Expr::col(change::Column::Slot.as_str()).eq(partition);
        let version = change::Column::Version.as_str();
        let table = change::Entity.table_name();
        Query::select()
            .column(version)
            .from(table)
            .and_where(this)
            .take()
    }
}

/// What is known of a table.
#[derive(Clone, Copy, Debug)]
struct KnownCount {
    /// The value of the counter of removals.
    version: i64,
    /// A key of the table.
    key: i64,
    /// How many rows have this key or a smaller one.
    rows: i64,
    at: Instant,
}

/// What is known of all tables.
#[derive(Default)]
pub(in crate::store) struct Counts(Mutex<HashMap<Counted, KnownCount>>);

impl Counts {
    fn known(&self) -> MutexGuard<'_, HashMap<Counted, KnownCount>> {
        let Self(known) = self;
        known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a table, and whether the caller should count it again.
    fn of(&self, counted: Counted) -> Option<(KnownCount, bool)> {
        let mut all = self.known();
        let kept = all.get_mut(&counted)?;
        let known = *kept;
        let is_old = known.at.elapsed() >= LONGEST_KEPT;
        if is_old {
            // Only one caller should count.
            kept.at = Instant::now();
        }
        Some((known, is_old))
    }
}

impl Store {
    /// The number of rows in the whole table.
    pub(in crate::store) async fn rows_of(&self, counted: Counted) -> Result<u64> {
        let (connection, caches) = (&self.connection, self.caches());
        if let Some((known, is_old)) = caches.counts.of(counted) {
            let question = both(counted.version(), counted.newer_than(known.key));
            if let Some([version, newer]) = ask(connection, &question).await?
                && version == known.version
            {
                if is_old {
                    self.count_beside(counted);
                }
                return Ok((known.rows + newer).unsigned_abs());
            }
        }
        Ok(count_anew(connection, caches, counted).await?)
    }

    fn count_beside(&self, counted: Counted) {
        let pool = &self.connection.connection;
        let (connection, caches) = (pool.connection.0.clone(), Arc::clone(&pool.caches));
        tokio::spawn(async move {
            if let Err(error) = count_anew(&connection, &caches, counted).await {
                log::debug!(
                    "rows of {} are not counted anew: {error}",
                    counted.table(),
                    error = Chain(&error)
                );
            }
        });
    }
}

/// Counts all rows and keeps the result.
async fn count_anew(
    connection: &impl ConnectionTrait,
    caches: &Caches,
    counted: Counted,
) -> std::result::Result<u64, DbErr> {
    let last = Expr::col(user::Column::Id.as_str()).max();
    let last = Query::select().expr(last).from(counted.table()).take();
    let last = connection.query_one(&last).await?;
    let last: Option<i64> = last
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .flatten();
    let key = last.unwrap_or_default().saturating_sub(NEWEST);
    let mut question = both(counted.version(), counted.newer_than(key));
    add(&mut question, counted.rows(), "all");
    let Some([version, newer, all]) = ask(connection, &question).await? else {
        // The counter has no row yet, so nothing can be kept.
        let rows = connection.query_one(&counted.rows()).await?;
        let rows: Option<i64> = rows.map(|row| row.try_get_by_index(0)).transpose()?;
        return Ok(rows.unwrap_or_default().unsigned_abs());
    };
    let known = KnownCount {
        version,
        key,
        rows: all - newer,
        at: Instant::now(),
    };
    caches.counts.known().insert(counted, known);
    Ok(all.unsigned_abs())
}

/// One statement that reads both, so that they are of the same moment.
fn both(version: SelectStatement, newer: SelectStatement) -> SelectStatement {
    let mut question = Query::select();
    add(&mut question, version, "version");
    add(&mut question, newer, "newer");
    question
}

fn add(question: &mut SelectStatement, part: SelectStatement, name: &'static str) {
    let part = Expr::SubQuery(None, Box::new(part.into()));
    question.expr_as(part, Alias::new(name));
}

/// The numbers that a statement returns; none when one is missing.
async fn ask<const N: usize>(
    connection: &impl ConnectionTrait,
    question: &SelectStatement,
) -> std::result::Result<Option<[i64; N]>, DbErr> {
    let Some(row) = connection.query_one(question).await? else {
        return Ok(None);
    };
    let mut numbers = [0; N];
    for (at, number) in numbers.iter_mut().enumerate() {
        let found: Option<i64> = row.try_get_by_index(at)?;
        let Some(found) = found else {
            return Ok(None);
        };
        *number = found;
    }
    Ok(Some(numbers))
}
