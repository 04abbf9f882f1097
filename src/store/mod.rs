//! Everything that is kept, one file per aggregate. SQL lives here and nowhere else.
//!
//! [`Store`] works on the connection pool; [`Transaction`] is the same set of queries inside one
//! transaction, which is given up unless it is committed.

mod api_keys;
mod authenticators;
mod bindings;
mod connect;
mod plugins;
mod roles;
mod settings;
mod states;
mod tokens;
mod users;

pub use api_keys::NewApiKey;
pub use roles::NewRole;
pub use sea_orm::ConnectionTrait as Connection;
pub use users::NewUser;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqlErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use crate::clock::Clock;

/// The queries, on a connection of kind `C`.
pub struct Store<C = DatabaseConnection> {
    connection: C,
    clock: Clock,
}

/// The queries inside one transaction.
pub type Transaction = Store<DatabaseTransaction>;

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken.
    #[error("a unique value is taken: {0}")]
    Conflict(String),
    /// Anything else: the database is away, full or not what we expect.
    #[error("database: {0}")]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => Self::Conflict(what),
            _ => Self::Database(error),
        }
    }
}

type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Starts a transaction. On SQLite it takes the write lock at once, so that what it read is
    /// still true when it writes.
    pub async fn begin(&self) -> Result<Transaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.connection.begin_with_options(options).await?;
        Ok(Store {
            connection,
            clock: self.clock.clone(),
        })
    }

    /// Closes the pool.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

impl Transaction {
    /// Makes the changes visible, all together.
    pub async fn commit(self) -> Result<()> {
        Ok(self.connection.commit().await?)
    }
}

impl<C: ConnectionTrait> Store<C> {
    /// Now, to the millisecond that NocoBase keeps.
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        use chrono::SubsecRound;
        self.clock.now().trunc_subsecs(3)
    }
}
