//! Departments that events name. Whatever changes one moves people, too, and takes a run of all.

use std::collections::HashSet;

use super::super::{Department, Key};
use super::{PartialError, PartialRun, Settled};

/// How many departments may stand above each other.
const DEEPEST: usize = 100;

impl PartialRun<'_> {
    /// What takes to bring a department up to date: nothing where it is as it was, or is not read.
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

    /// Whether a department is one that a run of all would read: it stands below a known one, or below one at which
    /// reading begins.
    pub(super) async fn may_belong_here(
        &self,
        key: &Key,
        known: &HashSet<Key>,
    ) -> Result<bool, PartialError> {
        let directory = &*self.source.directory;
        let chosen = &self.source.options.departments;
        let roots = if chosen.is_empty() {
            directory.scope().await?.departments
        } else {
            chosen.iter().map(|key| Key::from(key.as_str())).collect()
        };
        let mut key = key.clone();
        for _ in 0..DEEPEST {
            if known.contains(&key) || roots.contains(&key) {
                return Ok(true);
            }
            match directory.department(&key).await? {
                Some(Department {
                    parent: Some(parent),
                    ..
                }) => key = parent,
                _ => return Ok(false),
            }
        }
        Ok(false)
    }
}
