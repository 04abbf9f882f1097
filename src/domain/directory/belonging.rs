//! Whether a department that was not read belongs to what is copied.

use std::collections::HashSet;

use super::{Department, Directory, Key, ReadError};

/// The most levels of departments that are followed upwards.
const DEEPEST: usize = 100;

/// Whether a full run would read this department: it is below a known department, or below one where
/// reading begins. `chosen` holds the departments that the source copies, or nothing for all.
pub async fn may_belong_here(
    directory: &dyn Directory,
    chosen: &[String],
    key: &Key,
    known: &HashSet<Key>,
) -> Result<bool, ReadError> {
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
