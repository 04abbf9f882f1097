//! The settings of the application, all together: there are few, and they seldom change.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use entity::{application_plugin, authenticator, role, system_setting};
use sea_orm::EntityTrait;
use serde_json::Value;
use tokio::sync::Mutex;

use super::generation::Stamp;
use super::topic::Slots;
use crate::store::{Result, Store};

/// The settings as they were when they were read.
#[derive(Debug, Default)]
pub struct Settings {
    /// Title, languages and the like, once installed.
    pub system: Option<system_setting::Model>,
    /// Enabled authenticators in the order of the sign-in page.
    pub authenticators: Vec<authenticator::Model>,
    /// The plugins that are switched on, in the order of installation.
    pub plugins: Vec<application_plugin::Model>,
    /// The token policy as it was saved, if it was.
    pub token_policy: Option<Value>,
    /// All roles, by name.
    pub(in crate::store) roles: HashMap<String, Arc<role::Model>>,
}

/// What is kept of them.
#[derive(Default)]
pub struct KeptSettings {
    kept: RwLock<Option<(Stamp, Arc<Settings>)>>,
    /// Of requests that find nothing, one reads and the others wait for it.
    reading: Mutex<()>,
}

impl Store {
    /// The settings; from memory when nothing changed.
    pub async fn settings(&self) -> Result<Arc<Settings>> {
        let caches = self.caches();
        if let Some(settings) = self.kept_settings() {
            caches.settings_lookups.hit();
            return Ok(settings);
        }
        caches.settings_lookups.miss();
        let _turn = caches.settings.reading.lock().await;
        if let Some(settings) = self.kept_settings() {
            return Ok(settings);
        }
        let stamp = caches.generations.stamp(Slots::SETTINGS);
        let settings = Arc::new(self.read_settings().await?);
        let kept = caches.settings.kept.write();
        *kept.unwrap_or_else(PoisonError::into_inner) = Some((stamp, settings.clone()));
        Ok(settings)
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
