//! The role of a request, and what it allows.

mod account_roles;
mod acting_role;
mod choice;
mod union;

use entity::role;
use serde_json::Value;

pub use account_roles::{of_account, with_those_of_departments};
pub use acting_role::ActingRole;
pub use choice::{RequestedRole, RoleError, RoleMode, choose};

pub use crate::store::{HeldRole, UNION};

/// The role that may do everything.
pub const ROOT: &str = "root";

/// Whether a role may use a settings area, according to its snippets: `!` denies, and a final `*`
/// matches anything. A denial always wins.
pub fn allows(role: &role::Model, snippet: &str) -> bool {
    let snippets = role.snippets.as_ref();
    role.name == ROOT || snippets.is_some_and(|snippets| snippets_allow(snippets, snippet))
}

/// Like [`allows`], for a list of snippets, such as NocoBase sends for a union of roles.
pub fn snippets_allow(snippets: &Value, snippet: &str) -> bool {
    let mut granted = false;
    for rule in texts(Some(snippets)) {
        let (pattern, denies) = match rule.strip_prefix('!') {
            Some(pattern) => (pattern, true),
            None => (rule, false),
        };
        let matches = match pattern.strip_suffix('*') {
            Some(start) => snippet.starts_with(start),
            None => snippet == pattern,
        };
        if matches && denies {
            return false;
        }
        granted |= matches;
    }
    granted
}

/// Whether a role may use any settings area.
pub fn administers(role: &role::Model) -> bool {
    let mut rules = texts(role.snippets.as_ref());
    role.name == ROOT || rules.any(|rule| !rule.starts_with('!'))
}

/// The texts in a role's list. Other values are ignored.
fn texts(list: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str)
}

/// The actions on data tables in a role's strategy: `view`, or `view:own`.
fn actions(role: &role::Model) -> Option<&Value> {
    let actions = role.strategy.as_ref()?.get("actions")?;
    actions.is_array().then_some(actions)
}

/// On which rows of a data table a role may perform an action.
// The variants are sorted, so that a larger one allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// On the rows that the account created itself.
    Own,
    /// On all rows.
    All,
}

/// On which rows a role may perform an action, according to its strategy: `view`, `create`,
/// `update`, `destroy`. None when it may not.
pub fn scope(role: &role::Model, action: &str) -> Option<Scope> {
    if role.name == ROOT {
        return Some(Scope::All);
    }
    // `view:own` restricts the rows; `view` does not.
    let of_action = |rule: &str| match rule.split_once(':') {
        Some((name, "own")) if name == action => Some(Scope::Own),
        None if rule == action => Some(Scope::All),
        _ => None,
    };
    texts(actions(role)).find_map(of_action)
}

/// A role that has these permissions, and no other values.
fn with_permissions(name: &str, strategy: Option<Value>, snippets: Option<Value>) -> role::Model {
    let at = chrono::DateTime::UNIX_EPOCH;
    role::Model {
        name: name.to_owned(),
        created_at: at,
        updated_at: at,
        title: None,
        description: None,
        strategy,
        default: None,
        hidden: None,
        allow_configure: None,
        allow_new_menu: None,
        allow_new_mobile_menu: None,
        allow_new_ai_employee: None,
        snippets,
        sort: None,
    }
}

#[cfg(test)]
mod testing {
    use super::HeldRole;
    use entity::role_user;
    use serde_json::Value;
    use std::sync::Arc;

    /// A role with these snippets, assigned to an account.
    pub fn held(name: &str, snippets: Value) -> HeldRole {
        let role = super::with_permissions(name, None, Some(snippets));
        let assignment = role_user::Model {
            role_name: name.to_owned(),
            user_id: 1,
            created_at: role.created_at,
            updated_at: role.updated_at,
            default: None,
        };
        (Arc::new(role), assignment)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::held;
    use super::*;
    use serde_json::json;
    use std::sync::Arc;

    #[test]
    fn snippets_allow_and_deny() {
        let (member, _) = held("member", json!(["!pm", "!pm.*", "!ui.*"]));
        let (admin, _) = held("admin", json!(["pm", "pm.*", "ui.*"]));
        let (some, _) = held("some", json!(["pm.*", "!pm.auth.authenticators"]));
        let (root, _) = held("root", json!([]));
        for snippet in ["pm", "pm.auth.authenticators", "pm.security.token-policy"] {
            assert!(!allows(&member, snippet));
            assert!(allows(&admin, snippet));
            assert!(allows(&root, snippet));
        }
        assert!(!allows(&some, "pm.auth.authenticators"));
        assert!(allows(&some, "pm.security.token-policy"));
        assert!(!allows(&some, "pm"));
    }

    #[test]
    fn a_role_that_opens_anything_administers() {
        for (name, snippets, administers_something) in [
            ("member", json!(["!pm", "!pm.*", "!ui.*"]), false),
            ("none", json!([]), false),
            ("admin", json!(["pm", "pm.*", "ui.*"]), true),
            ("some", json!(["!pm.*", "pm.users"]), true),
            (ROOT, json!([]), true),
        ] {
            let (role, _) = held(name, snippets);
            assert_eq!(administers(&role), administers_something, "{name}");
        }
    }

    #[test]
    fn a_strategy_says_what_may_be_done_with_which_rows() {
        let with = |actions: Value| {
            let (mut role, _) = held("some", json!([]));
            Arc::make_mut(&mut role).strategy = Some(json!({"actions": actions}));
            role
        };
        let member = with(json!(["view:own"]));
        assert_eq!(scope(&member, "view"), Some(Scope::Own));
        assert_eq!(scope(&member, "destroy"), None);
        assert_eq!(scope(&with(json!(["view"])), "view"), Some(Scope::All));
        assert_eq!(scope(&with(json!(["view:nobody"])), "view"), None);
        assert_eq!(scope(&with(json!("view")), "view"), None);
        assert_eq!(scope(&held("some", json!([])).0, "view"), None);
        assert_eq!(
            scope(&held("root", json!([])).0, "destroy"),
            Some(Scope::All)
        );
    }
}
