//! Applies changes to departments: they are created and changed from the top down, and removed from
//! the bottom up.

use super::super::mirror::department_row;
use super::super::plan::DepartmentChange;
use super::super::{Finding, FindingKind, ManagedDepartment, NewDepartment, Step, StepOutcome};
use super::{ApplyError, PlanApplication};

impl PlanApplication<'_, '_> {
    /// Creates and changes departments.
    pub(super) async fn departments(
        &mut self,
        changes: Vec<DepartmentChange>,
    ) -> Result<(), ApplyError> {
        let (store, source_id) = (self.store, self.source_id);
        if !self.has_departments {
            let rows = changes.iter();
            let rows = rows.map(|change| {
                let (local, tried_at) = (change.local, change.tried_at);
                department_row(source_id, &change.department, local, tried_at)
            });
            store.save_mirrored_departments(rows.collect()).await?;
            return Ok(());
        }
        for change in changes {
            let key = change.department.key.clone();
            let parent = match &change.department.parent {
                None => None,
                Some(parent) => match self.locals.get(parent) {
                    Some(id) => Some(*id),
                    // The parent could not be created, so this department cannot either.
                    None => continue,
                },
            };
            if let Some(id) = self.department(&change, parent).await? {
                self.locals.insert(key, id);
                let row = department_row(source_id, &change.department, Some(id), None);
                store.save_mirrored_departments(vec![row]).await?;
            }
        }
        Ok(())
    }

    /// Creates or changes a department. Returns its id, or none when that failed.
    async fn department(
        &mut self,
        change: &DepartmentChange,
        parent: Option<i64>,
    ) -> Result<Option<i64>, ApplyError> {
        let wanted = &change.department;
        let about = |finding: Finding| finding.of_department(&wanted.key);
        let Some(id) = change.local else {
            let now = self.clock.now();
            let row = department_row(self.source_id, wanted, None, change.tried_at.or(Some(now)));
            self.store.save_mirrored_departments(vec![row]).await?;
            let new = NewDepartment {
                title: wanted.title.clone(),
                parent,
                order: wanted.order,
                tried_at: change.tried_at,
            };
            let outcome = self.one(Step::CreateDepartment(new), about).await?;
            return Ok(match outcome {
                Some(StepOutcome::Made(id)) => {
                    self.counts.departments_created += 1;
                    Some(id)
                }
                _ => None,
            });
        };
        if change.is_moved {
            let step = Step::MoveDepartment {
                department: id,
                parent,
            };
            if self.one(step, about).await?.is_none() {
                return Ok(None);
            }
        }
        if change.is_renamed {
            let title = wanted.title.clone();
            let step = Step::RenameDepartment {
                department: id,
                title,
            };
            if self.one(step, about).await?.is_none() {
                return Ok(None);
            }
        }
        self.counts.departments_changed += u64::from(change.is_moved || change.is_renamed);
        Ok(Some(id))
    }

    /// Removes departments. A department into which people have put something stays, and is no
    /// longer managed.
    pub(super) async fn removals(
        &mut self,
        removals: Vec<ManagedDepartment>,
    ) -> Result<(), ApplyError> {
        for department in removals {
            let key = &department.key;
            if let Some(id) = department.local {
                let about = |finding: Finding| finding.of_department(key);
                match self
                    .one(Step::RemoveDepartment { department: id }, about)
                    .await?
                {
                    None => continue,
                    Some(StepOutcome::Kept) => {
                        let kept = Finding::new(FindingKind::DepartmentKept);
                        self.findings.push(kept.of_department(key));
                    }
                    Some(_) => self.counts.departments_removed += 1,
                }
            }
            self.store
                .forget_mirrored_department(self.source_id, key.as_str())
                .await?;
        }
        Ok(())
    }
}
