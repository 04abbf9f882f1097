//! Tasks that run beside requests for as long as the server does.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::sleep;

/// How long a task that has failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs a task until it ends by itself, as it does when what it works for is gone. A task that panics, which is a defect,
/// is started anew: the server would go on without what it does, and nobody would notice. `what` names it in the log,
/// where the panic has a line of its own.
pub fn keep<T, F>(
    what: &'static str,
    works_for: &Arc<T>,
    start: impl Fn(Weak<T>) -> F + Send + 'static,
) where
    T: Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let works_for = Arc::downgrade(works_for);
    tokio::spawn(async move {
        while let Err(end) = tokio::spawn(start(works_for.clone())).await {
            // The runtime is shutting down.
            if end.is_cancelled() {
                return;
            }
            log::error!("{what} ended by a defect of this program, and is started anew");
            sleep(PAUSE).await;
        }
    });
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::test_logs::{collect, lines_with};

    #[tokio::test]
    async fn a_task_that_panics_is_started_anew_and_one_that_ends_is_not() {
        collect();
        let starts = Arc::new(AtomicUsize::new(0));
        keep("a task of this test", &starts, |starts| async move {
            let before = starts.upgrade().unwrap().fetch_add(1, Ordering::SeqCst);
            assert!(before > 0, "the first one panics");
        });
        while starts.load(Ordering::SeqCst) < 2 {
            sleep(Duration::from_millis(10)).await;
        }
        sleep(PAUSE + Duration::from_millis(100)).await;
        assert_eq!(starts.load(Ordering::SeqCst), 2);
        assert_eq!(lines_with("a task of this test").len(), 1);
    }
}
