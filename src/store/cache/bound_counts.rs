//! How many accounts are bound at an authenticator, without counting very many of them for each
//! page.
//!
//! NocoBase's table of bindings has no key that grows, so newer rows cannot be counted by it as
//! [`counts`](super::counts) does. A number below [`MANY`] is counted each time. A greater one is
//! kept for a while: the pages themselves come from the database, and only the number of pages can
//! be that old.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use entity::user_authenticator::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};

use super::Caches;
use crate::chain::Chain;
use crate::store::{Result, Store};

/// The number from which on it is kept: counting fewer rows costs as much as the page itself.
const MANY: u64 = 10_000;
/// The age after which rows are counted again, in the background of the request that notices.
const FRESH: Duration = Duration::from_secs(10);
/// The age after which a request waits for the new number.
const LONGEST_KEPT: Duration = Duration::from_mins(1);

/// A number that was counted.
#[derive(Clone, Copy, Debug)]
struct KeptCount {
    rows: u64,
    at: Instant,
    /// When somebody began to count again.
    asked: Instant,
}

/// The large numbers, by authenticator. There are as many as authenticators with many accounts.
#[derive(Default)]
pub(in crate::store) struct BoundCounts(Mutex<HashMap<String, KeptCount>>);

impl BoundCounts {
    fn counted(&self) -> MutexGuard<'_, HashMap<String, KeptCount>> {
        let Self(counted) = self;
        counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The kept number, and whether the caller should count again.
    fn of(&self, authenticator: &str) -> Option<(u64, bool)> {
        let mut all = self.counted();
        let kept = all.get_mut(authenticator)?;
        if kept.at.elapsed() >= LONGEST_KEPT {
            all.remove(authenticator);
            return None;
        }
        let is_old = kept.asked.elapsed() >= FRESH;
        if is_old {
            // Only one caller should count.
            kept.asked = Instant::now();
        }
        Some((kept.rows, is_old))
    }

    fn keep(&self, authenticator: &str, rows: u64, at: Instant) {
        let mut all = self.counted();
        if rows < MANY {
            all.remove(authenticator);
            return;
        }
        let asked = at;
        all.insert(authenticator.to_owned(), KeptCount { rows, at, asked });
    }
}

impl Store {
    /// How many accounts are bound at an authenticator, and whether there may be more by now. A
    /// number of ten thousand or more can be a minute old.
    pub(in crate::store) async fn bound_rows(&self, authenticator: &str) -> Result<(u64, bool)> {
        let (connection, caches) = (&self.connection, self.caches());
        let Some((rows, is_old)) = caches.bound_counts.of(authenticator) else {
            return Ok((count(connection, caches, authenticator).await?, false));
        };
        if is_old {
            self.count_bound_beside(authenticator.to_owned());
        }
        Ok((rows, true))
    }

    fn count_bound_beside(&self, authenticator: String) {
        let pool = &self.connection.connection;
        let (connection, caches) = (pool.connection.0.clone(), Arc::clone(&pool.caches));
        tokio::spawn(async move {
            if let Err(error) = count(&connection, &caches, &authenticator).await {
                log::debug!(
                    "accounts bound at an authenticator are not counted again: {}",
                    Chain(&error)
                );
            }
        });
    }
}

/// Counts the rows, and keeps their number if it is large.
async fn count(
    connection: &impl ConnectionTrait,
    caches: &Caches,
    authenticator: &str,
) -> std::result::Result<u64, DbErr> {
    // What is written while the database counts may be missing in the number.
    let at = Instant::now();
    let bound = Entity::find().filter(Column::Authenticator.eq(authenticator));
    let rows = bound.count(connection).await?;
    caches.bound_counts.keep(authenticator, rows, at);
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ago(age: Duration) -> Instant {
        Instant::now().checked_sub(age).unwrap()
    }

    #[test]
    fn a_small_number_is_not_kept() {
        let counts = BoundCounts::default();
        counts.keep("dingtalk", MANY - 1, Instant::now());
        assert_eq!(counts.of("dingtalk"), None);
    }

    #[test]
    fn a_number_that_became_small_is_forgotten() {
        let counts = BoundCounts::default();
        counts.keep("dingtalk", MANY, Instant::now());
        assert_eq!(counts.of("dingtalk"), Some((MANY, false)));
        counts.keep("dingtalk", 3, Instant::now());
        assert_eq!(counts.of("dingtalk"), None);
    }

    #[test]
    fn one_of_those_who_see_an_old_number_counts_again() {
        let counts = BoundCounts::default();
        counts.keep("dingtalk", MANY, ago(FRESH));
        assert_eq!(counts.of("dingtalk"), Some((MANY, true)));
        assert_eq!(counts.of("dingtalk"), Some((MANY, false)));
    }

    #[test]
    fn a_number_that_nobody_asked_for_in_a_minute_is_counted_again() {
        let counts = BoundCounts::default();
        counts.keep("dingtalk", MANY, ago(LONGEST_KEPT));
        assert_eq!(counts.of("dingtalk"), None);
    }
}
