//! Departments that events name. A changed department may move people as well, so it needs a full
//! run.

use std::collections::HashSet;

use super::super::Key;
use super::super::belonging::may_belong_here;
use super::{PartialError, PartialRun, Settled};

impl PartialRun<'_> {
    /// Decides whether an event about a department needs a full run. It does not when the
    /// department is unchanged, or is not copied.
    pub async fn department(&self, key: &Key) -> Result<Settled, PartialError> {
        const NOT_READ: Settled = Settled::Ignored("it is about no department that is read");
        let rows = self.store.mirrored_departments(self.source.id).await?;
        let row = rows.iter().find(|row| row.external_id == key.as_str());
        let found = self.source.directory.department(key).await?;
        let is_read = match (row, &found) {
            (None, None) => false,
            (Some(_), None) => true,
            (Some(row), Some(found)) => {
                let parent = found.parent.as_ref().map(Key::as_str);
                if row.title == found.title && row.parent_id.as_deref() == parent {
                    return Ok(Settled::Done(None));
                }
                true
            }
            (None, Some(_)) => {
                let known = rows.iter().map(|row| row.external_id.as_str().into());
                self.may_belong_here(key, &known.collect()).await?
            }
        };
        Ok(if is_read {
            Settled::Everything
        } else {
            NOT_READ
        })
    }

    /// Whether a full run would read this department.
    pub(super) async fn may_belong_here(
        &self,
        key: &Key,
        known: &HashSet<Key>,
    ) -> Result<bool, PartialError> {
        let source = self.source;
        let chosen = &source.options.departments;
        Ok(may_belong_here(&*source.directory, chosen, key, known).await?)
    }
}
