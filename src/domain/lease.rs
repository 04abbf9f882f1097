//! Leases: several servers may share a database, and what only one of them may do takes a lease.
//!
//! The lease of a source makes sure that one run is in progress at a time, and that events are not
//! processed meanwhile. Others are for the connection over which a provider sends events, and for
//! forwarding messages.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::chain::Chain;
use crate::store::{Store, StoreError, Transaction};

/// How long a lease lasts unless it is renewed.
pub const LEASE_DURATION: Duration = Duration::from_secs(20);
/// How long the lease of a connection for events lasts unless it is renewed. It is shorter, so that
/// another process takes over soon.
pub const SHORT: Duration = Duration::from_secs(12);
/// The interval and number of checks while somebody waits for a batch of events to end.
const WAIT: Duration = Duration::from_millis(100);
const WAITS: u32 = 100;
/// The prefix of the names of holders that process events.
const EVENTS: &str = "events:";
/// The prefix of the names of holders that keep a connection for events open.
pub const STREAM: &str = "stream:";
/// The prefix of the names of holders that forward messages.
pub const FORWARDER: &str = "forwarder:";

/// The name of the lease of a source.
pub fn lease_of(source_id: i64) -> String {
    format!("directory:{source_id}")
}

/// A lease that this process holds while it keeps renewing it.
pub struct HeldLease<'a> {
    store: &'a Store,
    name: String,
    holder: String,
    lasting: Duration,
    /// When the lease ends unless it is renewed before.
    ends: watch::Sender<Instant>,
}

/// Takes the lease of a source for a run. Returns none when somebody else holds it.
async fn hold_for_run(store: &Store, source_id: i64) -> Result<Option<HeldLease<'_>>, StoreError> {
    hold_named(store, lease_of(source_id), "", LEASE_DURATION).await
}

/// Takes the lease of a source for a run as soon as no events are being processed, which does not
/// take long. Returns none when a run is in progress.
pub async fn wait_for_events(
    store: &Store,
    source_id: i64,
) -> Result<Option<HeldLease<'_>>, StoreError> {
    for _ in 0..WAITS {
        if let Some(held) = hold_for_run(store, source_id).await? {
            return Ok(Some(held));
        }
        if !is_held_by_events(store, source_id).await? {
            return Ok(None);
        }
        sleep(WAIT).await;
    }
    hold_for_run(store, source_id).await
}

/// Takes the lease of a source to process events. Returns none when somebody else holds it.
pub async fn hold_for_events(
    store: &Store,
    source_id: i64,
) -> Result<Option<HeldLease<'_>>, StoreError> {
    hold_named(store, lease_of(source_id), EVENTS, LEASE_DURATION).await
}

/// Takes the lease with this name for `lasting`, after which it must be renewed. The name of the
/// holder begins with `kind`. Returns none when somebody else holds the lease.
pub async fn hold_named<'a>(
    store: &'a Store,
    name: String,
    kind: &str,
    lasting: Duration,
) -> Result<Option<HeldLease<'a>>, StoreError> {
    let holder = format!("{kind}{}", hex::encode(rand::random::<[u8; 16]>()));
    let asked = Instant::now();
    let is_taken = store.take_lease(&name, &holder, lasting).await?;
    Ok(is_taken.then(|| HeldLease {
        store,
        name,
        holder,
        lasting,
        ends: watch::Sender::new(asked + lasting),
    }))
}

/// Releases the leases that only servers hold. The caller must know that no server is running on this
/// database, so that whoever held them is dead. Leases of runs stay, because a command can hold one
/// beside a server.
pub async fn release_all_of_servers(store: &Store) -> Result<(), StoreError> {
    store
        .release_leases_of_kinds(&[EVENTS, STREAM, FORWARDER])
        .await
}

/// Whether the holder is processing events.
async fn is_held_by_events(store: &Store, source_id: i64) -> Result<bool, StoreError> {
    let holder = store.lease_holder(&lease_of(source_id)).await?;
    Ok(holder.is_some_and(|holder| holder.starts_with(EVENTS)))
}

