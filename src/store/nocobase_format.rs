//! Names and values in NocoBase's format, where the database library would write another one.
//!
//! SQLite stores and compares dates as text, so this server's must look exactly like NocoBase's:
//! `2026-11-22 16:27:45.139 +00:00`. The library would write a `T` in the middle and more decimals.
//! See `docs/decisions/0007-dates-on-sqlite.md`.

use chrono::{DateTime, Utc};
use entity::naming::NamedConnection;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};

/// NocoBase's format of dates on SQLite, always in UTC.
const MOMENT: &str = "%Y-%m-%d %H:%M:%S%.3f +00:00";

/// A connection that writes names and values in NocoBase's format.
pub struct FormattingConnection<C>(pub(super) NamedConnection<C>);

/// Converts the values that have another format on this database.
fn adapt(mut statement: Statement) -> Statement {
    if statement.db_backend == DbBackend::Sqlite
        && let Some(values) = &mut statement.values
    {
        for value in &mut values.0 {
            adapt_moment(value);
        }
    }
    statement
}

fn adapt_moment(value: &mut Value) {
    let moment: Option<DateTime<Utc>> = match value {
        Value::ChronoDateTimeUtc(moment) => *moment,
        Value::ChronoDateTimeLocal(moment) => moment.map(Into::into),
        Value::ChronoDateTimeWithTimeZone(moment) => moment.map(Into::into),
        _ => return,
    };
    *value = Value::String(moment.map(|moment| moment.format(MOMENT).to_string()));
}

#[async_trait::async_trait]
impl<C: ConnectionTrait> ConnectionTrait for FormattingConnection<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.execute_raw(adapt(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one_raw(adapt(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all_raw(adapt(statement)).await
    }

    fn support_returning(&self) -> bool {
        self.0.support_returning()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(db_backend: DbBackend, value: Value) -> Statement {
        Statement::from_sql_and_values(db_backend, "SELECT ?", [value])
    }

    #[test]
    fn moments_on_sqlite_are_text_like_nocobases() {
        let moment = DateTime::from_timestamp_millis(1_795_364_865_139);
        for (value, written) in [
            (moment, Some("2026-11-22 16:27:45.139 +00:00")),
            (
                DateTime::from_timestamp(0, 0),
                Some("1970-01-01 00:00:00.000 +00:00"),
            ),
            (None, None),
        ] {
            let adapted = adapt(statement(DbBackend::Sqlite, value.into()));
            let expected = Value::String(written.map(str::to_owned));
            assert_eq!(adapted.values.unwrap().0, [expected]);
            for server in [DbBackend::Postgres, DbBackend::MySql] {
                let adapted = adapt(statement(server, value.into()));
                assert_eq!(adapted.values.unwrap().0, [value.into()]);
            }
        }
    }
}
