//! Everything that is kept, one file per aggregate. SQL lives here and nowhere else.
//!
//! [`Store`] works on the connection pool; [`Transaction`] is the same set of queries inside one
//! transaction, which is given up unless it is committed. What every request asks is kept in
//! memory (`cache`); what is written makes it stale by itself (`connection`).

mod adapt;
mod api_keys;
mod audit;
mod audit_hours;
mod audit_pages;
mod authenticators;
mod bindings;
mod bound_pages;
mod bound_people;
mod cache;
mod cleanup;
mod connect;
mod connection;
mod contacts;
mod contention;
mod coverage;
mod directory;
mod disk;
pub mod effective_state;
mod environment;
mod failure;
mod file;
#[cfg(test)]
mod fresh;
mod installations;
mod lock;
mod migrate;
mod optional;
mod options;
mod plugins;
pub mod query;
mod reconcile;
mod roles;
mod server;
mod settings;
mod statements;
mod states;
mod string_column;
mod switches;
mod tls;
mod tokens;
mod users;

pub use api_keys::NewApiKey;
pub use audit::NewAuditRow;
pub use audit_hours::hour_of;
pub use authenticators::AuthenticatorValues;
pub use bindings::NewBinding;
pub use cache::{Account, Derived, HeldRole, HeldRoles, Settings, UNION};
pub use connection::Connection;
pub use coverage::Coverage;
pub use directory::{AccountOfPage, NewFinding, NewRun, SourceValues};
pub use environment::NewVariable;
pub use failure::DiskProblem;
pub use file::{CopyError, ServerLock, ServerLockError, copy, damage};
pub use installations::{Installation, Place};
pub use migrate::migrations;
pub use reconcile::Copies;
pub use roles::NewRole;
pub use string_column::{
    STRING_CHARACTERS, fits_string_column, is_storable, is_too_long, shortened,
};
pub use users::NewUser;

use std::sync::Arc;

use cache::{Caches, Partitions};
use connection::{Open, Pool, Tracked};
use contention::Contention;
use entity::change;
use entity::naming::Naming;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, IsolationLevel, QuerySelect, SqlErr,
};

use statements::Statements;

use crate::clock::Clock;
use crate::config::Config;

/// The queries, on a connection of kind `C`.
pub struct Store<C = Pool> {
    connection: Tracked<C>,
    clock: Clock,
    statements: Arc<Statements>,
    owner: Owner,
    /// Names under which bindings keep a second identifier of a person.
    stable_id_keys: &'static [&'static str],
    coverage: Arc<Coverage>,
}

/// Whose database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Ours alone.
    Us,
    /// That of the NocoBase behind us: its tables are used as it uses them, and never shaped.
    NocoBase,
}

impl Owner {
    fn of(config: &Config) -> Self {
        if config.gateway.is_on() {
            Self::NocoBase
        } else {
            Self::Us
        }
    }
}

/// The queries inside one transaction.
pub type Transaction = Store<Open>;

/// Why a query failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken.
    // The database's text quotes the value, which may be a phone number.
    #[error("a unique value is taken")]
    Conflict(String),
    /// Somebody else was in the way for too long. Nothing was changed; the same may succeed now.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    /// The disk is full or fails. What was asked for was not done.
    #[error("the database cannot be written or read, for {0}")]
    Disk(DiskProblem, #[source] DbErr),
    /// Anything else: the database is away or not what we expect.
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => Self::Conflict(what),
            _ if Contention::of(&error).is_some() => Self::Busy(error),
            _ => match failure::disk_problem(&error) {
                Some(problem) => Self::Disk(problem, error),
                None => Self::Database(error),
            },
        }
    }
}

impl StoreError {
    /// Whether somebody else did something at the same time, which a second attempt would see. Who has waited for
    /// as long as anybody waits does not begin anew.
    pub fn is_overlap(&self) -> bool {
        match self {
            Self::Conflict(_) => true,
            Self::Busy(error) => Contention::of(error) == Some(Contention::Overlap),
            Self::Disk(..) | Self::Database(_) => false,
        }
    }
}

