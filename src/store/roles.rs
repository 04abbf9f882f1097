//! Roles and their assignments to accounts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::{role, role_user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

use super::batch::KEYS;
use super::cache::{HeldRole, HeldRoles, Partitions, UNION};
use super::{Connection, Result, Store};

/// A role to create.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// The name, which is the key.
    pub name: &'static str,
    /// The title, a template that the web client translates.
    pub title: &'static str,
    /// Actions that are allowed on every data table.
    pub strategy: Option<Value>,
    /// Whether new accounts get the role.
    pub default: bool,
    /// Whether lists leave the role out.
    pub hidden: bool,
    /// Whether the role may configure data tables.
    pub allow_configure: Option<bool>,
    /// Whether the role sees new menu entries.
    pub allow_new_menu: bool,
    /// The names of its settings areas.
    pub snippets: Value,
}

impl<C: Connection> Store<C> {
    /// The roles of an account, each with its assignment (the row of `rolesUsers`), by name.
    pub async fn roles_of(&self, user_id: i64) -> Result<Vec<HeldRole>> {
        Ok(self.held_roles_of(user_id).await?.roles.to_vec())
    }

    /// The roles of an account, and whether it uses their union unless a request names a role.
    pub async fn held_roles_of(&self, user_id: i64) -> Result<HeldRoles> {
        let assignments = self.role_assignments_of(user_id).await?;
        let names = assignments
            .iter()
            .map(|assignment| assignment.role_name.clone());
        let mut roles = role::Entity::find()
            .filter(role::Column::Name.is_in(names))
            .all(&self.connection)
            .await?;
        let pair = |assignment: role_user::Model| {
            let at = roles
                .iter()
                .position(|role| role.name == assignment.role_name)?;
            Some((Arc::new(roles.swap_remove(at)), assignment))
        };
        Ok(HeldRoles::of(assignments, pair))
    }

    /// The roles of each of these accounts, with their assignments, by name. Accounts without a role
    /// are left out.
    pub async fn roles_of_each(&self, user_ids: &[i64]) -> Result<HashMap<i64, Vec<HeldRole>>> {
        let by_name = |role: role::Model| (role.name.clone(), Arc::new(role));
        let roles: HashMap<_, _> = self.roles().await?.into_iter().map(by_name).collect();
        let mut held: HashMap<i64, Vec<HeldRole>> = HashMap::new();
        for ids in user_ids.chunks(KEYS) {
            let assignments = role_user::Entity::find()
                .filter(role_user::Column::UserId.is_in(ids.iter().copied()))
                .order_by_asc(role_user::Column::RoleName)
                .all(&self.connection)
                .await?;
            for assignment in assignments {
                // The assignment of the union has no role.
                if let Some(role) = roles.get(&assignment.role_name) {
                    let of_account = held.entry(assignment.user_id).or_default();
                    of_account.push((role.clone(), assignment));
                }
            }
        }
        Ok(held)
    }

    /// The assignments of roles to an account, by the roles' names.
    pub(super) async fn role_assignments_of(&self, user_id: i64) -> Result<Vec<role_user::Model>> {
        Ok(role_user::Entity::find()
            .filter(role_user::Column::UserId.eq(user_id))
            .order_by_asc(role_user::Column::RoleName)
            .all(&self.connection)
            .await?)
    }

    /// Those of these accounts that have a role.
    pub async fn holders_of_role(&self, role_name: &str, user_ids: &[i64]) -> Result<Vec<i64>> {
        let assignments = role_user::Entity::find()
            .filter(role_user::Column::RoleName.eq(role_name))
            .filter(role_user::Column::UserId.is_in(user_ids.iter().copied()))
            .all(&self.connection)
            .await?;
        Ok(assignments
            .into_iter()
            .map(|assignment| assignment.user_id)
            .collect())
    }

    /// All roles, sorted by name.
    pub async fn roles(&self) -> Result<Vec<role::Model>> {
        let all = role::Entity::find().order_by_asc(role::Column::Name);
        Ok(all.all(&self.connection).await?)
    }

    /// Assigns a role to an account.
    pub async fn grant_role(
        &self,
        user_id: i64,
        role_name: &str,
        default: Option<bool>,
    ) -> Result<()> {
        let assignment = self.role_assignment(user_id, role_name, default);
        let only = Partitions::only_account(user_id);
        assignment
            .insert(&self.connection.invalidating_only(only))
            .await?;
        Ok(())
    }

    fn role_assignment(
        &self,
        user_id: i64,
        role_name: &str,
        default: Option<bool>,
    ) -> role_user::ActiveModel {
        let now = self.now();
        role_user::ActiveModel {
            role_name: Set(role_name.to_owned()),
            user_id: Set(user_id),
            created_at: Set(now),
            updated_at: Set(now),
            default: Set(default),
        }
    }

