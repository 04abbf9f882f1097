//! Which database errors mean that another transaction was in the way.

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::{self, mysql::MySqlDatabaseError};
use sea_orm::{ConnAcquireErr, DbErr};

use super::failure::{BUSY, LOCKED, sqlite_code, sqlx_error};

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
