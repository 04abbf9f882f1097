//! Accounts.

use entity::user::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{Result, Store, is_storable};

/// An account to create.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// Display name.
    pub nickname: Option<String>,
    /// Name to sign in with.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Password in NocoBase's hashed form.
    pub password: Option<String>,
}

impl<C: ConnectionTrait> Store<C> {
    /// The account with this id.
    pub async fn user(&self, id: i64) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(id).one(&self.connection).await?)
    }

    /// The account that signs in with this user name or e-mail address, matched exactly.
    pub async fn user_by_account(&self, account: &str) -> Result<Option<Model>> {
        if !is_storable(account) {
            return Ok(None);
        }
        let either = Condition::any()
            .add(Column::Username.eq(account))
            .add(Column::Email.eq(account));
        let found = Entity::find().filter(either).order_by_asc(Column::Id);
        // A collation that ignores case must not let another account in.
        let rows = found.all(&self.connection).await?;
        Ok(rows.into_iter().find(|user| {
            user.username.as_deref() == Some(account) || user.email.as_deref() == Some(account)
        }))
    }

    /// Whether an account has this as its user name or e-mail address, or one that the database
    /// takes for the same.
    pub async fn is_account_taken(&self, account: &str) -> Result<bool> {
        let either = Condition::any()
            .add(Column::Username.eq(account))
            .add(Column::Email.eq(account));
        let found = Entity::find().filter(either).one(&self.connection).await?;
        Ok(found.is_some())
    }

    /// Accounts whose phone number holds these digits in this order, whatever stands between them.
    /// A rough search: the caller compares the normalised numbers.
    pub async fn users_by_phone_digits(&self, digits: &str) -> Result<Vec<(i64, String)>> {
        // Separators may stand anywhere in what somebody typed: `%1%3%8%`.
        let pattern: String = digits
            .chars()
            .flat_map(|digit| ['%', digit])
            .chain(['%'])
            .collect();
        let rows: Vec<(i64, Option<String>)> = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::Phone)
            .filter(Column::Phone.like(pattern))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(id, phone)| Some((id, phone?)))
            .collect())
    }

    /// Creates an account with the default role, as NocoBase's model layer does.
    pub async fn create_user(&self, user: NewUser) -> Result<Model> {
        let now = self.now();
        let row = ActiveModel {
            created_at: Set(Some(now)),
            updated_at: Set(Some(now)),
            nickname: Set(user.nickname),
            username: Set(user.username),
            email: Set(user.email),
            phone: Set(user.phone),
            password: Set(user.password),
            system_settings: Set(Some(json!({}))),
            ..Default::default()
        };
        let user = row.insert(&self.connection).await?;
        self.grant_default_role(user.id).await?;
        Ok(user)
    }
}
