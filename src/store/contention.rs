//! Which failures mean that somebody else was in the way, and a second attempt may succeed.

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::{self, mysql::MySqlDatabaseError, sqlite::SqliteError};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// Whether this is a deadlock, a wait for a lock or a connection that took too long, or a change
/// that overlapped with another.
pub(super) fn is_contention(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::PoolTimedOut => true,
            sqlx::Error::Database(error) => is_contention_code(error.as_ref()),
            _ => false,
        },
        _ => false,
    }
}

fn is_contention_code(error: &dyn DatabaseError) -> bool {
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        // A wait that took too long, a deadlock, and MariaDB's «record has changed since last
        // read».
        return matches!(error.number(), 1205 | 1213 | 1020);
    }
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        // The lower byte is the primary code: 5 is SQLITE_BUSY, 6 is SQLITE_LOCKED.
        return code
            .parse::<u32>()
            .is_ok_and(|code| matches!(code & 0xff, 5 | 6));
    }
    // PostgreSQL: serialization failure, deadlock, and a wait that took too long.
    matches!(code.as_ref(), "40001" | "40P01" | "55P03")
}