type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Starts a transaction. On SQLite it takes the write lock at once, so that what it read is
    /// still true when it writes. Elsewhere it sees what others commit meanwhile, and a unique
    /// value that somebody else takes is a [`StoreError::Conflict`]. It reads nothing from memory.
    pub async fn begin(&self) -> Result<Transaction> {
        self.begin_at(IsolationLevel::ReadCommitted).await
    }

    /// Starts a transaction that changes settings: one after the other, in all processes, so that
    /// what it decides rests on what is still true when it is committed.
    pub async fn begin_settings(&self) -> Result<Transaction> {
        let transaction = self.begin().await?;
        // The counter is written at the end anyway. SQLite has one writer, who has begun.
        let counter = Partitions::SETTINGS.numbers().map(i32::from).next();
        let counter = change::Entity::find_by_id(counter.unwrap_or_default()).lock_exclusive();
        counter.one(&transaction.connection).await?;
        Ok(transaction)
    }

    /// Starts a transaction that sees the database as it was at one moment, for decisions that
    /// rest on several tables. When it writes what somebody else has written since, that is a
    /// [`StoreError::Conflict`] or [`StoreError::Busy`], and the caller begins anew.
    pub async fn begin_snapshot(&self) -> Result<Transaction> {
        let transaction = self.begin_at(IsolationLevel::RepeatableRead).await?;
        if self.owner == Owner::NocoBase {
            transaction.lock_sign_ins().await?;
        }
        Ok(transaction)
    }

    async fn begin_at(&self, isolation: IsolationLevel) -> Result<Transaction> {
        let open = self.connection.connection.begin(isolation).await?;
        Ok(Store {
            connection: Tracked::new(open),
            clock: self.clock.clone(),
            statements: self.statements.clone(),
            owner: self.owner,
            stable_id_keys: self.stable_id_keys,
            coverage: self.coverage.clone(),
        })
    }

    /// Forgets what is kept in memory, for whoever changed rows without this store.
    pub fn forget(&self) {
        self.caches().change(Partitions::ALL);
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.pool().ping().await?)
    }

    fn caches(&self) -> &Caches {
        &self.connection.connection.caches
    }

    /// Closes all connections, when nobody uses them any more. SQLite then writes what is in its log into
    /// the one file that it leaves.
    pub async fn close(&self) -> Result<()> {
        let pool = &self.connection.connection;
        pool.connection.0.inner().close_by_ref().await?;
        if let Some(watching) = pool.watching.get() {
            watching.close_by_ref().await?;
        }
        Ok(())
    }
}

impl Transaction {
    /// Lets first sign-ins pass one at a time. In a table of NocoBase's, which has no unique index
    /// for that, two of one person would make two accounts. Neither statement looks at the database
    /// in a way that would fix what the transaction sees, so it sees what the one before it did.
    async fn lock_sign_ins(&self) -> Result<()> {
        let lock = match self.connection.get_database_backend() {
            DbBackend::Postgres => r#"LOCK TABLE "dingtalk_switches" IN EXCLUSIVE MODE"#,
            DbBackend::MySql => "SELECT name FROM `dingtalk_switches` FOR UPDATE",
            // The transaction has the only write lock already.
            _ => return Ok(()),
        };
        // It writes nothing, so nothing goes stale.
        let inner = self.connection.connection.inner();
        inner.execute_unprepared(lock).await?;
        Ok(())
    }

    /// Makes the changes visible, all together: to the next request here, and to other processes
    /// within a second.
    pub async fn commit(self) -> Result<()> {
        Ok(self.connection.connection.commit().await?)
    }
}

impl<C: Connection> Store<C> {
    /// Whose database it is.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// How far the lookup tables can be relied on.
    pub fn coverage(&self) -> &Arc<Coverage> {
        &self.coverage
    }

    /// What tables and columns are called in the database.
    pub fn naming(&self) -> &Naming {
        self.connection.naming()
    }

    /// Now, to the millisecond that NocoBase keeps.
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        use chrono::SubsecRound;
        self.clock.now().trunc_subsecs(3)
    }
}
