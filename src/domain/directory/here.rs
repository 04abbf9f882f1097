//! Managed departments that are here.

use std::collections::{BTreeMap, HashMap};

use super::apply::ApplyError;
use super::mirror::managed_department;
use super::plan::LocalDepartment;
use super::{Hand, Key};
use crate::store::Store;

/// Managed departments that are here.
pub struct Here {
    /// As they are, by id.
    pub departments: BTreeMap<i64, LocalDepartment>,
    /// Their ids, by what the organisation calls them.
    pub ids: HashMap<Key, i64>,
}

/// The managed departments that are here; nothing where there are no departments.
pub async fn here(
    store: &Store,
    source_id: i64,
    hand: &dyn Hand,
) -> Result<Option<Here>, ApplyError> {
    if !hand.has_departments().await? {
        return Ok(None);
    }
    let managed = store.mirrored_departments(source_id).await?;
    let managed = managed.into_iter().map(managed_department);
    let mut ids: HashMap<_, _> = managed
        .filter_map(|one| Some((one.key, one.local?)))
        .collect();
    let all: Vec<i64> = ids.values().copied().collect();
    let rows = store.departments(&all).await?.into_iter();
    let departments: BTreeMap<_, _> = rows
        .map(|row| {
            let department = LocalDepartment {
                title: row.title.unwrap_or_default(),
                parent: row.parent_id,
            };
            (row.id, department)
        })
        .collect();
    ids.retain(|_, id| departments.contains_key(id));
    Ok(Some(Here { departments, ids }))
}
