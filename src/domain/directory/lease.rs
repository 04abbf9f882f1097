//! Leases. The lease of a source makes sure that one run is in progress at a time, and that events
//! are not processed meanwhile. Other leases are for other work that only one process may do.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::store::{Store, StoreError};

/// How long a lease lasts unless it is renewed.
pub const LEASE: Duration = Duration::from_secs(20);
/// How long the lease of a connection for events lasts unless it is renewed. It is shorter, so that
/// another process takes over soon.
pub const SHORT: Duration = Duration::from_secs(12);
/// How often the holder of the lease of a run renews it.
pub const RENEWAL: Duration = Duration::from_secs(5);
/// The prefix of the names of holders that process events.
const EVENTS: &str = "events:";
/// The prefix of the names of holders that keep a connection for events open.
pub const STREAM: &str = "stream:";

/// The name of the lease of a source.
pub fn lease_of(source_id: i64) -> String {
    format!("directory:{source_id}")
}

/// A lease that this process holds while it keeps renewing it.
pub struct Held<'a> {
    store: &'a Store,
    name: String,
    holder: String,
    lasting: Duration,
}

/// Takes the lease of a source to process events. Returns none when somebody else holds it.
pub async fn hold(store: &Store, source_id: i64) -> Result<Option<Held<'_>>, StoreError> {
    hold_named(store, lease_of(source_id), EVENTS, LEASE).await
}

/// Takes the lease with this name for `lasting`, after which it must be renewed. The name of the
/// holder begins with `kind`. Returns none when somebody else holds the lease.
pub async fn hold_named<'a>(
    store: &'a Store,
    name: String,
    kind: &str,
    lasting: Duration,
) -> Result<Option<Held<'a>>, StoreError> {
    let holder = format!("{kind}{}", hex::encode(rand::random::<[u8; 16]>()));
    let is_taken = store.take_lease(&name, &holder, lasting).await?;
    Ok(is_taken.then_some(Held {
        store,
        name,
        holder,
        lasting,
    }))
}

/// Releases the leases for events of all servers. The caller must know that no server is running on
/// this database, so that whoever held them is dead. Leases of runs stay, because a command can hold
/// one beside a server.
pub async fn release_all_for_events(store: &Store) -> Result<(), StoreError> {
    store.release_leases_of_kinds(&[EVENTS, STREAM]).await
}

/// Whether the holder is processing events, which does not take long.
pub async fn is_held_by_events(store: &Store, source_id: i64) -> Result<bool, StoreError> {
    let holder = store.lease_holder(&lease_of(source_id)).await?;
    Ok(holder.is_some_and(|holder| holder.starts_with(EVENTS)))
}

impl Held<'_> {
    /// Renews the lease until it is lost, and then returns.
    pub async fn lost(&self) {
        let mut renewed = Instant::now();
        loop {
            sleep(self.lasting / 4).await;
            let taken = self
                .store
                .take_lease(&self.name, &self.holder, self.lasting);
            match taken.await {
                Ok(true) => renewed = Instant::now(),
                Ok(false) => return,
                // The lease may expire before the database is available again.
                Err(_) if renewed.elapsed() >= self.lasting => return,
                Err(error) => log::warn!("the lease {} was not renewed: {error}", self.name),
            }
        }
    }

    /// Releases the lease.
    pub async fn release(self) {
        if let Err(error) = self.store.release_lease(&self.name, &self.holder).await {
            log::warn!("the lease {} was not released: {error}", self.name);
        }
    }
}
