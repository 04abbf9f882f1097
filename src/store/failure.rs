//! What a database said when it failed.

use std::fmt;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::{self, mysql::MySqlDatabaseError, sqlite::SqliteError};
use sea_orm::{DbErr, RuntimeErr};

/// SQLite: somebody else writes.
pub(super) const BUSY: u32 = 5;
/// SQLite: the same, in this process.
pub(super) const LOCKED: u32 = 6;
/// SQLite: the file or its folder cannot be written.
const READ_ONLY: u32 = 8;
/// SQLite: the system would not read or write.
const INPUT_OUTPUT: u32 = 10;
/// SQLite: no room.
const FULL: u32 = 13;
/// SQLite: one of the files cannot be opened.
const CANNOT_OPEN: u32 = 14;
/// SQLite: the file does not hold what it should.
const CORRUPT: u32 = 11;
/// SQLite: the file is something else.
const NOT_A_DATABASE: u32 = 26;

/// The error below the library's own.
pub(super) fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// SQLite's primary code, when it is an error of SQLite.
pub(super) fn sqlite_code(error: &dyn DatabaseError) -> Option<u32> {
    error.try_downcast_ref::<SqliteError>()?;
    // The lower byte is the primary code.
    Some(error.code()?.parse::<u32>().ok()? & 0xff)
}

/// Whether a SQLite file turned out to be damaged.
pub(super) fn is_damage(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(sqlx::Error::Database(error)) => {
            matches!(sqlite_code(error.as_ref()), Some(CORRUPT | NOT_A_DATABASE))
        }
        _ => false,
    }
}

/// Why nothing can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskProblem {
    /// No room.
    Full,
    /// Anything else that the disk does.
    Fails,
}

impl fmt::Display for DiskProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the disk is full",
            Self::Fails => "the disk fails",
        })
    }
}

/// Whether this is the disk's fault, ours or that of the database server.
pub(super) fn disk_problem(error: &DbErr) -> Option<DiskProblem> {
    let Some(sqlx::Error::Database(error)) = sqlx_error(error) else {
        return None;
    };
    let error = error.as_ref();
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        return match error.number() {
            // The disk, and a table.
            1021 | 1114 => Some(DiskProblem::Full),
            // Reading, writing, and what the engine of a table says.
            1024 | 1026 | 1030 => Some(DiskProblem::Fails),
            _ => None,
        };
    }
    if let Some(code) = sqlite_code(error) {
        return match code {
            FULL => Some(DiskProblem::Full),
            READ_ONLY | INPUT_OUTPUT | CANNOT_OPEN | CORRUPT | NOT_A_DATABASE => {
                Some(DiskProblem::Fails)
            }
            _ => None,
        };
    }
    match error.code().unwrap_or_default().as_ref() {
        "53100" => Some(DiskProblem::Full),
        // Input or output, and damage to data or an index.
        "58030" | "XX001" | "XX002" => Some(DiskProblem::Fails),
        _ => None,
    }
}
