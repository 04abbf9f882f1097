//! Values that are computed from the settings.

use std::sync::{Arc, PoisonError, RwLock};

use super::Settings;

/// A value that is computed from the settings, and again only when they have changed.
#[derive(Debug)]
pub struct DerivedValue<T>(RwLock<Option<(Arc<Settings>, T)>>);

impl<T> Default for DerivedValue<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> DerivedValue<T> {
    /// The value for these settings; `build` computes it if necessary.
    pub fn of(&self, settings: &Arc<Settings>, build: impl FnOnce(&Settings) -> T) -> T {
        self.kept(settings).unwrap_or_else(|| {
            let made = build(settings);
            self.keep(settings, made.clone());
            made
        })
    }

    /// The value for these settings, if it has been computed.
    pub fn kept(&self, settings: &Arc<Settings>) -> Option<T> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // The entry keeps its settings alive, so no other settings can have the same address.
        let (_, made) = kept
            .as_ref()
            .filter(|(from, _)| Arc::ptr_eq(from, settings))?;
        Some(made.clone())
    }

    /// Keeps the value for these settings. It must depend on nothing that can change while the
    /// settings stay the same.
    pub fn keep(&self, settings: &Arc<Settings>, made: T) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((settings.clone(), made));
    }
}
