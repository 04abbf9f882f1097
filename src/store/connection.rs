//! Database connections that notice writes.
//!
//! Every statement of the store passes through here. A write to a table of which something is
//! cached makes that stale when it is committed: in this process and, by counters in the same
//! transaction, in others. Code that writes need not care. Code that knows that it changes only one
//! account, or nothing that can be cached, may say so: see `invalidating_only`.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use entity::naming::{NamedConnection, Naming};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use super::cache::{Caches, Partitions, publish};
use super::disk::Disk;
use super::file::FileState;
use super::nocobase_format::FormattingConnection;
use super::writer_queue::{Turn, Turns};

/// The connection of a store: [`Pool`] or [`OpenTransaction`].
#[async_trait::async_trait]
pub trait Connection: Send + Sync {
    /// The type of the connection that executes statements.
    type Inner: ConnectionTrait;

    /// Whether each statement is committed at once, and so keeps no lock.
    const COMMITS_AT_ONCE: bool;

    /// The connection that executes statements.
    fn inner(&self) -> &Self::Inner;

    /// The names of tables and columns in the database.
    fn naming(&self) -> &Naming;

    /// Observes whether statements fail because of the disk.
    fn disk(&self) -> &Disk;

    /// Called before a statement that writes and makes these partitions stale. A connection that
    /// would commit the statement at once returns a transaction for it if there are any, which also
    /// increases the counters.
    async fn note(&self, partitions: Partitions) -> Result<Execution, DbErr>;
}

/// How a statement that writes is executed.
pub enum Execution {
    /// On the connection, while this turn lasts.
    Here(Turn),
    /// In this transaction.
    In(OpenTransaction),
}

/// The pool of connections.
pub struct Pool {
    pub(super) connection: FormattingConnection<DatabaseConnection>,
    pub(super) caches: Arc<Caches>,
    /// Whether the database can be written.
    pub(super) disk: Arc<Disk>,
    /// The queue of those who write.
    pub(super) turns: Turns,
    /// The connection that watches for changes of other processes.
    pub(super) watching: OnceLock<DatabaseConnection>,
    /// The state in which a SQLite file was found that was opened for reading only.
    pub(super) found: Option<FileState>,
}

impl Pool {
    /// Starts a transaction. On SQLite it takes the write lock at once.
    pub(super) async fn begin(&self, isolation: IsolationLevel) -> Result<OpenTransaction, DbErr> {
        let sqlite = self.connection.get_database_backend() == DbBackend::Sqlite;
        let options = TransactionOptions {
            isolation_level: (!sqlite).then_some(isolation),
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let turn = self.turns.next().await?;
        let named = &self.connection.0;
        let begun = named.inner().begin_with_options(options).await;
        let begun = self.disk.observe(begun)?;
        Ok(OpenTransaction {
            connection: FormattingConnection(NamedConnection::new(begun, named.naming().clone())),
            caches: self.caches.clone(),
            disk: self.disk.clone(),
            touched: Mutex::default(),
            _turn: turn,
        })
    }
}

#[async_trait::async_trait]
impl Connection for Pool {
    type Inner = FormattingConnection<DatabaseConnection>;
    const COMMITS_AT_ONCE: bool = true;

    fn inner(&self) -> &Self::Inner {
        &self.connection
    }

    fn naming(&self) -> &Naming {
        self.connection.0.naming()
    }

    fn disk(&self) -> &Disk {
        &self.disk
    }

    async fn note(&self, partitions: Partitions) -> Result<Execution, DbErr> {
        if partitions.is_empty() {
            return Ok(Execution::Here(self.turns.next().await?));
        }
        let transaction = self.begin(IsolationLevel::ReadCommitted).await?;
        transaction.note(partitions).await?;
        Ok(Execution::In(transaction))
    }
}

/// An open transaction.
pub struct OpenTransaction {
    connection: FormattingConnection<DatabaseTransaction>,
    caches: Arc<Caches>,
    disk: Arc<Disk>,
    /// The partitions that its writes make stale when they are committed.
    touched: Mutex<Partitions>,
    /// Dropped after the connection.
    _turn: Turn,
}

impl OpenTransaction {
    /// Commits the changes, and makes the affected cached values stale.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let partitions = *self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let disk = self.disk;
        if partitions.is_empty() {
            return disk.observe(self.connection.0.into_inner().commit().await);
        }
        // This is the last statement, so that others wait for the counters only as long as the
        // commit takes.
        disk.observe(publish(&self.connection, partitions).await)?;
        // The values become stale even when the commit fails, because the answer to a successful
        // commit can get lost.
        let _stale = self.caches.change_at_end(partitions);
        disk.observe(self.connection.0.into_inner().commit().await)?;
        disk.wrote();
        Ok(())
    }
}

