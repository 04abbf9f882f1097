//! Which database errors mean that another transaction was in the way, and repeating what it has
//! hindered.

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::{self, mysql::MySqlDatabaseError};
use sea_orm::{ConnAcquireErr, DbErr};

use super::failure::{BUSY, LOCKED, sqlite_code, sqlx_error};

/// How often a transaction is tried when others are in the way.
const ATTEMPTS: usize = 3;

/// Repeats an attempt that failed because another transaction did something at the same time. On
/// databases on which transactions overlap, that one may for example have bound the same person or
/// account; the next attempt sees what it did.
pub async fn repeated<T, E, Fut>(
    attempt: impl Fn() -> Fut,
    is_overlap: impl Fn(&E) -> bool,
) -> Result<T, E>
where
    Fut: Future<Output = Result<T, E>>,
{
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(error) if is_overlap(&error) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

/// How another transaction was in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contention {
    /// Two changes overlapped or waited for each other. A second attempt will see what the other
    /// one did.
    Overlap,
    /// Waiting for a lock or a connection took too long.
    Wait,
}

impl Contention {
    /// The kind of this error; none for other errors.
    pub(super) fn of(error: &DbErr) -> Option<Self> {
        if matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) {
            return Some(Self::Wait);
        }
        match sqlx_error(error)? {
            sqlx::Error::PoolTimedOut => Some(Self::Wait),
            sqlx::Error::Database(error) => Self::of_database(error.as_ref()),
            _ => None,
        }
    }

    fn of_database(error: &dyn DatabaseError) -> Option<Self> {
        if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
            return match error.number() {
                // A deadlock, and MariaDB's error «record has changed since last read».
                1213 | 1020 => Some(Self::Overlap),
                1205 => Some(Self::Wait),
                _ => None,
            };
        }
        if let Some(code) = sqlite_code(error) {
            return match code {
                LOCKED => Some(Self::Overlap),
                BUSY => Some(Self::Wait),
                _ => None,
            };
        }
        match error.code().unwrap_or_default().as_ref() {
            // PostgreSQL's codes for a serialisation failure and a deadlock.
            "40001" | "40P01" => Some(Self::Overlap),
            "55P03" => Some(Self::Wait),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Whether the failure of an attempt was an overlap.
    type Overlaps = bool;

    /// Makes attempts that fail like this, one after the other; returns the last outcome, and how
    /// many attempts there were.
    async fn made(outcomes: &[Result<(), Overlaps>]) -> (Result<(), Overlaps>, usize) {
        let count = Cell::new(0);
        let attempt = || {
            let outcome = outcomes[count.get()];
            count.set(count.get() + 1);
            std::future::ready(outcome)
        };
        let outcome = repeated(attempt, |overlaps| *overlaps).await;
        (outcome, count.get())
    }

    #[tokio::test]
    async fn what_others_were_in_the_way_of_is_tried_three_times_and_nothing_else_is() {
        let (done, overlap, failure) = (Ok(()), Err(true), Err(false));
        for (outcomes, expected) in [
            (&[done][..], (done, 1)),
            (&[failure], (failure, 1)),
            (&[overlap, done], (done, 2)),
            (&[overlap, failure], (failure, 2)),
            (&[overlap, overlap, done], (done, 3)),
            (&[overlap, overlap, overlap], (overlap, 3)),
        ] {
            assert_eq!(made(outcomes).await, expected, "{outcomes:?}");
        }
    }
}
