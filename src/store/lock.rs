//! One of several servers that start together prepares the tables.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
    TransactionTrait,
};

/// Any number that nobody else uses for PostgreSQL's advisory locks.
const POSTGRES_KEY: i64 = 0x6469_6e67_7461_6c6b;
/// How long to wait for the other, in seconds.
const PATIENCE_SECONDS: i32 = 60;
/// MySQL's locks are of the whole server, ours is of the database.
const MYSQL_NAME: &str = "CONCAT('dingtalk_', SHA1(DATABASE()))";

/// A lock of the whole database. Nothing on SQLite, whose file belongs to one server.
pub(super) struct Lock(Option<DatabaseTransaction>);

impl Lock {
    /// Waits until nobody else has it.
    pub(super) async fn take(pool: &DatabaseConnection) -> Result<Self, DbErr> {
        // A transaction holds on to its connection, to which the lock belongs.
        match pool.get_database_backend() {
            DbBackend::Postgres => {
                let holder = pool.begin().await?;
                let patience = format!("SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'");
                holder.execute_unprepared(&patience).await?;
                let lock = format!("SELECT pg_advisory_xact_lock({POSTGRES_KEY})");
                holder.execute_unprepared(&lock).await?;
                Ok(Self(Some(holder)))
            }
            DbBackend::MySql => {
                let holder = pool.begin().await?;
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
                Ok(Self(Some(holder)))
            }
            _ => Ok(Self(None)),
        }
    }

    /// Lets the next one in.
    pub(super) async fn release(self) -> Result<(), DbErr> {
        let Some(holder) = self.0 else {
            return Ok(());
        };
        if holder.get_database_backend() == DbBackend::MySql {
            let release = format!("DO RELEASE_LOCK({MYSQL_NAME})");
            holder.execute_unprepared(&release).await?;
        }
        // On PostgreSQL the lock ends with its transaction.
        holder.rollback().await
    }
}
