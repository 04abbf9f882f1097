//! The queue of those who write to a SQLite file, each in its turn.
//!
//! SQLite lets one write at a time and has no queue: whoever finds it busy looks again after pauses
//! that grow. A task with one short transaction after the other can so keep another away until its
//! timeout ends. In this process, writers therefore wait for each other here,
//! and do so before they take a connection, so that those who only read find one.

use std::sync::Arc;

use sea_orm::{ConnAcquireErr, DbBackend, DbErr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::options::DATABASE_TIMEOUT;

/// The queue of writers. On database servers, which have queues of their own, nobody waits in it.
pub(super) struct Turns(Option<Arc<Semaphore>>);

/// A turn. It ends when this is dropped.
#[derive(Default)]
pub struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// The queue before a database of this kind.
    pub(super) fn before(database: DbBackend) -> Self {
        // tokio's semaphore lets those who wait in by the order in which they came.
        Self((database == DbBackend::Sqlite).then(|| Arc::new(Semaphore::new(1))))
    }

    /// Waits for the next turn, as long as for anything else of the database.
    pub(super) async fn next(&self) -> Result<Turn, DbErr> {
        let Some(queue) = &self.0 else {
            return Ok(Turn::default());
        };
        let busy = || DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let permit = timeout(DATABASE_TIMEOUT, queue.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| busy())?.map_err(|_| busy())?;
        Ok(Turn {
            _permit: Some(permit),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use futures_util::FutureExt;

    use crate::store::Store;

    #[tokio::test]
    async fn short_transactions_one_after_the_other_keep_no_other_writer_away() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let lasting = Duration::from_secs(20);
        assert!(store.take_lease("x", "a", lasting).await.unwrap());
        let mut writer = store.begin().await.unwrap();
        // Renewing is one statement.
        let mut waiting = pin!(store.take_lease("x", "a", lasting));
        assert!(waiting.as_mut().now_or_never().is_none());
        let mut others = 0;
        let is_taken = loop {
            writer.commit().await.unwrap();
            tokio::select! {
                biased;
                next = store.begin() => writer = next.unwrap(),
                taken = &mut waiting => break taken.unwrap(),
            }
            others += 1;
        };
        assert!(is_taken);
        assert_eq!(others, 0);
    }
}
