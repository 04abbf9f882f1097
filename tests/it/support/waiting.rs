//! Waiting for what happens at its own time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use entity::directory_run::State;
use nocobase_dingtalk::store::Store;

use super::upstream::PATIENCE;

/// Looks again and again until something holds. This is no `async fn`, because the compiler limits how deep one future
/// may lie in another.
pub fn eventually(what: &str, holds: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    within(PATIENCE, what, holds)
}

/// The same for what has a time limit of its own.
pub async fn within(limit: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < limit, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Waits until a number that has begun to grow grows no more, and gives it.
pub async fn grows_no_more(what: &str, number: &AtomicUsize) -> usize {
    let began = Instant::now();
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = number.load(Ordering::SeqCst);
        if now == before && now > 0 {
            return now;
        }
        assert!(began.elapsed() < PATIENCE, "grows still: {what}: {now}");
        before = now;
    }
}

/// How long something may stand still that goes on by itself, however busy the machine is.
const STANDSTILL: Duration = Duration::from_secs(90);

/// Waits for the end of something that tells how far it is: `looks` gives that as a text, and `None` at the end.
/// However long the whole takes, it may not stand still.
pub async fn ends(what: &str, mut looks: impl AsyncFnMut() -> Option<String>) {
    let (mut moved, mut before) = (Instant::now(), String::new());
    while let Some(now) = looks().await {
        if now != before {
            (moved, before) = (Instant::now(), now);
        }
        let stands = moved.elapsed();
        assert!(stands < STANDSTILL, "stands still at {before}: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Waits for the end of a run or a preview of a directory.
pub async fn run_ends(store: &Store, id: i64) {
    ends("a run of a directory", async || {
        let run = store.directory_run(id).await.unwrap().unwrap();
        let told = format!("{} {} of {}", run.phase, run.done, run.total);
        (run.state == State::Running).then_some(told)
    })
    .await;
}
