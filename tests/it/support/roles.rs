//! Roles that a test writes itself.

use nocobase_dingtalk::store::NewRole;
use serde_json::{Value, json};

/// A role with these settings areas, which may do this with the rows of every table.
pub fn new_role(name: &'static str, snippets: Value, actions: &Value) -> NewRole {
    NewRole {
        name,
        title: name,
        strategy: Some(json!({"actions": actions})),
        default: false,
        hidden: false,
        allow_configure: None,
        allow_new_menu: false,
        snippets,
    }
}
