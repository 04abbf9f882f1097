//! Which role a request acts with, and what that allows.

use std::sync::Arc;

use entity::role;
use serde_json::Value;

pub use crate::store::HeldRole;

/// The role that may do everything.
pub const ROOT: &str = "root";

/// Why a request has no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// The account has no roles at all.
    #[error("the account has no roles")]
    None,
    /// The account does not have the role that was asked for.
    #[error("the account does not have this role")]
    NotHeld,
}

/// The role of a request (NocoBase 2.2.15): the one that it names, else the one that the browser
/// remembers, else the account's default, else its first.
pub fn choose<'a>(
    held: &'a [HeldRole],
    named: Option<&str>,
    remembered: Option<&str>,
) -> Result<&'a Arc<role::Model>, RoleError> {
    let (first, _) = held.first().ok_or(RoleError::None)?;
    let find = |name: &str| {
        held.iter()
            .map(|(role, _)| role)
            .find(|role| role.name == name)
    };
    let default = || {
        held.iter()
            .find(|(_, tie)| tie.default == Some(true))
            .map(|(role, _)| role)
    };
    if let Some(name) = named.filter(|name| *name != UNION) {
        return find(name).ok_or(RoleError::NotHeld);
    }
    Ok(remembered.and_then(find).or_else(default).unwrap_or(first))
}

/// The name that stands for all roles of an account together, where the settings allow it.
const UNION: &str = "__union__";

/// Whether a role may use a settings area, by its snippets: `!` denies, a last `*` stands for
/// anything. A denial is final: a role is only as strong as what nothing takes away.
pub fn allows(role: &role::Model, snippet: &str) -> bool {
    let snippets = role.snippets.as_ref();
    role.name == ROOT || snippets.is_some_and(|snippets| snippets_allow(snippets, snippet))
}

/// The same for a list of snippets, such as NocoBase gives for several roles together.
pub fn snippets_allow(snippets: &Value, snippet: &str) -> bool {
    let snippets = snippets.as_array().map_or(&[][..], Vec::as_slice);
    let mut granted = false;
    for rule in snippets.iter().filter_map(Value::as_str) {
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

/// Whether a role opens any settings at all.
pub fn administers(role: &role::Model) -> bool {
    let snippets = role.snippets.as_ref().and_then(Value::as_array);
    let mut rules = snippets.into_iter().flatten().filter_map(Value::as_str);
    role.name == ROOT || rules.any(|rule| !rule.starts_with('!'))
}

/// Which rows of a data table a role may do something with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    All,
    /// Those that the account created itself.
    Own,
}

/// What a role may do with data tables, by its strategy: `view`, `create`, `update`, `destroy`.
/// Nothing when it may not at all.
pub fn scope(role: &role::Model, action: &str) -> Option<Scope> {
    if role.name == ROOT {
        return Some(Scope::All);
    }
    let actions = role.strategy.as_ref()?.get("actions")?.as_array()?;
    let mut allowed = actions.iter().filter_map(Value::as_str);
    // `view:own` restricts; `view` does not.
    let of_action = |rule: &str| match rule.split_once(':') {
        Some((name, "own")) if name == action => Some(Scope::Own),
        None if rule == action => Some(Scope::All),
        _ => None,
    };
    allowed.find_map(of_action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use entity::role_user;
    use serde_json::json;

    fn held(name: &str, default: Option<bool>, snippets: Value) -> HeldRole {
        let at = DateTime::UNIX_EPOCH;
        let role = role::Model {
            name: name.to_owned(),
            created_at: at,
            updated_at: at,
            title: None,
            description: None,
            strategy: None,
            default: None,
            hidden: None,
            allow_configure: None,
            allow_new_menu: None,
            allow_new_mobile_menu: None,
            allow_new_ai_employee: None,
            snippets: Some(snippets),
            sort: None,
        };
        let tie = role_user::Model {
            role_name: name.to_owned(),
            user_id: 1,
            created_at: at,
            updated_at: at,
            default,
        };
        (Arc::new(role), tie)
    }

    #[test]
    fn a_named_role_must_be_held_while_a_remembered_one_may_be_stale() {
        let roles = [
            held("admin", None, json!([])),
            held("member", Some(true), json!([])),
        ];
        let name = |named, remembered| choose(&roles, named, remembered).map(|r| r.name.as_str());
        assert_eq!(name(None, None), Ok("member"));
        assert_eq!(name(Some("admin"), Some("member")), Ok("admin"));
        assert_eq!(name(Some("root"), None), Err(RoleError::NotHeld));
        assert_eq!(name(None, Some("admin")), Ok("admin"));
        assert_eq!(name(None, Some("root")), Ok("member"));
        assert_eq!(
            choose(&[], Some("admin"), None).map(|_| ()),
            Err(RoleError::None)
        );
        assert_eq!(choose(&roles[..1], None, None).unwrap().name, "admin");
    }

    #[test]
    fn snippets_allow_and_deny() {
        let (member, _) = held("member", None, json!(["!pm", "!pm.*", "!ui.*"]));
        let (admin, _) = held("admin", None, json!(["pm", "pm.*", "ui.*"]));
        let (some, _) = held("some", None, json!(["pm.*", "!pm.auth.authenticators"]));
        let (root, _) = held("root", None, json!([]));
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
            let (role, _) = held(name, None, snippets);
            assert_eq!(administers(&role), administers_something, "{name}");
        }
    }

    #[test]
    fn a_strategy_says_what_may_be_done_with_which_rows() {
        let with = |actions: Value| {
            let (mut role, _) = held("some", None, json!([]));
            Arc::make_mut(&mut role).strategy = Some(json!({"actions": actions}));
            role
        };
        let member = with(json!(["view:own"]));
        assert_eq!(scope(&member, "view"), Some(Scope::Own));
        assert_eq!(scope(&member, "destroy"), None);
        assert_eq!(scope(&with(json!(["view"])), "view"), Some(Scope::All));
        assert_eq!(scope(&with(json!(["view:nobody"])), "view"), None);
        assert_eq!(scope(&with(json!("view")), "view"), None);
        assert_eq!(scope(&held("some", None, json!([])).0, "view"), None);
        assert_eq!(
            scope(&held("root", None, json!([])).0, "destroy"),
            Some(Scope::All)
        );
    }
}
