//! Roles, and who has them.

use entity::{role, role_user};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use serde_json::Value;

use super::{Result, Store};

/// A role to create.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// Name, the key.
    pub name: &'static str,
    /// Title, a template that the web client translates.
    pub title: &'static str,
    /// Actions allowed on every data table.
    pub strategy: Option<Value>,
    /// Whether new accounts get it.
    pub default: bool,
    /// Whether lists leave it out.
    pub hidden: bool,
    /// Whether it may configure data tables.
    pub allow_configure: Option<bool>,
    /// Whether it sees new menu entries.
    pub allow_new_menu: bool,
    /// Names of settings areas.
    pub snippets: Value,
}

impl<C: ConnectionTrait> Store<C> {
    /// The roles of an account with what ties them to it, by name.
    pub async fn roles_of(&self, user_id: i64) -> Result<Vec<(role::Model, role_user::Model)>> {
        let memberships = role_user::Entity::find()
            .filter(role_user::Column::UserId.eq(user_id))
            .order_by_asc(role_user::Column::RoleName)
            .all(&self.connection)
            .await?;
        let names = memberships
            .iter()
            .map(|membership| membership.role_name.clone());
        let mut roles = role::Entity::find()
            .filter(role::Column::Name.is_in(names))
            .all(&self.connection)
            .await?;
        let pair = |membership: role_user::Model| {
            let at = roles
                .iter()
                .position(|role| role.name == membership.role_name)?;
            Some((roles.swap_remove(at), membership))
        };
        Ok(memberships.into_iter().filter_map(pair).collect())
    }

    /// Gives an account a role.
    pub async fn grant_role(
        &self,
        user_id: i64,
        role_name: &str,
        default: Option<bool>,
    ) -> Result<()> {
        let now = self.now();
        let row = role_user::ActiveModel {
            role_name: Set(role_name.to_owned()),
            user_id: Set(user_id),
            created_at: Set(now),
            updated_at: Set(now),
            default: Set(default),
        };
        row.insert(&self.connection).await?;
        Ok(())
    }

    /// Gives an account the role that new accounts get. Without one, requests of the account would
    /// be refused.
    pub async fn grant_default_role(&self, user_id: i64) -> Result<()> {
        let default = role::Entity::find()
            .filter(role::Column::Default.eq(true))
            .order_by_asc(role::Column::Name)
            .one(&self.connection)
            .await?;
        match default {
            Some(role) => self.grant_role(user_id, &role.name, None).await,
            None => Ok(()),
        }
    }

    /// Those of these names that roles have.
    pub async fn existing_roles(&self, names: &[String]) -> Result<Vec<String>> {
        let found = role::Entity::find().filter(role::Column::Name.is_in(names));
        let found = found
            .order_by_asc(role::Column::Name)
            .all(&self.connection)
            .await?;
        Ok(found.into_iter().map(|role| role.name).collect())
    }

    /// Gives an account exactly the roles of these names. Ties that stay keep what they say.
    pub async fn set_roles(&self, user_id: i64, names: &[String]) -> Result<()> {
        let wanted = self.existing_roles(names).await?;
        role_user::Entity::delete_many()
            .filter(role_user::Column::UserId.eq(user_id))
            .filter(role_user::Column::RoleName.is_not_in(&wanted))
            .exec(&self.connection)
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

    /// Makes a role the one that an account acts with unless a request names another. One that the
    /// account does not have only unmakes the one before, as in NocoBase 2.2.15.
    pub async fn set_default_role(&self, user_id: i64, role_name: &str) -> Result<()> {
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
            .exec(&self.connection)
            .await?;
        role_user::Entity::update_many()
            .set(set(true))
            .filter(of_user)
            .filter(role_user::Column::RoleName.eq(role_name))
            .exec(&self.connection)
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