    /// Assigns the default role to an account that was just created. Without a role, its requests
    /// would be refused.
    pub(super) async fn grant_default_role(&self, user_id: i64) -> Result<()> {
        let default = role::Entity::find()
            .filter(role::Column::Default.eq(true))
            .order_by_asc(role::Column::Name)
            .one(&self.connection)
            .await?;
        if let Some(role) = default {
            let assignment = self.role_assignment(user_id, &role.name, None);
            let none = Partitions::no_account();
            assignment
                .insert(&self.connection.invalidating_only(none))
                .await?;
        }
        Ok(())
    }

    /// Those of these names that are names of roles.
    pub async fn existing_roles(&self, names: &[String]) -> Result<Vec<String>> {
        // All roles are read, because there are few; the names come from clients, which may send
        // thousands, or texts that no column can hold.
        let wanted: HashSet<_> = names.iter().collect();
        let roles = role::Entity::find()
            .order_by_asc(role::Column::Name)
            .all(&self.connection)
            .await?;
        let names = roles.into_iter().map(|role| role.name);
        Ok(names.filter(|name| wanted.contains(name)).collect())
    }

    /// Assigns exactly the roles of these names to an account. Assignments that stay are not changed, and
    /// that of the union is never removed, since it is no role.
    pub async fn set_roles(&self, user_id: i64, names: &[String]) -> Result<()> {
        let wanted = self.existing_roles(names).await?;
        let kept = wanted.iter().map(String::as_str).chain([UNION]);
        role_user::Entity::delete_many()
            .filter(role_user::Column::UserId.eq(user_id))
            .filter(role_user::Column::RoleName.is_not_in(kept))
            .exec(
                &self
                    .connection
                    .invalidating_only(Partitions::only_account(user_id)),
            )
            .await?;
        let held = self.roles_of(user_id).await?;
        for name in wanted
            .iter()
            .filter(|name| held.iter().all(|(role, _)| role.name != **name))
        {
            self.grant_role(user_id, name, None).await?;
        }
        Ok(())
    }

    /// Makes a role, or the union of all, the account's default. When the account does not have the
    /// role, only the previous default is cleared, as in NocoBase 2.2.15.
    pub async fn set_default_role(&self, user_id: i64, role_name: &str) -> Result<()> {
        let connection = self
            .connection
            .invalidating_only(Partitions::only_account(user_id));
        let of_user = role_user::Column::UserId.eq(user_id);
        let set = |default| role_user::ActiveModel {
            default: Set(Some(default)),
            updated_at: Set(self.now()),
            ..Default::default()
        };
        role_user::Entity::update_many()
            .set(set(false))
            .filter(of_user.clone())
            .filter(role_user::Column::Default.eq(true))
            .exec(&connection)
            .await?;
        if role_name == UNION {
            let assignment = self.role_assignment(user_id, UNION, Some(true));
            let key = [role_user::Column::RoleName, role_user::Column::UserId];
            let values = [role_user::Column::Default, role_user::Column::UpdatedAt];
            let again = OnConflict::columns(key).update_columns(values).to_owned();
            let insert = role_user::Entity::insert(assignment).on_conflict(again);
            insert.exec_without_returning(&connection).await?;
            return Ok(());
        }
        role_user::Entity::update_many()
            .set(set(true))
            .filter(of_user)
            .filter(role_user::Column::RoleName.eq(role_name))
            .exec(&connection)
            .await?;
        Ok(())
    }

    /// Creates a role.
    pub async fn create_role(&self, role: NewRole) -> Result<()> {
        let now = self.now();
        let row = role::ActiveModel {
            name: Set(role.name.to_owned()),
            created_at: Set(now),
            updated_at: Set(now),
            title: Set(Some(role.title.to_owned())),
            strategy: Set(role.strategy),
            default: Set(Some(role.default)),
            hidden: Set(Some(role.hidden)),
            allow_configure: Set(role.allow_configure),
            allow_new_menu: Set(Some(role.allow_new_menu)),
            allow_new_mobile_menu: Set(Some(role.allow_new_menu)),
            allow_new_ai_employee: Set(Some(true)),
            snippets: Set(Some(role.snippets)),
            ..Default::default()
        };
        row.insert(&self.connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::NewUser;

    #[tokio::test]
    async fn the_roles_of_several_accounts_are_read_together_and_each_gets_its_own() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        for name in ["admin", "member"] {
            let role = NewRole {
                name,
                title: name,
                strategy: None,
                default: name == "member",
                hidden: false,
                allow_configure: None,
                allow_new_menu: false,
                snippets: json!([]),
            };
            store.create_role(role).await.unwrap();
        }
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(store.create_user(NewUser::default()).await.unwrap().id);
        }
        store.grant_role(ids[1], "admin", None).await.unwrap();
        store.set_roles(ids[2], &[]).await.unwrap();

        let heard = store.heard();
        let held = store.roles_of_each(&ids).await.unwrap();
        assert_eq!(heard.take().len(), 2, "all roles, and all assignments");
        let all = [vec!["member"], vec!["admin", "member"], vec![]];
        for (id, expected) in ids.iter().zip(all) {
            let roles = held.get(id).into_iter().flatten();
            let names: Vec<_> = roles.map(|(role, _)| role.name.as_str()).collect();
            assert_eq!(names, expected, "{id}");
        }
    }
}