#[async_trait::async_trait]
impl Connection for OpenTransaction {
    type Inner = FormattingConnection<DatabaseTransaction>;
    const COMMITS_AT_ONCE: bool = false;

    fn inner(&self) -> &Self::Inner {
        &self.connection
    }

    fn naming(&self) -> &Naming {
        self.connection.0.naming()
    }

    fn disk(&self) -> &Disk {
        &self.disk
    }

    async fn note(&self, partitions: Partitions) -> Result<Execution, DbErr> {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner) |= partitions;
        // The turn of the transaction is that of its statements.
        Ok(Execution::Here(Turn::default()))
    }
}

#[async_trait::async_trait]
impl<C: Connection> Connection for &C {
    type Inner = C::Inner;
    const COMMITS_AT_ONCE: bool = C::COMMITS_AT_ONCE;

    fn inner(&self) -> &Self::Inner {
        C::inner(self)
    }

    fn naming(&self) -> &Naming {
        C::naming(self)
    }

    fn disk(&self) -> &Disk {
        C::disk(self)
    }

    async fn note(&self, partitions: Partitions) -> Result<Execution, DbErr> {
        C::note(self, partitions).await
    }
}

/// A connection that notes what is written through it.
pub struct InvalidatingConnection<C> {
    pub(super) connection: C,
    /// The limit of what a write makes stale.
    only: Partitions,
}

impl<C: Connection> InvalidatingConnection<C> {
    /// A connection without a limit.
    pub(super) fn new(connection: C) -> Self {
        Self {
            connection,
            only: Partitions::ALL,
        }
    }

    /// The same connection, for writes that make at most these partitions stale. The caller must
    /// know that for all rows that it writes; see `Partitions::only_account` and similar functions.
    pub(super) fn invalidating_only(&self, only: Partitions) -> InvalidatingConnection<&C> {
        InvalidatingConnection {
            connection: &self.connection,
            only,
        }
    }

    /// The names of tables and columns in the database.
    pub(super) fn naming(&self) -> &Naming {
        self.connection.naming()
    }

    fn observe<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        self.connection.disk().observe(outcome)
    }

    async fn note(&self, sql: &str) -> Result<Execution, DbErr> {
        match Partitions::written_by(sql) {
            None => Ok(Execution::Here(Turn::default())),
            Some(partitions) => self.connection.note(partitions & self.only).await,
        }
    }
}

#[async_trait::async_trait]
impl<C: Connection> ConnectionTrait for InvalidatingConnection<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.inner().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let transaction = match self.note(&statement.sql).await? {
            Execution::In(transaction) => transaction,
            Execution::Here(_turn) => {
                return self.observe(self.connection.inner().execute_raw(statement).await);
            }
        };
        let outcome = self.observe(transaction.inner().execute_raw(statement).await)?;
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let transaction = match self.note(sql).await? {
            Execution::In(transaction) => transaction,
            Execution::Here(_turn) => {
                return self.observe(self.connection.inner().execute_unprepared(sql).await);
            }
        };
        let outcome = self.observe(transaction.inner().execute_unprepared(sql).await)?;
        transaction.commit().await?;
        Ok(outcome)
    }

    // Writes return rows too, on databases that can return what they inserted.
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let transaction = match self.note(&statement.sql).await? {
            Execution::In(transaction) => transaction,
            Execution::Here(_turn) => {
                return self.observe(self.connection.inner().query_one_raw(statement).await);
            }
        };
        let row = self.observe(transaction.inner().query_one_raw(statement).await)?;
        transaction.commit().await?;
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let transaction = match self.note(&statement.sql).await? {
            Execution::In(transaction) => transaction,
            Execution::Here(_turn) => {
                return self.observe(self.connection.inner().query_all_raw(statement).await);
            }
        };
        let rows = self.observe(transaction.inner().query_all_raw(statement).await)?;
        transaction.commit().await?;
        Ok(rows)
    }

    fn support_returning(&self) -> bool {
        self.connection.inner().support_returning()
    }
}
