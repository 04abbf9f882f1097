//! Everything that is stored, with one file for each aggregate. SQL is written here and nowhere
//! else.
//!
//! [`Store`] works on the connection pool; [`Transaction`] has the same queries inside one
//! transaction, which is rolled back unless it is committed. What every request needs is cached in
//! memory (`cache`); writes make it stale by themselves (`connection`).

mod api_keys;
mod audit;
mod audit_hours;
mod audit_pages;
mod authenticators;
mod batch;
mod bindings;
mod bound_pages;
mod cache;
mod cleanup;
mod connect;
mod connection;
mod consumed_states;
mod contacts;
mod contention;
mod directory;
mod disk;
pub mod effective_state;
mod environment;
mod failure;
mod file;
mod forwarded_channels;
mod forwarded_sends;
mod inbox;
mod installations;
mod leases;
mod lock;
mod lookup_comparison;
mod lookup_coverage;
mod messages;
mod migrate;
mod nocobase_format;
mod optional_tables;
mod options;
mod plugins;
pub mod query;
mod renames;
mod roles;
mod server;
mod settings;
mod statements;
mod string_column;
mod switches;
#[cfg(test)]
mod test_stores;
mod tls;
mod tokens;
mod users;
mod uuids;
mod writer_queue;

pub use api_keys::NewApiKey;
pub use audit::NewAuditRow;
pub use audit_hours::hour_of;
pub use authenticators::AuthenticatorValues;
pub use bindings::{MOST_BINDINGS, NewBinding, RenamedBindings};
pub use cache::{Account, DerivedValue, HeldRole, HeldRoles, Settings, UNION};
pub use cleanup::IN_USE;
pub use connection::Connection;
pub use contacts::Holders;
pub use contention::repeated;
pub use directory::{AccountOfPage, NewEvent, NewReportRow, NewRun, SourceValues, StreamState};
pub use environment::NewVariable;
pub use failure::{DiskProblem, redacted};
pub use file::{CopyError, ServerLock, ServerLockError, copy, damage};
pub use forwarded_channels::InboxChannel;
pub use inbox::{InboxMessage, Landmark};
pub use installations::{Installation, InstallationPlace};
pub use lookup_comparison::Copies;
pub use lookup_coverage::Coverage;
pub use messages::{KeptContent, MessageState, NewMessage, NewSend};
pub use migrate::migrations;
pub use roles::NewRole;
pub use string_column::{
    STRING_CHARACTERS, fits_string_column, is_storable, is_too_long, shortened,
};
pub use users::NewUser;

use std::sync::Arc;

use cache::{Caches, Partitions};
use connection::{InvalidatingConnection, OpenTransaction, Pool};
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
    connection: InvalidatingConnection<C>,
    clock: Clock,
    statements: Arc<Statements>,
    owner: Owner,
    /// The fields in which bindings keep a person's stable ID.
    stable_id_keys: &'static [&'static str],
    coverage: Arc<Coverage>,
}

/// To whom the database belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// To this product alone.
    Us,
    /// To the NocoBase behind the gateway: its tables are used as it uses them, and never altered.
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
pub type Transaction = Store<OpenTransaction>;

/// Why a query failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A value that must be unique is taken.
    // The database's text is left out, because it quotes the value, which may be a phone number.
    #[error("a unique value is taken")]
    Conflict(String),
    /// Another transaction was in the way for too long. Nothing was changed, and a repetition may
    /// succeed.
    #[error("the database is busy")]
    Busy(#[source] DbErr),
    /// The disk is full or has failed. Nothing was done.
    #[error("the database cannot be written or read, for {0}")]
    Disk(DiskProblem, #[source] DbErr),
    /// Something else: the database cannot be reached, or is not as expected.
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
    /// Whether another transaction did something at the same time that a second attempt would see.
    /// A wait that took too long is not repeated.
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
    /// Starts a transaction. On SQLite it takes the write lock at once, so that what it has read is
    /// still true when it writes. On other databases it sees what others commit meanwhile, and when
    /// another transaction takes a unique value, this one gets a [`StoreError::Conflict`]. It reads
    /// nothing from memory.
    pub async fn begin(&self) -> Result<Transaction> {
        self.begin_at(IsolationLevel::ReadCommitted).await
    }

    /// Starts a transaction that changes settings. In all processes together there is only one at a
    /// time, so that what it decides on is still true when it commits.
    pub async fn begin_settings(&self) -> Result<Transaction> {
        let transaction = self.begin().await?;
        // The transaction would write this counter at its end anyway. SQLite has only one writer,
        // so it needs no lock.
        let counter = Partitions::SETTINGS.numbers().map(i32::from).next();
        let counter = change::Entity::find_by_id(counter.unwrap_or_default()).lock_exclusive();
        counter.one(&transaction.connection).await?;
        Ok(transaction)
    }

    /// Starts a transaction that sees the database as of one moment, for decisions that depend on
    /// several tables. When it writes something that another transaction has written since, it gets
    /// a [`StoreError::Conflict`] or [`StoreError::Busy`], and the caller starts again. MariaDB and
    /// MySQL do not notice it of a row that is changed: see [`Store::lock_user`].
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
            connection: InvalidatingConnection::new(open),
            clock: self.clock.clone(),
            statements: self.statements.clone(),
            owner: self.owner,
            stable_id_keys: self.stable_id_keys,
            coverage: self.coverage.clone(),
        })
    }

    /// Drops everything that is cached, for a caller that changed rows without this store.
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

    /// Closes all connections as soon as nobody uses them. SQLite then moves its log into the
    /// database file, which is the only one left.
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
    /// Makes first sign-ins wait for each other. NocoBase's table has no unique index, so two
    /// simultaneous sign-ins of one person could create two accounts. The lock is taken before the
    /// transaction reads anything, so it sees what the previous one did.
    ///
    /// What is locked is a table of this product, so NocoBase never waits, and one that is only
    /// written when the plugin is switched on or off. MySQL locks rows: while people can sign in, the
    /// table has the one that switches the plugin on.
    async fn lock_sign_ins(&self) -> Result<()> {
        let lock = match self.connection.get_database_backend() {
            DbBackend::Postgres => r#"LOCK TABLE "dingtalk_switches" IN EXCLUSIVE MODE"#,
            DbBackend::MySql => "SELECT name FROM `dingtalk_switches` FOR UPDATE",
            // The transaction already has the only write lock.
            _ => return Ok(()),
        };
        // The statement writes nothing, so nothing becomes stale.
        let inner = self.connection.connection.inner();
        inner.execute_unprepared(lock).await?;
        Ok(())
    }

    /// Commits the changes. The next request here sees them, and other processes do within a
    /// second.
    pub async fn commit(self) -> Result<()> {
        Ok(self.connection.connection.commit().await?)
    }
}

impl<C: Connection> Store<C> {
    /// To whom the database belongs.
    pub fn owner(&self) -> Owner {
        self.owner
    }

    /// Whether the lookup tables are complete.
    pub fn coverage(&self) -> &Arc<Coverage> {
        &self.coverage
    }

    /// The names of tables and columns in the database.
    pub fn naming(&self) -> &Naming {
        self.connection.naming()
    }

    /// The current time, to the millisecond, which is NocoBase's precision.
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        use chrono::SubsecRound;
        self.clock.now().trunc_subsecs(3)
    }
}
