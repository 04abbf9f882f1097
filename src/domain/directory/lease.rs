//! The lease of a source: one run at a time, and no events between its steps.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::store::{Store, StoreError};

/// How long a lease lasts that nobody renews.
pub const LEASE: Duration = Duration::from_secs(20);
/// How often it is renewed.
pub const RENEWAL: Duration = Duration::from_secs(5);
/// What holders are called that work off events.
const EVENTS: &str = "events:";

/// Its name.
pub fn lease_of(source_id: i64) -> String {
    format!("directory:{source_id}")
}

/// A lease that is held while events are worked off.
pub struct Held<'a> {
    store: &'a Store,
    name: String,
    holder: String,
}

/// Takes the lease of a source to work off events. Nothing when somebody else has it.
pub async fn hold(store: &Store, source_id: i64) -> Result<Option<Held<'_>>, StoreError> {
    let name = lease_of(source_id);
    let holder = format!("{EVENTS}{}", hex::encode(rand::random::<[u8; 16]>()));
    let is_taken = store.take_lease(&name, &holder, LEASE).await?;
    Ok(is_taken.then_some(Held {
        store,
        name,
        holder,
    }))
}

/// Whether events are being worked off, which is over soon.
pub async fn is_held_by_events(store: &Store, source_id: i64) -> Result<bool, StoreError> {
    let holder = store.lease_holder(&lease_of(source_id)).await?;
    Ok(holder.is_some_and(|holder| holder.starts_with(EVENTS)))
}

impl Held<'_> {
    /// Renews the lease; ready when it is lost.
    pub async fn lost(&self) {
        let mut renewed = Instant::now();
        loop {
            sleep(RENEWAL).await;
            let taken = self.store.take_lease(&self.name, &self.holder, LEASE);
            match taken.await {
                Ok(true) => renewed = Instant::now(),
                Ok(false) => return,
                // It may be over before the database is back.
                Err(_) if renewed.elapsed() >= LEASE => return,
                Err(error) => log::warn!("the lease of events was not renewed: {error}"),
            }
        }
    }

    /// Gives it back.
    pub async fn release(self) {
        if let Err(error) = self.store.release_lease(&self.name, &self.holder).await {
            log::warn!("the lease of events was not given back: {error}");
        }
    }
}
