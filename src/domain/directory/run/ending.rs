//! Records how a run ended.

use entity::directory_run::State;
use serde_json::Value;

use super::{Purpose, Run, RunError, RunResults};
use crate::chain::Chain;
use crate::domain::directory::{Finding, FindingKind};
use crate::domain::organization::ReadError;
use crate::store::redacted;

impl<'a> Run<'a> {
    /// Records how the run ended, and returns its final state.
    pub(super) async fn end(
        self,
        outcome: Result<(), RunError>,
        mut result: RunResults<'a>,
    ) -> State {
        let is_run = self.purpose != Purpose::Preview;
        let message = match &outcome {
            Ok(()) => None,
            Err(error) => {
                log::warn!("run {} of a directory ended: {}", self.row.id, Chain(error));
                let told = redacted(error);
                let kind = match error {
                    RunError::Read(ReadError::Permission(name)) => {
                        Some(Finding::new(FindingKind::PermissionMissing).with(name))
                    }
                    RunError::Read(_) => {
                        Some(Finding::new(FindingKind::ReadFailed).with(told.as_str()))
                    }
                    RunError::Store(_) | RunError::Apply(_) => {
                        Some(Finding::new(FindingKind::StepFailed).with(told.as_str()))
                    }
                    RunError::Cancelled | RunError::LeaseLost | RunError::Ending => None,
                };
                result.findings.extend(kind);
                Some(told)
            }
        };
        result.counts.conflicts += result.findings.conflicts;
        result.counts.errors += result.findings.errors;
        let state = match &outcome {
            Ok(()) if result.exceeds.is_some() && is_run => State::Stopped,
            Ok(()) if result.counts.errors > 0 => State::Failed,
            Ok(()) => State::Succeeded,
            Err(RunError::Cancelled) => State::Cancelled,
            Err(_) => State::Failed,
        };
        let counts = serde_json::to_value(result.counts).unwrap_or(Value::Null);
        let (phase, done, total) = self.progress.read();
        let id = self.row.id;
        let recorded = async {
            self.store
                .tell_directory_run(id, phase.name(), done, total)
                .await?;
            result.findings.record().await?;
            // Whoever sees that the run has ended may begin the next at once, so both become visible together.
            let transaction = self.store.begin().await?;
            self.held.release_with(&transaction).await?;
            transaction
                .end_directory_run(id, state, counts, result.exceeds, message)
                .await?;
            transaction.commit().await
        };
        if let Err(error) = recorded.await {
            log::error!(
                "the end of run {id} of a directory was not recorded: {}",
                Chain(&error)
            );
            self.held.release().await;
        }
        state
    }
}
