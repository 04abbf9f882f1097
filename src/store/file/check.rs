//! Checking a SQLite file for damage.

use std::path::Path;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

use super::state::FileState;
use crate::config::{Config, Dialect};
use crate::store::StoreError;
use crate::store::failure::is_damage;
use crate::store::options::{Access, options_at};

/// How many problems are reported.
const MOST: u8 = 5;
/// SQLite's answer when the file is not damaged.
const WHOLE: &str = "ok";

/// The problems that SQLite's quick check finds in the file, one line each. Only for a process that
/// has not opened it otherwise.
pub async fn damage(config: &Config) -> Result<Vec<String>, StoreError> {
    if config.database.dialect != Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let file = config.sqlite_file();
    loop {
        let Some(state) = FileState::of(&file).await? else {
            return Ok(Vec::new());
        };
        let damage = quick_check(&file, state.access()).await;
        // If a server has started meanwhile, its writes may look like damage, so the check is
        // repeated.
        if matches!(&damage, Ok(lines) if lines.is_empty())
            || FileState::of(&file).await? == Some(state)
        {
            return Ok(damage?);
        }
    }
}

/// Like [`damage`], for a file that nobody writes.
pub(super) async fn damage_of_copy(file: &Path) -> Result<Vec<String>, StoreError> {
    Ok(quick_check(file, Access::Still).await?)
}

async fn quick_check(file: &Path, access: Access) -> Result<Vec<String>, DbErr> {
    match try_quick_check(file, access).await {
        // The damage is so bad that SQLite cannot check further.
        Err(error) if is_damage(&error) => Ok(vec![error.to_string()]),
        outcome => outcome,
    }
}

async fn try_quick_check(file: &Path, access: Access) -> Result<Vec<String>, DbErr> {
    let mut options = options_at(file.to_owned(), access);
    options.max_connections(1);
    let connection = Database::connect(options).await?;
    let outcome = ask(&connection).await;
    connection.close().await?;
    outcome
}

async fn ask(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let question = format!("PRAGMA quick_check({MOST})");
    let question = Statement::from_string(DbBackend::Sqlite, question);
    let rows = connection.query_all_raw(question).await?;
    let mut lines = Vec::new();
    for row in rows {
        let text: String = row.try_get_by_index(0)?;
        let found = text.lines().map(str::to_owned);
        lines.extend(found.filter(|line| line != WHOLE));
    }
    Ok(lines)
}
