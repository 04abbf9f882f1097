//! The cache of the settings, which are read all at once: there are few, and they seldom change.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use entity::{application_plugin, authenticator, role, system_setting};
use moka::future::Cache;
use sea_orm::EntityTrait;
use serde_json::Value;

use super::generation::{LONGEST_UNHEARD, Moment, Stamp};
use super::partitions::Partitions;
use crate::store::{Result, Store, StoreError};

/// The settings as they were when they were read.
#[derive(Debug, Default)]
pub struct Settings {
    /// Title, languages and so on; none before the installation.
    pub system: Option<system_setting::Model>,
    /// Enabled authenticators in the order of the sign-in page.
    pub authenticators: Vec<authenticator::Model>,
    /// The enabled plugins in the order of installation.
    pub plugins: Vec<application_plugin::Model>,
    /// The saved token policy, if there is one.
    pub token_policy: Option<Value>,
    /// All roles by name.
    pub(in crate::store) roles: HashMap<String, Arc<role::Model>>,
}

/// The cached settings.
pub struct KeptSettings {
    kept: RwLock<Option<(Stamp, Arc<Settings>)>>,
    /// Requests that find no current settings share one reading. The key is the moment, so that a
    /// slow reading does not keep later requests from starting another one.
    readings: Cache<Moment, Arc<Settings>>,
}

impl KeptSettings {
    /// An empty cache.
    pub fn new() -> Self {
        let readings = Cache::builder()
            .max_capacity(2)
            .time_to_live(LONGEST_UNHEARD);
        Self {
            kept: RwLock::default(),
            readings: readings.build(),
        }
    }
}

impl Store {
    /// The settings, from memory if nothing has changed.
    pub async fn settings(&self) -> Result<Arc<Settings>> {
        let caches = self.caches();
        if let Some(settings) = self.kept_settings() {
            caches.settings_lookups.hit();
            return Ok(settings);
        }
        caches.settings_lookups.miss();
        let moment = caches.generations.moment(Partitions::SETTINGS);
        let reading = async {
            let stamp = caches.generations.stamp(Partitions::SETTINGS);
            let settings = Arc::new(self.read_settings().await?);
            let kept = caches.settings.kept.write();
            *kept.unwrap_or_else(PoisonError::into_inner) = Some((stamp, settings.clone()));
            Ok(settings)
        };
        let readings = &caches.settings.readings;
        let read = readings.try_get_with(moment, reading).await;
        read.map_err(|error: Arc<StoreError>| StoreError::clone(&error))
    }

    fn kept_settings(&self) -> Option<Arc<Settings>> {
        let caches = self.caches();
        let kept = caches.settings.kept.read();
        let kept = kept.unwrap_or_else(PoisonError::into_inner);
        let (stamp, settings) = kept.as_ref()?;
        let current = caches.generations.is_current(stamp);
        current.then(|| settings.clone())
    }

    async fn read_settings(&self) -> Result<Settings> {
        let roles = role::Entity::find().all(&self.connection).await?;
        let by_name = |role: role::Model| (role.name.clone(), Arc::new(role));
        Ok(Settings {
            system: self.system_settings().await?,
            authenticators: self.enabled_authenticators().await?,
            plugins: self.enabled_plugins().await?,
            token_policy: self.token_policy().await?,
            roles: roles.into_iter().map(by_name).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn who_asks_at_one_time_is_answered_by_one_reading_also_when_nothing_is_kept() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let before = store.statements();
        store.settings().await.unwrap();
        let one = store.statements() - before;
        store.forget();
        let before = store.statements();
        let all = join_all((0..50).map(|_| store.settings())).await;
        assert!(all.iter().all(std::result::Result::is_ok));
        // The moment may end in between, so there may be two readings.
        assert!(store.statements() - before <= 2 * one);
        // A change by this process is visible at once.
        store.forget();
        let before = store.statements();
        store.settings().await.unwrap();
        assert_eq!(store.statements() - before, one);
    }
}
