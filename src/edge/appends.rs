//! Associations that a request wants with its rows: `appends=createdBy,updatedBy`.

use std::collections::HashMap;

use serde_json::Value;

use super::shape::User;
use super::{ApiError, Call};
use crate::domain::role::Scope;

/// Names of the associations with accounts, and of the columns that hold the accounts' ids.
const AUTHORS: [(&str, &str); 2] = [("createdBy", "createdById"), ("updatedBy", "updatedById")];

/// The accounts that rows refer to and that the request wants included.
pub struct Authors {
    wanted: Vec<(&'static str, &'static str)>,
    users: HashMap<i64, Value>,
}

impl Authors {
    /// Reads the accounts of all these rows at once. A caller who may not view all accounts gets
    /// none.
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

    /// Adds the accounts of `row`, which must have all columns, to what is sent of it.
    pub fn add_to(&self, sent: &mut Value, row: &Value) {
        let Some(sent) = sent.as_object_mut() else {
            return;
        };
        for (name, column) in &self.wanted {
            // A table without such a column has no such association.
            if let Some(id) = row.get(column) {
                let user = id.as_i64().and_then(|id| self.users.get(&id));
                sent.insert((*name).to_owned(), user.cloned().unwrap_or_default());
            }
        }
    }
}
