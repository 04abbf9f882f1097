//! Noticing changes that other processes make in the same database.
//!
//! The table `dingtalk_changes` has a counter for each partition. A transaction that changes
//! something increases its counters in its last statement, so whoever sees the new number also sees
//! the change. A watcher reads these few rows several times a second. It has a connection of its
//! own, so that a busy pool cannot delay it.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use entity::change;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    ExprTrait, QueryFilter,
};

use super::super::nocobase_format::FormattingConnection;
use super::Caches;
use super::generation::LONGEST_UNHEARD;
use super::partitions::{PARTITIONS, Partitions};
use crate::chain::Chain;

/// How often the counters are read. Changes of others are visible after this time and one query.
/// Cached values stay valid long enough for a second attempt.
const EVERY: Duration = Duration::from_millis(400);

/// Increases the counters of these partitions, so that other processes notice the change.
pub async fn publish<C: ConnectionTrait>(
    connection: &C,
    partitions: Partitions,
) -> Result<(), DbErr> {
    change::Entity::update_many()
        .col_expr(
            change::Column::Version,
            Expr::col(change::Column::Version).add(1),
        )
        .filter(change::Column::Slot.is_in(partitions.numbers().map(i32::from)))
        .exec(connection)
        .await?;
    Ok(())
}

/// The values of the counters when they were last read.
type Versions = [Option<i64>; PARTITIONS as usize];

/// Reads the counters.
pub struct Watcher {
    connection: FormattingConnection<DatabaseConnection>,
    caches: Weak<Caches>,
    versions: Option<Versions>,
    /// Whether the last attempt failed.
    failed: bool,
}

impl Watcher {
    /// A watcher for these caches. It needs a connection that nothing else uses.
    pub fn new(connection: FormattingConnection<DatabaseConnection>, caches: &Arc<Caches>) -> Self {
        Self {
            connection,
            caches: Arc::downgrade(caches),
            versions: None,
            failed: false,
        }
    }

    /// Reads the counters regularly for as long as the caches exist.
    pub async fn watch(mut self) {
        while self.look().await {
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Reads the counters once; before that, no cached value counts. Returns false when the caches
    /// or the database are gone.
    pub async fn look(&mut self) -> bool {
        let Some(caches) = self.caches.upgrade() else {
            return false;
        };
        let started = Instant::now();
        let problem = match tokio::time::timeout(LONGEST_UNHEARD, self.read()).await {
            Ok(Ok(changed)) => {
                caches.generations.change(changed);
                caches.generations.caught_up(started);
                None
            }
            // The store was closed because its server ends.
            Ok(Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))) => return false,
            Ok(Err(error)) => Some(Chain(&error).to_string()),
            Err(_) => Some("the database does not answer".to_owned()),
        };
        match &problem {
            Some(problem) if !self.failed => {
                log::warn!("nothing is answered from memory: {problem}");
            }
            None if self.failed => log::info!("answering from memory again"),
            _ => {}
        }
        self.failed = problem.is_some();
        true
    }

    /// The partitions whose counters have changed since the last time.
    async fn read(&mut self) -> Result<Partitions, DbErr> {
        let mut versions: Versions = [None; PARTITIONS as usize];
        for row in change::Entity::find().all(&self.connection).await? {
            let number = usize::try_from(row.slot).ok();
            // A newer release may have more partitions.
            if let Some(version) = number.and_then(|number| versions.get_mut(number)) {
                *version = Some(row.version);
            }
        }
        if versions.contains(&None) {
            let last = PARTITIONS - 1;
            let problem = format!("dingtalk_changes has lost rows; put them back, 0 to {last}");
            return Err(DbErr::Custom(problem));
        }
        let before = self.versions.replace(versions);
        let changed = (0..PARTITIONS).filter(|number| {
            let number = usize::from(*number);
            before.is_none_or(|before| before.get(number) != versions.get(number))
        });
        Ok(changed.fold(Partitions::NONE, |all, number| {
            all | Partitions::numbered(i32::from(number))
        }))
    }
}
