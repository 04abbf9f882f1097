//! Collects what a run tells, and records it piece by piece.

use super::changes::row_of_finding;
use super::{Finding, Severity};
use crate::store::{NewReportRow, Store, StoreError};

/// So many rows are recorded together. There can be some for each person of the organization, so
/// they do not all stay in memory.
const TOGETHER: usize = 500;

/// The findings of a run, and the descriptions of its changes.
#[derive(Default)]
pub struct RunFindings<'a> {
    /// Where they are recorded. None for what is not a run: then all of them stay here.
    run: Option<(&'a Store, i64)>,
    rows: Vec<NewReportRow>,
    /// How many are for an administrator to look at.
    pub conflicts: u64,
    /// How many prevented something.
    pub errors: u64,
}

impl<'a> RunFindings<'a> {
    /// The findings of the run with this id.
    pub fn of_run(store: &'a Store, id: i64) -> Self {
        Self {
            run: Some((store, id)),
            ..Self::default()
        }
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        match finding.kind.severity() {
            Severity::Conflict => self.conflicts += 1,
            Severity::Error => self.errors += 1,
            Severity::Note => {}
        }
        self.rows.push(row_of_finding(finding));
    }

    /// Adds the description of a change.
    pub fn describe(&mut self, change: NewReportRow) {
        self.rows.push(change);
    }

    /// The names of the kinds of this severity, each once.
    pub fn kinds(&self, severity: Severity) -> Vec<&'static str> {
        let found = self.rows.iter();
        let found = found.filter(|row| row.severity == severity.name());
        let mut names: Vec<_> = found.map(|row| row.kind).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Records what has come together, if that is much.
    pub async fn record_much(&mut self) -> Result<(), StoreError> {
        if self.rows.len() < TOGETHER {
            return Ok(());
        }
        self.record().await
    }

    /// Records everything that is not recorded yet.
    pub async fn record(&mut self) -> Result<(), StoreError> {
        let Some((store, run)) = self.run else {
            return Ok(());
        };
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        store.add_directory_findings(run, rows).await
    }
}

impl Extend<Finding> for RunFindings<'_> {
    fn extend<T: IntoIterator<Item = Finding>>(&mut self, all: T) {
        for finding in all {
            self.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::directory_run::Kind;

    use super::*;
    use crate::domain::directory::FindingKind;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::NewRun;

    #[tokio::test]
    async fn what_a_run_tells_is_recorded_as_soon_as_it_is_much() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let new = NewRun {
            source_id: 1,
            kind: Kind::Run,
            requested_by_id: None,
        };
        let run = store.begin_directory_run(new).await.unwrap().id;
        let recorded = async || store.directory_findings_of(run).await.unwrap().len();
        let mut findings = RunFindings::of_run(store, run);
        for (more, expected) in [(TOGETHER - 1, 0), (1, TOGETHER), (1, TOGETHER)] {
            for _ in 0..more {
                findings.push(Finding::new(FindingKind::Left));
            }
            findings.record_much().await.unwrap();
            assert_eq!(recorded().await, expected);
        }
        findings.record().await.unwrap();
        assert_eq!(recorded().await, TOGETHER + 1);
    }
}
