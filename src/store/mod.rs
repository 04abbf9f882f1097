//! Everything that is kept, one file per aggregate. SQL lives here and nowhere else.
//!
//! [`Store`] works on the connection pool; [`Transaction`] is the same set of queries inside one
//! transaction, which is given up unless it is committed.

mod adapt;
mod api_keys;
mod authenticators;
mod bindings;
mod connect;
mod contention;
mod lock;
mod options;
mod plugins;
pub mod query;
mod roles;
mod settings;
mod states;
mod tokens;
mod users;

pub use adapt::Adapted;
pub use api_keys::NewApiKey;
pub use authenticators::AuthenticatorValues;
pub use roles::NewRole;
pub use sea_orm::ConnectionTrait as Connection;
pub use users::NewUser;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqlErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::clock::Clock;

/// The queries, on a connection of kind `C`.
pub struct Store<C = Adapted<DatabaseConnection>> {
    connection: C,
    clock: Clock,
}

/// The queries inside one transaction.
pub type Transaction = Store<Adapted<DatabaseTransaction>>;

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken.
    // The database's text quotes the value, which may be a phone number.
    #[error("a unique value is taken")]
    Conflict(String),
    /// Somebody else was in the way for too long. Nothing was changed; the same may succeed now.
    #[error("the database is busy: {0}")]
    Busy(DbErr),
    /// Anything else: the database is away, full or not what we expect.
    #[error("database: {0}")]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => Self::Conflict(what),
            _ if contention::is_contention(&error) => Self::Busy(error),
            _ => Self::Database(error),
        }
    }
}

type Result<T> = std::result::Result<T, StoreError>;

/// Whether a text can be in the database: PostgreSQL refuses even to compare with a NUL.
fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

impl Store {
    /// Starts a transaction. On SQLite it takes the write lock at once, so that what it read is
    /// still true when it writes. Elsewhere it sees what others commit meanwhile, and a unique
    /// value that somebody else takes is a [`StoreError::Conflict`].
    pub async fn begin(&self) -> Result<Transaction> {
        self.begin_at(IsolationLevel::ReadCommitted).await
    }

    /// Starts a transaction that sees the database as it was at one moment, for decisions that
    /// rest on several tables. When it writes what somebody else has written since, that is a
    /// [`StoreError::Conflict`] or [`StoreError::Busy`], and the caller begins anew.
    pub async fn begin_snapshot(&self) -> Result<Transaction> {
        self.begin_at(IsolationLevel::RepeatableRead).await
    }

    async fn begin_at(&self, isolation: IsolationLevel) -> Result<Transaction> {
        let sqlite = self.connection.get_database_backend() == DbBackend::Sqlite;
        let options = TransactionOptions {
            isolation_level: (!sqlite).then_some(isolation),
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.connection.0.begin_with_options(options).await?;
        Ok(Store {
            connection: Adapted(connection),
            clock: self.clock.clone(),
        })
    }

    /// Closes the pool.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.0.close().await?)
    }
}

impl Transaction {
    /// Makes the changes visible, all together.
    pub async fn commit(self) -> Result<()> {
        Ok(self.connection.0.commit().await?)
    }
}

impl<C: ConnectionTrait> Store<C> {
    /// Now, to the millisecond that NocoBase keeps.
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        use chrono::SubsecRound;
        self.clock.now().trunc_subsecs(3)
    }
}
