//! The managed departments that exist on this server, and who is in them.

use std::collections::{BTreeMap, HashMap};

use super::apply::ApplyError;
use super::mirror::managed_department;
use super::plan::LocalDepartment;
use super::source::Source;
use super::{Key, ManagedPerson, StepExecutor};
use crate::store::{Store, StoreError};

/// The managed departments that exist on this server.
pub struct LocalDepartments {
    /// Their names and parents, by id.
    pub departments: BTreeMap<i64, LocalDepartment>,
    /// Their ids, by their identifiers in the organization.
    pub ids: HashMap<Key, i64>,
    /// Whether the server keeps who is in which department.
    has_memberships: bool,
}

/// Reads the managed departments that exist on this server. Returns none when departments do not
/// follow those of the organization, or the executor has none.
pub async fn here(
    store: &Store,
    source: &Source,
    executor: &dyn StepExecutor,
) -> Result<Option<LocalDepartments>, ApplyError> {
    if !source.options.follow_departments || !executor.has_departments().await? {
        return Ok(None);
    }
    let managed = store.mirrored_departments(source.id).await?;
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
    Ok(Some(LocalDepartments {
        departments,
        ids,
        has_memberships: store.has_memberships().await?,
    }))
}

/// The memberships of some accounts on this server, as sorted pairs of department and account.
#[derive(Default)]
pub struct MembershipSet(Vec<(i64, i64)>);

impl LocalDepartments {
    /// Reads in which departments these accounts are. `None` where the server keeps no memberships.
    pub async fn memberships_of(
        &self,
        store: &Store,
        accounts: &[i64],
    ) -> Result<Option<MembershipSet>, StoreError> {
        if !self.has_memberships {
            return Ok(None);
        }
        let found = store.memberships_of(accounts).await?;
        Ok(Some(MembershipSet::of(found)))
    }

    /// Sets [`ManagedPerson::taken_out`] by comparing the memberships that earlier runs have recorded with
    /// those that exist.
    pub fn note_taken_out(&self, person: &mut ManagedPerson, held: Option<&MembershipSet>) {
        let account = person.account.unwrap_or_default();
        let is_out = |key: &Key| match (self.ids.get(key), held) {
            (Some(id), Some(held)) => !held.has(*id, account),
            (Some(_), None) => false,
            (None, _) => true,
        };
        let departments = person.memberships.iter().map(|one| &one.department);
        person.taken_out = departments.filter(|key| is_out(key)).cloned().collect();
    }
}

impl MembershipSet {
    fn of(mut pairs: Vec<(i64, i64)>) -> Self {
        pairs.sort_unstable();
        Self(pairs)
    }

    fn has(&self, department: i64, account: i64) -> bool {
        self.0.binary_search(&(department, account)).is_ok()
    }
}
