//! With which role an account acts in NocoBase.

use crate::domain::role::{self, HeldRole};

/// The settings areas whose actions are asked for: accounts, departments, API keys, synchronisation.
const AREAS: [&str; 4] = [
    "pm.users",
    "pm.departments",
    "pm.api-keys.configuration",
    "pm.user-data-sync",
];

/// Of the roles of an account, the one that may do most of what is asked for; root may do everything.
/// Nothing when none may do anything of it.
pub fn strongest(held: &[HeldRole]) -> Option<String> {
    let areas = |role: &entity::role::Model| {
        let allowed = AREAS.iter().filter(|area| role::allows(role, area));
        (role.name == role::ROOT, allowed.count())
    };
    let strongest = held.iter().map(|(role, _)| role);
    let strongest = strongest.max_by_key(|role| areas(role))?;
    (areas(strongest).1 > 0).then(|| strongest.name.clone())
}
