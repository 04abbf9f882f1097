//! The managed departments that exist on this server.

use std::collections::{BTreeMap, HashMap};

use super::apply::ApplyError;
use super::mirror::managed_department;
use super::plan::LocalDepartment;
use super::{Hand, Key};
use crate::store::Store;

/// The managed departments that exist on this server.
pub struct Here {
    /// Their names and parents, by id.
    pub departments: BTreeMap<i64, LocalDepartment>,
    /// Their ids, by their identifiers in the organisation.
    pub ids: HashMap<Key, i64>,
}

/// Reads the managed departments that exist on this server. Returns none when the hand has no
/// departments.
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
