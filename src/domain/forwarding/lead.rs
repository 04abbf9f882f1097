//! Which process forwards messages: the one that holds a lease. So people get messages in the order in which they came,
//! and the limits of the provider are kept by one process.

use std::time::Duration;

use uuid::Uuid;

use crate::domain::lease::FORWARDER;
use crate::domain::plugin;
use crate::store::{Store, StoreError};

/// The name of the lease, which older servers know; it stays.
const LEASE: &str = "mirrored messages";
/// How long it lasts unless it is renewed.
const LASTS: Duration = Duration::from_mins(1);
/// How often the holder renews it.
const RENEWED_MS: i64 = 20_000;
/// How often the others ask for it: after a restart messages wait no longer than that.
const ASKED_MS: i64 = 5_000;

/// The lease, as one process knows it.
pub(super) struct Lead {
    holder: String,
    is_held: bool,
    /// When the database was last asked.
    asked_ms: Option<i64>,
}

impl Default for Lead {
    fn default() -> Self {
        Self {
            holder: format!("{FORWARDER}{}", Uuid::new_v4()),
            is_held: false,
            asked_ms: None,
        }
    }
}

impl Lead {
    /// Whether this process held the lease when it last asked.
    pub(super) fn was_held(&self) -> bool {
        self.is_held
    }

    /// Takes or renews the lease when it is time to, while the plugin is enabled. Gives whether this process holds it.
    pub(super) async fn hold_or_renew(
        &mut self,
        store: &Store,
        now: i64,
    ) -> Result<bool, StoreError> {
        let every = if self.is_held { RENEWED_MS } else { ASKED_MS };
        if self
            .asked_ms
            .is_none_or(|asked| (now - asked).abs() >= every)
        {
            // Until the answer is there it is not known, also if there is none.
            self.is_held = false;
            self.is_held = plugin::this_plugin_is_enabled(store).await?
                && store.take_lease(LEASE, &self.holder, LASTS).await?;
            self.asked_ms = Some(now);
        }
        Ok(self.is_held)
    }

    /// Gives the lease back, so that another process need not wait for its end.
    pub(super) async fn give_up(&mut self, store: &Store) -> Result<(), StoreError> {
        if std::mem::take(&mut self.is_held) {
            store.release_lease(LEASE, &self.holder).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::TestInstallation;

    #[tokio::test]
    async fn one_process_leads_and_another_follows_when_it_gives_up() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let (mut one, mut two) = (Lead::default(), Lead::default());
        let begin = 100_000;
        assert!(!one.was_held());
        assert!(one.hold_or_renew(store, begin).await.unwrap());
        assert!(one.was_held());
        assert!(!two.hold_or_renew(store, begin).await.unwrap());
        assert!(!two.was_held());
        one.give_up(store).await.unwrap();
        assert!(!one.was_held());
        // Whoever does not lead asks after five seconds.
        assert!(!two.hold_or_renew(store, begin + 4_999).await.unwrap());
        assert!(two.hold_or_renew(store, begin + 5_000).await.unwrap());
    }

    #[tokio::test]
    async fn who_leads_asks_after_twenty_seconds_whether_that_still_holds() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let mut lead = Lead::default();
        let begin = 100_000;
        assert!(lead.hold_or_renew(store, begin).await.unwrap());
        store.release_lease(LEASE, &lead.holder).await.unwrap();
        assert!(store.take_lease(LEASE, "another", LASTS).await.unwrap());
        assert!(lead.hold_or_renew(store, begin + 19_999).await.unwrap());
        assert!(!lead.hold_or_renew(store, begin + 20_000).await.unwrap());
    }
}
