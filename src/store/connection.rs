//! Connections that notice writes.
//!
//! Every statement of the store passes here. A write to a table of which something is kept in
//! memory makes that stale: when it is committed, in this process and, by counters that are
//! committed with it, in the others. Nobody who writes has to think of it. Whoever knows that a
//! write touches only one account, or nothing that can be kept, may say so ([`Tracked::invalidating_only`]).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use entity::naming::{Named, Naming};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use super::adapt::Adapted;
use super::cache::{Caches, Partitions, publish};
use super::disk::Disk;

/// What a store works on: [`Pool`] or [`Open`].
#[async_trait::async_trait]
pub trait Connection: Send + Sync {
    /// The connection that statements go to.
    type Inner: ConnectionTrait;

    /// The connection that statements go to.
    fn inner(&self) -> &Self::Inner;

    /// What tables and columns are called in the database.
    fn naming(&self) -> &Naming;

    /// Hears how something ended.
    fn disk(&self) -> &Disk;

    /// Hears that a statement is about to make these stale. A connection that would commit it at
    /// once gives a transaction to do it in, together with the counters.
    async fn note(&self, partitions: Partitions) -> Result<Option<Open>, DbErr>;
}

/// The connections of the server.
pub struct Pool {
    pub(super) connection: Adapted<DatabaseConnection>,
    pub(super) caches: Arc<Caches>,
    /// Whether it can be written.
    pub(super) disk: Arc<Disk>,
    /// The connection over which other processes are watched.
    pub(super) watching: OnceLock<DatabaseConnection>,
}

impl Pool {
    /// Starts a transaction. On SQLite it takes the write lock at once.
    pub(super) async fn begin(&self, isolation: IsolationLevel) -> Result<Open, DbErr> {
        let sqlite = self.connection.get_database_backend() == DbBackend::Sqlite;
        let options = TransactionOptions {
            isolation_level: (!sqlite).then_some(isolation),
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let named = &self.connection.0;
        let begun = named.inner().begin_with_options(options).await;
        let begun = self.disk.observe(begun)?;
        Ok(Open {
            connection: Adapted(Named::new(begun, named.naming().clone())),
            caches: self.caches.clone(),
            disk: self.disk.clone(),
            touched: Mutex::default(),
        })
    }
}

#[async_trait::async_trait]
impl Connection for Pool {
    type Inner = Adapted<DatabaseConnection>;

    fn inner(&self) -> &Self::Inner {
        &self.connection
    }

    fn naming(&self) -> &Naming {
        self.connection.0.naming()
    }

    fn disk(&self) -> &Disk {
        &self.disk
    }

    async fn note(&self, partitions: Partitions) -> Result<Option<Open>, DbErr> {
        if partitions.is_empty() {
            return Ok(None);
        }
        let transaction = self.begin(IsolationLevel::ReadCommitted).await?;
        transaction.note(partitions).await?;
        Ok(Some(transaction))
    }
}

/// A transaction that is open.
pub struct Open {
    connection: Adapted<DatabaseTransaction>,
    caches: Arc<Caches>,
    disk: Arc<Disk>,
    /// What its writes make stale once they are committed.
    touched: Mutex<Partitions>,
}

impl Open {
    /// Makes the changes visible, all together, and what they make stale stale.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        let partitions = *self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let disk = self.disk;
        if partitions.is_empty() {
            return disk.observe(self.connection.0.into_inner().commit().await);
        }
        // The last statement, so that others wait for the counters no longer than a commit takes.
        disk.observe(publish(&self.connection, partitions).await)?;
        // Whatever comes of it: a commit whose answer is lost may have been one.
        let _stale = OnDrop(|| self.caches.change(partitions));
        disk.observe(self.connection.0.into_inner().commit().await)?;
        disk.wrote();
        Ok(())
    }
}

#[async_trait::async_trait]
impl Connection for Open {
    type Inner = Adapted<DatabaseTransaction>;

    fn inner(&self) -> &Self::Inner {
        &self.connection
    }

    fn naming(&self) -> &Naming {
        self.connection.0.naming()
    }

    fn disk(&self) -> &Disk {
        &self.disk
    }

    async fn note(&self, partitions: Partitions) -> Result<Option<Open>, DbErr> {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner) |= partitions;
        Ok(None)
    }
}

#[async_trait::async_trait]
impl<C: Connection> Connection for &C {
    type Inner = C::Inner;

    fn inner(&self) -> &Self::Inner {
        C::inner(self)
    }

    fn naming(&self) -> &Naming {
        C::naming(self)
    }

    fn disk(&self) -> &Disk {
        C::disk(self)
    }

    async fn note(&self, partitions: Partitions) -> Result<Option<Open>, DbErr> {
        C::note(self, partitions).await
    }
}

/// A connection whose writes are noted.
pub struct Tracked<C> {
    pub(super) connection: C,
    /// What a write makes stale at most.
    only: Partitions,
}

impl<C: Connection> Tracked<C> {
    /// Any writes through this connection.
    pub(super) fn new(connection: C) -> Self {
        Self {
            connection,
            only: Partitions::ALL,
        }
    }

    /// The same connection for writes that make nothing stale but this. Only for who knows it of
    /// all rows that they write; see `Partitions::only_account` and its siblings.
    pub(super) fn invalidating_only(&self, only: Partitions) -> Tracked<&C> {
        Tracked {
            connection: &self.connection,
            only,
        }
    }

    /// What tables and columns are called in the database.
    pub(super) fn naming(&self) -> &Naming {
        self.connection.naming()
    }

    fn observe<T>(&self, outcome: Result<T, DbErr>) -> Result<T, DbErr> {
        self.connection.disk().observe(outcome)
    }

    async fn note(&self, sql: &str) -> Result<Option<Open>, DbErr> {
        let partitions = Partitions::written_by(sql) & self.only;
        self.connection.note(partitions).await
    }
}

#[async_trait::async_trait]
impl<C: Connection> ConnectionTrait for Tracked<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.inner().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let Some(own) = self.note(&statement.sql).await? else {
            return self.observe(self.connection.inner().execute_raw(statement).await);
        };
        let outcome = self.observe(own.inner().execute_raw(statement).await)?;
        own.commit().await?;
        Ok(outcome)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let Some(own) = self.note(sql).await? else {
            return self.observe(self.connection.inner().execute_unprepared(sql).await);
        };
        let outcome = self.observe(own.inner().execute_unprepared(sql).await)?;
        own.commit().await?;
        Ok(outcome)
    }

    // Rows also come from writes: databases that can give back what they inserted do.
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(own) = self.note(&statement.sql).await? else {
            return self.observe(self.connection.inner().query_one_raw(statement).await);
        };
        let row = self.observe(own.inner().query_one_raw(statement).await)?;
        own.commit().await?;
        Ok(row)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(own) = self.note(&statement.sql).await? else {
            return self.observe(self.connection.inner().query_all_raw(statement).await);
        };
        let rows = self.observe(own.inner().query_all_raw(statement).await)?;
        own.commit().await?;
        Ok(rows)
    }

    fn support_returning(&self) -> bool {
        self.connection.inner().support_returning()
    }
}

/// Does something however a function ends, also when nobody waits for its end any more.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