impl HeldLease<'_> {
    /// Renews the lease until another process has taken it, and then returns.
    ///
    /// While the database cannot be written, the lease may end. It is still this process's when the
    /// database is available again, unless another process was faster; [`Self::until_certain`] is for
    /// what must not be done until that is known.
    pub async fn renew_until_lost(&self) {
        let mut failed = false;
        loop {
            if failed {
                sleep(self.lasting / 4).await;
            } else {
                // Counted from the last renewal, and not from when somebody begins to look after the lease.
                let renewed = *self.ends.borrow() - self.lasting;
                sleep_until(renewed + self.lasting / 4).await;
            }
            let asked = Instant::now();
            let taken = self
                .store
                .take_lease(&self.name, &self.holder, self.lasting);
            let taken = taken.await;
            match &taken {
                Err(error) if !failed => {
                    log::warn!(
                        "the lease {} cannot be renewed, which is tried again: {}",
                        self.name,
                        Chain(error)
                    );
                }
                Ok(true) if failed => log::info!("the lease {} can be renewed again", self.name),
                _ => {}
            }
            failed = taken.is_err();
            match taken {
                Ok(true) => {
                    self.ends.send_replace(asked + self.lasting);
                }
                Ok(false) => return,
                Err(_) => {}
            }
        }
    }

    /// Does this and renews the lease meanwhile. What comes next finds out if it was lost.
    pub async fn renew_during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            done = &mut work => done,
            () = self.renew_until_lost() => work.await,
        }
    }

    /// Waits until this process surely holds the lease. It does not while another process may have taken it, because it
    /// could not be renewed in time. Somebody has to poll [`Self::renew_until_lost`]
    /// meanwhile.
    pub async fn until_certain(&self) {
        let mut ends = self.ends.subscribe();
        // The sender is a part of this value and so is not gone.
        let _ = ends.wait_for(|ends| Instant::now() < *ends).await;
    }

    /// Releases the lease together with what else the transaction writes.
    pub async fn release_with(&self, transaction: &Transaction) -> Result<(), StoreError> {
        transaction.release_lease(&self.name, &self.holder).await
    }

    /// Releases the lease.
    pub async fn release(self) {
        if let Err(error) = self.store.release_lease(&self.name, &self.holder).await {
            log::warn!(
                "the lease {} was not released: {}",
                self.name,
                Chain(&error)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::time::timeout;

    use super::*;
    use crate::domain::test_installation::TestInstallation;
    use crate::test_logs::{collect, lines_with};

    const SOON: Duration = Duration::from_millis(40);
    const TABLE: &str = "dingtalk_leases";
    const AWAY: &str = "dingtalk_leases_away";

    #[tokio::test]
    async fn a_lease_that_ended_while_the_database_failed_is_still_the_holders() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let held = hold_named(store, "x".into(), "", SOON).await.unwrap();
        let held = held.unwrap();
        let outage = async {
            held.until_certain().await;
            store.rename_table(TABLE, AWAY).await;
            sleep(SOON * 5).await;
            // Nothing is done by a holder who does not know whether it still is one.
            assert!(held.until_certain().now_or_never().is_none());
            store.rename_table(AWAY, TABLE).await;
            held.until_certain().await;
        };
        tokio::select! {
            () = held.renew_until_lost() => panic!("nobody else has taken it"),
            () = outage => {}
        }

        // Somebody else was faster.
        sleep(SOON * 2).await;
        assert!(
            store
                .take_lease("x", "another", LEASE_DURATION)
                .await
                .unwrap()
        );
        timeout(LEASE_DURATION, held.renew_until_lost())
            .await
            .unwrap();
        assert!(held.until_certain().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_lease_is_held_for_as_long_as_the_work_lasts() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let lasting = SOON * 10;
        let held = hold_named(store, "x".into(), "", lasting).await.unwrap();
        let held = held.unwrap();
        let work = async {
            sleep(lasting * 3).await;
            store.take_lease("x", "another", lasting).await.unwrap()
        };
        assert!(!held.renew_during(work).await);
    }

    #[tokio::test]
    async fn an_outage_of_the_database_is_in_the_log_once_and_so_is_its_end() {
        collect();
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let held = hold_named(store, "logged".into(), "", SOON).await.unwrap();
        let held = held.unwrap();
        let outage = async {
            store.rename_table(TABLE, AWAY).await;
            while lines_with("the lease logged ").is_empty() {
                sleep(SOON).await;
            }
            // Some more attempts fail meanwhile.
            sleep(SOON * 5).await;
            store.rename_table(AWAY, TABLE).await;
            held.until_certain().await;
        };
        tokio::select! {
            () = held.renew_until_lost() => panic!("nobody else has taken it"),
            () = outage => {}
        }
        let lines = lines_with("the lease logged ");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains("the database failed: "), "{lines:?}");
        assert!(lines[1].contains("can be renewed again"), "{lines:?}");
    }

    #[tokio::test]
    async fn each_source_has_a_lease_and_only_those_of_servers_end_with_them() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let run = hold_for_run(store, 1).await.unwrap();
        let events = hold_for_events(store, 2).await.unwrap();
        assert!(run.is_some() && events.is_some());
        assert!(hold_for_run(store, 2).await.unwrap().is_none());
        release_all_of_servers(store).await.unwrap();
        assert!(hold_for_run(store, 2).await.unwrap().is_some());
        assert!(hold_for_run(store, 1).await.unwrap().is_none());
    }
}
