//! Associations that a request wants with its rows: `appends=createdBy,updatedBy`.

use std::collections::HashMap;

use serde_json::Value;

use super::shape::User;
use super::{ApiError, Call};
use crate::domain::role::Scope;

/// Names of associations to accounts, and of the columns that hold their ids.
const AUTHORS: [(&str, &str); 2] = [("createdBy", "createdById"), ("updatedBy", "updatedById")];

/// The accounts that rows name and that the request wants with them.
pub struct Authors {
    wanted: Vec<(&'static str, &'static str)>,
    users: HashMap<i64, Value>,
}

impl Authors {
    /// Reads the accounts of these rows, all at once. Who may not look at all accounts gets none.
    pub async fn of(call: &Call, rows: &[Value]) -> Result<Self, ApiError> {
        let appends = call.query.words("appends");
        let wanted: Vec<_> = AUTHORS
            .into_iter()
            .filter(|(name, _)| appends.contains(name))
            .collect();
        let may_look = call
            .caller()
            .is_ok_and(|caller| caller.role.scope("view") == Some(Scope::All));
        let columns = wanted.iter().map(|(_, column)| *column);
        let ids: Vec<i64> = columns
            .flat_map(|column| rows.iter().filter_map(move |row| row.get(column)?.as_i64()))
            .collect();
        let mut users = HashMap::new();
        if may_look && !ids.is_empty() {
            for user in call.app.store.users_by_id(&ids).await? {
                let shown = serde_json::to_value(User::from(&user));
                users.insert(user.id, shown.map_err(ApiError::internal)?);
            }
        }
        Ok(Self { wanted, users })
    }

    /// Puts the accounts of a row, of which all columns are here, beside the keys that are sent.
    pub fn add_to(&self, sent: &mut Value, row: &Value) {
        let Some(sent) = sent.as_object_mut() else {
            return;
        };
        for (name, column) in &self.wanted {
            // Tables without such a column have no such association.
            if let Some(id) = row.get(column) {
                let user = id.as_i64().and_then(|id| self.users.get(&id));
                sent.insert((*name).to_owned(), user.cloned().unwrap_or_default());
            }
        }
    }
}
