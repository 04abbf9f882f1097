//! What errors of databases mean.

use std::error::Error;
use std::fmt;

use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::{self, mysql::MySqlDatabaseError, sqlite::SqliteError};
use sea_orm::{DbErr, RuntimeErr};

use super::StoreError;
use crate::chain::Chain;

/// SQLite's code for a database that another process is writing.
pub(super) const BUSY: u32 = 5;
/// SQLite's code for a database that another connection of this process is writing.
pub(super) const LOCKED: u32 = 6;
/// SQLite's code for a file or folder that cannot be written.
const READ_ONLY: u32 = 8;
/// SQLite's code for an input or output error of the system.
const INPUT_OUTPUT: u32 = 10;
/// SQLite's code for a full disk.
const FULL: u32 = 13;
/// SQLite's code for a file that cannot be opened.
const CANNOT_OPEN: u32 = 14;
/// SQLite's code for a damaged file.
const CORRUPT: u32 = 11;
/// SQLite's code for a file that is not a database.
const NOT_A_DATABASE: u32 = 26;

/// The error inside the library's own.
pub(super) fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// SQLite's primary code, if this is an error of SQLite.
pub(super) fn sqlite_code(error: &dyn DatabaseError) -> Option<u32> {
    error.try_downcast_ref::<SqliteError>()?;
    // The lower byte is the primary code.
    Some(error.code()?.parse::<u32>().ok()? & 0xff)
}

/// Whether a row was inserted: false when another one has the value that must be unique.
pub(super) fn is_inserted<T>(outcome: Result<T, DbErr>) -> Result<bool, StoreError> {
    match outcome.map_err(StoreError::from) {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
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

/// The text of an error with all that led to it, but without what a database says, which can quote
/// values. It is for reports that people read in the settings; the log has everything.
pub fn redacted(error: &(dyn Error + 'static)) -> String {
    Chain(error).until(<dyn Error>::is::<DbErr>)
}

/// Why the database cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskProblem {
    /// The disk is full.
    Full,
    /// The disk has failed in another way.
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

/// What is wrong with the disk of this server or of the database server; none for other errors.
pub(super) fn disk_problem(error: &DbErr) -> Option<DiskProblem> {
    let Some(sqlx::Error::Database(error)) = sqlx_error(error) else {
        return None;
    };
    let error = error.as_ref();
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        return match error.number() {
            // The disk is full, and a table is full.
            1021 | 1114 => Some(DiskProblem::Full),
            // Errors while reading and writing, and errors of a table's storage engine.
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
        // Errors of input and output, and damaged data or indexes.
        "58030" | "XX001" | "XX002" => Some(DiskProblem::Fails),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[derive(Debug, thiserror::Error)]
    #[error("the step failed")]
    struct Step(#[source] StoreError);

    #[test]
    fn a_report_has_no_words_of_a_database() {
        let quoting = DbErr::Custom("'13800000001' is no date".to_owned());
        let error = Step(StoreError::from(quoting));
        assert_eq!(redacted(&error), "the step failed: the database failed");
        assert!(Chain(&error).to_string().contains("13800000001"));
    }
}
