//! Waiting for what happens at its own time.

use std::time::{Duration, Instant};

use super::upstream::PATIENCE;

/// Looks again and again until something holds.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
