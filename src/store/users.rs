//! Accounts.

use std::collections::HashMap;

use entity::user::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::batch::KEYS;
use super::cache::Partitions;
use super::{Connection, Result, Store, Transaction, is_storable};

/// An account to create.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// Display name.
    pub nickname: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// The password's hash, in NocoBase's format.
    pub password: Option<String>,
    /// The account that creates it; none when the person or the server does.
    pub author: Option<i64>,
}

impl Transaction {
    /// Sets the password of an account, given as a hash in NocoBase's format. Older tokens are
    /// refused from now on, and the records that could renew them are removed, because a process
    /// that does not know of the change yet must not renew any.
    ///
    /// The account is locked first, as everywhere where sessions end, so that two transactions wait
    /// for each other instead of blocking each other.
    pub async fn set_password(&self, id: i64, hash: String) -> Result<Model> {
        let now = self.now();
        let row = ActiveModel {
            id: Set(id),
            updated_at: Set(Some(now)),
            password: Set(Some(hash)),
            password_change_tz: Set(Some(now.timestamp_millis())),
            ..Default::default()
        };
        let user = self.update_user(id, row).await?;
        self.forget_sessions_of(id, None).await?;
        Ok(user)
    }

    /// Creates an account with the default role, as NocoBase does.
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
            created_by_id: Set(user.author),
            updated_by_id: Set(user.author),
            ..Default::default()
        };
        // No cache holds that the account does not exist.
        let none = Partitions::no_account();
        let user = row.insert(&self.connection.invalidating_only(none)).await?;
        self.record_contact(&user).await?;
        self.grant_default_role(user.id).await?;
        Ok(user)
    }

    /// Writes the profile of an account, all of its columns. The row must have been read by
    /// [`Store::lock_user`], or what others have written since would be lost.
    pub async fn save_user(&self, user: &Model) -> Result<Model> {
        let row = ActiveModel {
            id: Set(user.id),
            updated_at: Set(Some(self.now())),
            nickname: Set(user.nickname.clone()),
            username: Set(user.username.clone()),
            email: Set(user.email.clone()),
            phone: Set(user.phone.clone()),
            app_lang: Set(user.app_lang.clone()),
            updated_by_id: Set(user.updated_by_id),
            ..Default::default()
        };
        let user = self.update_user(user.id, row).await?;
        self.record_contact(&user).await?;
        Ok(user)
    }

    /// Removes an account with its roles, bindings, sessions and API keys. Returns 1, or 0 when
    /// there is none.
    pub async fn remove_user(&self, id: i64) -> Result<u64> {
        use entity::{api_key, issued_token, role_user};
        let c = &self
            .connection
            .invalidating_only(Partitions::only_account(id));
        let removed = Entity::delete_by_id(id).exec(c).await?.rows_affected;
        let roles = role_user::Entity::delete_many();
        roles
            .filter(role_user::Column::UserId.eq(id))
            .exec(c)
            .await?;
        self.remove_bindings_of(id).await?;
        let sessions = issued_token::Entity::delete_many();
        sessions
            .filter(issued_token::Column::UserId.eq(id))
            .exec(c)
            .await?;
        let keys = api_key::Entity::delete_many();
        keys.filter(api_key::Column::CreatedById.eq(id))
            .exec(c)
            .await?;
        self.forget_contact(id).await?;
        Ok(removed)
    }
}

impl Store {
    /// Creates an account in a transaction of its own.
    pub async fn create_user(&self, user: NewUser) -> Result<Model> {
        let transaction = self.begin().await?;
        let user = transaction.create_user(user).await?;
        transaction.commit().await?;
        Ok(user)
    }
}

impl<C: Connection> Store<C> {
    /// The account with this id.
    pub async fn user(&self, id: i64) -> Result<Option<Model>> {
        Ok(Entity::find_by_id(id).one(&self.connection).await?)
    }

