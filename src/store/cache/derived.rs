//! What is made of the settings.

use std::sync::{Arc, PoisonError, RwLock};

use super::Settings;

/// Something that is made of the settings, and made anew only when they changed.
#[derive(Debug)]
pub struct Derived<T>(RwLock<Option<(Arc<Settings>, T)>>);

impl<T> Default for Derived<T> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<T: Clone> Derived<T> {
    /// What was made of these settings, or what `build` makes of them now.
    pub fn of(&self, settings: &Arc<Settings>, build: impl FnOnce(&Settings) -> T) -> T {
        self.kept(settings).unwrap_or_else(|| {
            let made = build(settings);
            self.keep(settings, made.clone());
            made
        })
    }

    /// What was made of these settings, if it was.
    pub fn kept(&self, settings: &Arc<Settings>) -> Option<T> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // What is kept keeps its settings too, so no others are ever at their address.
        let (_, made) = kept
            .as_ref()
            .filter(|(from, _)| Arc::ptr_eq(from, settings))?;
        Some(made.clone())
    }

    /// Keeps what was made of these settings, and of nothing else than what makes them stale.
    pub fn keep(&self, settings: &Arc<Settings>, made: T) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((settings.clone(), made));
    }
}
