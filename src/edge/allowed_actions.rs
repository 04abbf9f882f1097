//! What the caller may do with each row of an answer. Clients ask for it with the header
//! `X-With-ACL-Meta`, to show or hide buttons. It protects nothing: the server checks every action
//! again.

use serde::Serialize;
use serde_json::Value;

use super::{ApiError, Call};
use crate::domain::role::Scope;
use crate::store::query::Listed;

/// For each action, the keys of the rows on which it is allowed.
#[derive(Serialize)]
pub struct AllowedActions {
    view: Vec<Value>,
    update: Vec<Value>,
    destroy: Vec<Value>,
}

impl AllowedActions {
    /// What the caller may do with these rows of the table `E`, which must have all columns. Gives
    /// nothing when the request does not ask for it, or there are no rows.
    pub fn of<E: Listed>(call: &Call, rows: &[Value]) -> Result<Option<Self>, ApiError> {
        let Some(key) = E::key_column() else {
            return Ok(None);
        };
        if call.header("x-with-acl-meta").is_none() || rows.is_empty() {
            return Ok(None);
        }
        let caller = call.caller()?;
        let keys = |action| {
            let scope = caller.role.scope(action);
            let is_of_caller = |row: &&Value| {
                row.get("createdById").and_then(Value::as_i64) == Some(caller.user.id)
            };
            let rows = rows.iter().filter(|row| match scope {
                Some(Scope::All) => true,
                Some(Scope::Own) => is_of_caller(row),
                None => false,
            });
            rows.filter_map(|row| row.get(&key).cloned()).collect()
        };
        Ok(Some(Self {
            view: keys("view"),
            update: keys("update"),
            destroy: keys("destroy"),
        }))
    }

    /// Removes the rows on which the action is refused for another reason than the role.
    pub fn refuse(&mut self, update: impl Fn(&Value) -> bool, destroy: impl Fn(&Value) -> bool) {
        self.update.retain(|key| !update(key));
        self.destroy.retain(|key| !destroy(key));
    }
}
