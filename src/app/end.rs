//! The end of the application.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::timeout;

use super::App;

/// How long what still uses the database may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl App {
    /// Says to whoever asks that no more requests should be sent here, and lets open pages go.
    pub fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
        self.hub.close();
    }

    /// Whether the server is about to end.
    pub fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Closes the database after the last request. What was answered is kept either way.
    pub async fn close(&self) {
        match timeout(PATIENCE, self.store.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => log::warn!("the database was not closed: {error}"),
            Err(_) => log::warn!("the database was not closed: something still uses it"),
        }
    }
}
