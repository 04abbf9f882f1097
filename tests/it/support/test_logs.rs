//! The lines of one test in the log of all.

use tokio::sync::{Mutex, MutexGuard};

use super::logs;

static TURNS: Mutex<()> = Mutex::const_new(());

/// What is logged while a test has its turn. Tests of one process share the log, and lines do not say whose server
/// wrote them: tests that count lines, and those that cause the same lines, run one after the other.
pub struct TestLogs {
    from: usize,
    _turn: MutexGuard<'static, ()>,
}

/// Waits for a turn, which lasts until the value is dropped.
pub async fn test_logs() -> TestLogs {
    let turn = TURNS.lock().await;
    TestLogs {
        from: logs().len(),
        _turn: turn,
    }
}

impl TestLogs {
    /// The lines since the turn began.
    pub fn lines(&self) -> String {
        logs().split_off(self.from)
    }
}