    /// The accounts with these ids, in any order.
    pub async fn users_by_id(&self, ids: &[i64]) -> Result<Vec<Model>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = Entity::find().filter(Column::Id.is_in(ids.iter().copied()));
        Ok(found.all(&self.connection).await?)
    }

    /// What people call these accounts: the nickname, else the user name, else `#` and the id, as
    /// also for an account that no longer exists.
    pub async fn account_names(&self, mut ids: Vec<i64>) -> Result<HashMap<i64, String>> {
        ids.sort_unstable();
        ids.dedup();
        let mut names: HashMap<_, _> = ids.iter().map(|id| (*id, format!("#{id}"))).collect();
        for ids in ids.chunks(KEYS) {
            let users = self.users_by_id(ids).await?.into_iter();
            names.extend(users.filter_map(|user| {
                let nickname = user.nickname.filter(|name| !name.is_empty());
                Some((user.id, nickname.or(user.username)?))
            }));
        }
        Ok(names)
    }

    /// The account that signs in with this user name, which must match exactly, or e-mail address,
    /// ignoring case. An account with the user name is preferred to one with the address. If several
    /// accounts have the address, the one with exactly this spelling is preferred; without one there
    /// is no account.
    pub async fn user_by_account(&self, account: &str) -> Result<Option<Model>> {
        if !is_storable(account) {
            return Ok(None);
        }
        if let Some(exact) = self.user_by_exact_account(account).await? {
            return Ok(Some(exact));
        }
        if !account.contains('@') {
            return Ok(None);
        }
        match self.users_by_email(account).await?.as_slice() {
            [one] => self.user(*one).await,
            _ => Ok(None),
        }
    }

    async fn user_by_exact_account(&self, account: &str) -> Result<Option<Model>> {
        let either = Condition::any()
            .add(Column::Username.eq(account))
            .add(Column::Email.eq(account));
        let found = Entity::find().filter(either).order_by_asc(Column::Id);
        // A collation that ignores case must not find another account.
        let mut rows = found.all(&self.connection).await?;
        let by_name = |user: &Model| user.username.as_deref() == Some(account);
        let by_address = |user: &Model| user.email.as_deref() == Some(account);
        let by_name = rows.iter().position(by_name);
        let at = by_name.or_else(|| rows.iter().position(by_address));
        Ok(at.map(|at| rows.swap_remove(at)))
    }

    /// Whether another account has the user name, as the database compares it, which its unique
    /// index also does.
    pub async fn username_is_taken(
        &self,
        username: &str,
        for_account: Option<i64>,
    ) -> Result<bool> {
        self.is_taken(Column::Username.eq(username), for_account)
            .await
    }

    /// Whether another account has the user name, ignoring case. SQLite and PostgreSQL distinguish
    /// case, but people who read a list do not.
    pub async fn username_is_taken_in_any_case(
        &self,
        username: &str,
        for_account: Option<i64>,
    ) -> Result<bool> {
        if self.username_is_taken(username, for_account).await? {
            return Ok(true);
        }
        let found = self.users_by_username(username).await?;
        Ok(found.into_iter().any(|id| Some(id) != for_account))
    }

    /// Whether another account has the e-mail address, ignoring case, or one that the database
    /// treats as equal in its unique index.
    pub async fn email_is_taken(&self, email: &str, for_account: Option<i64>) -> Result<bool> {
        if self.is_taken(Column::Email.eq(email), for_account).await? {
            return Ok(true);
        }
        let found = self.users_by_email(email).await?;
        Ok(found.into_iter().any(|id| Some(id) != for_account))
    }

    /// Whether another account has the phone number in this spelling.
    pub async fn phone_is_taken(&self, phone: &str, for_account: Option<i64>) -> Result<bool> {
        self.is_taken(Column::Phone.eq(phone), for_account).await
    }

    async fn is_taken(&self, same: Expr, for_account: Option<i64>) -> Result<bool> {
        let mut found = Entity::find().filter(same);
        if let Some(for_account) = for_account {
            found = found.filter(Column::Id.ne(for_account));
        }
        Ok(found.one(&self.connection).await?.is_some())
    }

    /// Locks an account until the transaction ends, and reads it as it is then, even where the
    /// transaction sees everything else as of an earlier moment; none if it does not exist. SQLite
    /// has only one writer, so it needs no lock.
    pub async fn lock_user(&self, id: i64) -> Result<Option<Model>> {
        let locked = Entity::find_by_id(id).lock_exclusive();
        Ok(locked.one(&self.connection).await?)
    }

    /// Refuses tokens of an account that were issued before this, in milliseconds since the epoch.
    pub(super) async fn refuse_older_tokens(&self, id: i64, before_ms: i64) -> Result<()> {
        let row = ActiveModel {
            id: Set(id),
            updated_at: Set(Some(self.now())),
            password_change_tz: Set(Some(before_ms)),
            ..Default::default()
        };
        self.update_user(id, row).await?;
        Ok(())
    }

    async fn update_user(&self, id: i64, row: ActiveModel) -> Result<Model> {
        let only = Partitions::only_account(id);
        Ok(row.update(&self.connection.invalidating_only(only)).await?)
    }

    /// Stores the language of an account's web client.
    pub async fn set_user_language(&self, id: i64, language: Option<String>) -> Result<()> {
        let row = ActiveModel {
            id: Set(id),
            updated_at: Set(Some(self.now())),
            app_lang: Set(language),
            ..Default::default()
        };
        self.update_user(id, row).await?;
        Ok(())
    }
}
