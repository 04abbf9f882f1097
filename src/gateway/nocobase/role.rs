//! Chooses the role with which an account acts in NocoBase.

use crate::domain::role::{self, HeldRole};

/// The settings areas of the actions that are called: accounts, departments, API keys,
/// synchronisation and notifications.
const AREAS: [&str; 6] = [
    "pm.users",
    "pm.departments",
    "pm.api-keys.configuration",
    "pm.user-data-sync",
    "pm.notification.channels",
    "pm.notification.logs",
];

/// The role of an account that allows the most of these areas; root allows all of them. Returns
/// none when no role allows any.
pub fn strongest(held: &[HeldRole]) -> Option<String> {
    let areas = |role: &entity::role::Model| {
        let allowed = AREAS.iter().filter(|area| role::allows(role, area));
        (role.name == role::ROOT, allowed.count())
    };
    let strongest = held.iter().map(|(role, _)| role);
    let strongest = strongest.max_by_key(|role| areas(role))?;
    (areas(strongest).1 > 0).then(|| strongest.name.clone())
}
