//! One of several servers that start together prepares the tables.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

/// Any number that nobody else uses for PostgreSQL's advisory locks.
const POSTGRES_KEY: i64 = 0x6469_6e67_7461_6c6b;
/// How long to wait for the other, in seconds.
const PATIENCE_SECONDS: i32 = 60;
/// MySQL's locks are of the whole server, ours is of the database.
const MYSQL_NAME: &str = "CONCAT('dingtalk_', SHA1(DATABASE()))";

/// A lock of the whole database, which the transaction that holds on to its connection holds.
pub(super) struct Lock(DatabaseTransaction);

impl Lock {
    /// Waits until nobody else has it.
    pub(super) async fn take(pool: &DatabaseConnection) -> Result<Self, DbErr> {
        let backend = pool.get_database_backend();
        let options = TransactionOptions {
            // The only lock that there is, which another program may have for a while.
            sqlite_transaction_mode: (backend == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let holder = pool.begin_with_options(options).await?;
        match backend {
            DbBackend::Postgres => {
                let patience = format!("SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'");
                holder.execute_unprepared(&patience).await?;
                let lock = format!("SELECT pg_advisory_xact_lock({POSTGRES_KEY})");
                holder.execute_unprepared(&lock).await?;
            }
            DbBackend::MySql => {
                let lock = format!("SELECT GET_LOCK({MYSQL_NAME}, {PATIENCE_SECONDS})");
                let lock = Statement::from_string(DbBackend::MySql, lock);
                let taken = match holder.query_one_raw(lock).await? {
                    Some(row) => row.try_get_by_index::<Option<i64>>(0)?,
                    None => None,
                };
                if taken != Some(1) {
                    return Err(DbErr::Custom(
                        "another server has been preparing the tables for a long time".to_owned(),
                    ));
                }
            }
            _ => {}
        }
        Ok(Self(holder))
    }

    /// The transaction in which tables can be made all together. MySQL has none: it commits after each statement
    /// of this kind.
    pub(super) fn transaction(&self) -> Option<&DatabaseTransaction> {
        let is_mysql = self.0.get_database_backend() == DbBackend::MySql;
        (!is_mysql).then_some(&self.0)
    }

    /// Lets the next one in, after what was done in the transaction has come true or been given up.
    pub(super) async fn release(self, done: bool) -> Result<(), DbErr> {
        let Self(holder) = self;
        if holder.get_database_backend() == DbBackend::MySql {
            let release = format!("DO RELEASE_LOCK({MYSQL_NAME})");
            holder.execute_unprepared(&release).await?;
        }
        if done {
            holder.commit().await
        } else {
            holder.rollback().await
        }
    }
}
