//! The lock by which only one of several starting servers prepares the tables.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

/// The key of PostgreSQL's advisory lock: a number that nobody else uses.
const POSTGRES_KEY: i64 = 0x6469_6e67_7461_6c6b;
/// How long to wait for the lock, in seconds.
const LOCK_TIMEOUT_SECONDS: i32 = 60;
/// The name of MySQL's lock, which contains the database because MySQL's locks are for the whole
/// server.
const MYSQL_NAME: &str = "CONCAT('dingtalk_', SHA1(DATABASE()))";

/// A lock of the whole database. The transaction keeps its connection, and so the lock.
pub(super) struct Lock(DatabaseTransaction);

impl Lock {
    /// Waits for the lock and takes it.
    pub(super) async fn take(pool: &DatabaseConnection) -> Result<Self, DbErr> {
        let backend = pool.get_database_backend();
        let options = TransactionOptions {
            // On SQLite, the write lock is the only one, and another program may have it for a
            // while.
            sqlite_transaction_mode: (backend == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let holder = pool.begin_with_options(options).await?;
        match backend {
            DbBackend::Postgres => {
                let timeout = format!("SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'");
                holder.execute_unprepared(&timeout).await?;
                let lock = format!("SELECT pg_advisory_xact_lock({POSTGRES_KEY})");
                holder.execute_unprepared(&lock).await?;
            }
            DbBackend::MySql => {
                let lock = format!("SELECT GET_LOCK({MYSQL_NAME}, {LOCK_TIMEOUT_SECONDS})");
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

    /// The transaction in which all tables can be created at once; none on MySQL, which commits
    /// after each such statement.
    pub(super) fn transaction(&self) -> Option<&DatabaseTransaction> {
        let is_mysql = self.0.get_database_backend() == DbBackend::MySql;
        (!is_mysql).then_some(&self.0)
    }

    /// Commits the transaction, and releases the lock.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.unlock().await?.commit().await
    }

    /// Rolls the transaction back, and releases the lock.
    pub(super) async fn roll_back(self) -> Result<(), DbErr> {
        self.unlock().await?.rollback().await
    }

    /// Releases MySQL's lock, which does not end with the transaction. Others do.
    async fn unlock(self) -> Result<DatabaseTransaction, DbErr> {
        let Self(holder) = self;
        if holder.get_database_backend() == DbBackend::MySql {
            let release = format!("DO RELEASE_LOCK({MYSQL_NAME})");
            holder.execute_unprepared(&release).await?;
        }
        Ok(holder)
    }
}
