//! Publishes how far a run is.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::{Run, RunError};
use crate::chain::Chain;

/// How often a run publishes its progress and checks whether it was cancelled.
const TELLING: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Publishes the progress until there is a reason to stop the run.
    pub(super) async fn tell(&self, is_ending: impl Fn() -> bool) -> RunError {
        let mut ticks = interval(TELLING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failed = false;
        loop {
            ticks.tick().await;
            if is_ending() {
                return RunError::Ending;
            }
            if self.tell_progress(&mut failed).await {
                return RunError::Cancelled;
            }
        }
    }

    /// Publishes the progress once. Returns whether the run shall stop. `failed` says whether the last attempt
    /// failed: of an outage of the database, the log has the beginning and the end.
    async fn tell_progress(&self, failed: &mut bool) -> bool {
        let id = self.row.id;
        let (phase, done, total) = self.progress.read();
        let told = self
            .store
            .tell_directory_run(id, phase.name(), done, total)
            .await;
        match &told {
            Err(error) if !*failed => {
                log::warn!(
                    "the progress of run {id} of a directory cannot be recorded, which is tried again: {}",
                    Chain(error)
                );
            }
            Ok(_) if *failed => {
                log::info!("the progress of run {id} of a directory can be recorded again");
            }
            _ => {}
        }
        *failed = told.is_err();
        told.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::directory::run::{Purpose, Run};
    use crate::domain::test_installation::TestInstallation;
    use crate::test_logs::{collect, lines_with};

    const TABLE: &str = "dingtalk_directory_runs";
    const AWAY: &str = "dingtalk_directory_runs_away";

    #[tokio::test]
    async fn an_outage_of_the_database_is_in_the_log_once_and_so_is_its_end() {
        collect();
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let run = Run::begin(store, store.clock(), 1, Purpose::Preview, None).await;
        let mut run = run.unwrap();
        // Other tests log, too, and none has a run with this number.
        run.row.id = 4711;
        let renumber = format!("UPDATE \"{TABLE}\" SET \"id\" = {}", run.row.id);
        store.execute(&renumber).await;
        let mut failed = false;
        for is_away in [false, true, true, true, false, false] {
            if is_away {
                store.rename_table(TABLE, AWAY).await;
            }
            assert!(!run.tell_progress(&mut failed).await);
            assert_eq!(failed, is_away);
            if is_away {
                store.rename_table(AWAY, TABLE).await;
            }
        }
        let lines = lines_with("the progress of run 4711 ");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains("the database failed: "), "{lines:?}");
        assert!(lines[1].contains("can be recorded again"), "{lines:?}");
    }
}
