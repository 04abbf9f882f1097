//! The role, or the union of roles, of a request.

use std::iter;
use std::sync::Arc;

use entity::role;
use serde_json::{Value, json};

use super::{HeldRole, ROOT, Scope, UNION, actions, allows, scope, texts, union};

/// One role, or the union of all roles of an account, which may do what any of them may.
#[derive(Clone, Debug)]
pub struct ActingRole {
    first: Arc<role::Model>,
    /// The other roles of a union; none for a single role.
    others: Option<Vec<Arc<role::Model>>>,
}

/// All actions that a strategy can grant.
const ACTIONS: [&str; 6] = [
    "create",
    "view",
    "update",
    "destroy",
    "export",
    "importXlsx",
];

impl ActingRole {
    /// A single role.
    pub fn one(role: &Arc<role::Model>) -> Self {
        Self {
            first: role.clone(),
            others: None,
        }
    }

    /// The union of these roles, of which one comes first.
    pub fn union(first: &Arc<role::Model>, held: &[HeldRole]) -> Self {
        let others = held.iter().skip(1).map(|(role, _)| role.clone());
        Self {
            first: first.clone(),
            others: Some(others.collect()),
        }
    }

    /// A role that allows nothing.
    pub fn nothing() -> Self {
        Self::described("", None, None)
    }

    /// Whether it is the role that allows nothing.
    pub fn is_nothing(&self) -> bool {
        self.first.name.is_empty()
    }

    /// A role, or a union of roles, as NocoBase describes it.
    pub fn described(name: &str, strategy: Option<Value>, snippets: Option<Value>) -> Self {
        Self {
            first: Arc::new(super::with_permissions(name, strategy, snippets)),
            others: (name == UNION).then(Vec::new),
        }
    }

    /// The name of the role, or [`UNION`].
    pub fn name(&self) -> &str {
        if self.is_union() {
            UNION
        } else {
            &self.first.name
        }
    }

    /// Whether it is a union.
    pub fn is_union(&self) -> bool {
        self.others.is_some()
    }

    /// The roles, sorted by name.
    pub fn roles(&self) -> impl Iterator<Item = &role::Model> {
        let others = self.others.iter().flatten();
        iter::once(&self.first).chain(others).map(Arc::as_ref)
    }

    /// Whether the request may do everything.
    pub fn is_root(&self) -> bool {
        self.roles().any(|role| role.name == ROOT)
    }

    /// Whether one of the roles may use a settings area. What another role denies does not matter.
    pub fn allows(&self, snippet: &str) -> bool {
        self.roles().any(|role| allows(role, snippet))
    }

    /// On which rows one of the roles may perform an action: `view`, `create`, `update` or
    /// `destroy`.
    pub fn scope(&self, action: &str) -> Option<Scope> {
        self.roles().filter_map(|role| scope(role, action)).max()
    }

    /// Whether one of the roles may configure data tables. NocoBase does not say that of root.
    pub fn configures(&self) -> bool {
        let mut roles = self.roles();
        roles.any(|role| role.name != ROOT && role.allow_configure == Some(true))
    }

    /// What the request may do with data, for clients to show. The root role has no strategy,
    /// because it may do everything.
    pub fn strategy(&self) -> Value {
        if self.is_root() {
            return json!({"actions": ACTIONS});
        }
        if !self.is_union() {
            return self.first.strategy.clone().unwrap_or_else(|| json!({}));
        }
        let mut granted: Option<Vec<&str>> = None;
        for list in self.roles().filter_map(actions) {
            let all = granted.get_or_insert_default();
            for action in texts(Some(list)) {
                if !all.contains(&action) {
                    all.push(action);
                }
            }
        }
        match granted {
            Some(actions) => json!({"actions": actions}),
            None => json!({}),
        }
    }

    /// Snippets with the same meaning as [`Self::allows`], by which clients show and hide things.
    pub fn snippets(&self) -> Vec<Value> {
        if let (false, Some(Value::Array(snippets))) = (self.is_union(), &self.first.snippets) {
            return snippets.clone();
        }
        let lists: Vec<Vec<&str>> = self
            .roles()
            .map(|role| texts(role.snippets.as_ref()).collect())
            .collect();
        let united = union::snippets(&lists);
        united.into_iter().map(Value::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::held;
    use super::*;

    fn role(name: &str, snippets: Value, actions: &Value) -> HeldRole {
        let (mut role, assignment) = held(name, snippets);
        Arc::make_mut(&mut role).strategy = Some(json!({"actions": actions}));
        (role, assignment)
    }

    fn union(roles: &[HeldRole]) -> ActingRole {
        ActingRole::union(&roles[0].0, roles)
    }

    #[test]
    fn a_union_may_do_what_any_of_its_roles_may() {
        let all = union(&[
            role(
                "a",
                json!(["!pm.*", "!ui.*"]),
                &json!(["view:own", "create"]),
            ),
            role(
                "b",
                json!(["pm.*", "!pm.users"]),
                &json!(["view", "update:own"]),
            ),
        ]);
        assert_eq!(all.name(), UNION);
        assert!(all.allows("pm.acl.roles"));
        for nobody in ["pm.users", "ui.x", "pm", "app"] {
            assert!(!all.allows(nobody), "{nobody}");
        }
        assert_eq!(all.scope("view"), Some(Scope::All));
        assert_eq!(all.scope("create"), Some(Scope::All));
        assert_eq!(all.scope("update"), Some(Scope::Own));
        assert_eq!(all.scope("destroy"), None);
        let actions = json!({"actions": ["view:own", "create", "view", "update:own"]});
        assert_eq!(all.strategy(), actions);
        assert!(!all.is_root());
    }

    #[test]
    fn root_stays_root_in_a_union() {
        let all = union(&[
            role("member", json!(["!pm", "!pm.*"]), &json!(["view:own"])),
            held(ROOT, json!([])),
        ]);
        assert!(all.is_root() && all.allows("pm") && !all.configures());
        assert_eq!(all.scope("destroy"), Some(Scope::All));
        assert_eq!(all.strategy(), json!({"actions": ACTIONS}));
    }

    #[test]
    fn one_role_says_of_itself_what_it_holds() {
        let (role, _) = role("some", json!(["pm", "!pm", "pm"]), &json!(["view:own"]));
        let one = ActingRole::one(&role);
        assert_eq!(one.name(), "some");
        assert_eq!(one.snippets(), [json!("pm"), json!("!pm"), json!("pm")]);
        assert_eq!(one.strategy(), json!({"actions": ["view:own"]}));
    }

    #[test]
    fn who_configures_with_one_role_does_so_with_all() {
        let (mut admin, assignment) = held("admin", json!([]));
        Arc::make_mut(&mut admin).allow_configure = Some(true);
        let member = held("member", json!([]));
        assert!(!ActingRole::one(&member.0).configures());
        assert!(union(&[member, (admin, assignment)]).configures());
    }

    #[test]
    fn a_described_role_is_a_union_only_by_its_name() {
        assert!(ActingRole::nothing().is_nothing());
        let member = ActingRole::described("member", None, None);
        assert!(!member.is_nothing() && !member.is_union());
        assert_eq!(member.name(), "member");
        let all = ActingRole::described(UNION, None, None);
        assert!(all.is_union() && !all.is_nothing());
    }
}
