//! Bindings: which account belongs to which person at an authenticator.
//!
//! Each writer here writes the row of `usersAuthenticators` and its copy in the lookup table, so that
//! nobody else has to know of the copies.
//!
//! All of them lock in the same order: the account, if the caller locks it ([`Store::lock_user`]), then
//! its bindings, and then their copies. With different orders, two transactions could wait for each
//! other until the database ends one of them. So also a binding that is removed goes before its copy,
//! and a transaction leaves a wrong copy that it comes across to the next comparison.
//!
//! Whoever writes the bindings of several accounts goes through this once for each of them, and can still meet
//! somebody who renames or removes all bindings of an authenticator. For that there is [`repeated`].
//!
//! [`repeated`]: super::repeated

mod binding_comparison;
mod copies;
#[cfg(test)]
mod tests;

pub use copies::MOST_BINDINGS;

use std::collections::HashMap;

use entity::user;
use entity::user_authenticator::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoSimpleExpr, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use serde_json::Value;

use super::query::{Found, Listing, QueryError, Total};
use super::{Connection, Result, Store, StoreError, Transaction};

/// A binding to create.
#[derive(Clone, Debug)]
pub struct NewBinding {
    /// Name of the authenticator.
    pub authenticator: String,
    /// The account.
    pub user_id: i64,
    /// The person's identifier at the provider, their subject.
    pub uuid: String,
    /// Display name.
    pub nickname: String,
    /// The address of a picture.
    pub avatar: String,
    /// Further data about the person.
    pub meta: Value,
    /// The account that creates the binding; none when a sign-in does.
    pub author: Option<i64>,
}

/// Bindings that have another name of their authenticator. [`super::Coverage::rename`] has to learn
/// of it as soon as the transaction is committed.
#[derive(Debug)]
#[must_use = "after the commit, the coverage has to follow"]
pub struct RenamedBindings {
    pub(super) old: String,
    pub(super) new: String,
    /// Whether nobody was bound under the new name before.
    pub(super) is_alone: bool,
}

impl<C: Connection> Store<C> {
    /// Whether somebody is bound at an authenticator.
    pub async fn is_anybody_bound(&self, authenticator: &str) -> Result<bool> {
        let bound = Entity::find().filter(Column::Authenticator.eq(authenticator));
        Ok(bound.one(&self.connection).await?.is_some())
    }

    /// The binding of this account, if it has one.
    pub async fn binding_of_user(
        &self,
        authenticator: &str,
        user_id: i64,
    ) -> Result<Option<Model>> {
        Ok(Entity::find_by_id((authenticator.to_owned(), user_id))
            .one(&self.connection)
            .await?)
    }
}

impl Store {
    /// The accounts that are bound at an authenticator, listed as accounts are, with their
    /// bindings.
    pub async fn bound_users(
        &self,
        authenticator: &str,
        listing: &Listing,
    ) -> std::result::Result<Found<(user::Model, Model)>, QueryError> {
        let of_account = Entity::belongs_to(user::Entity)
            .from(Column::UserId)
            .to(user::Column::Id)
            .into();
        let bound = user::Entity::find()
            .join_rev(JoinType::InnerJoin, of_account)
            .filter(Column::Authenticator.eq(authenticator));
        // This column has the same values as the accounts' ids, and is in order within one
        // authenticator.
        let keys = vec![Column::UserId.into_simple_expr()];
        let total = Total::BoundAt(authenticator);
        let Found { rows, count } = self.list_of(bound, listing, keys, total).await?;
        // There are only as many ids as rows on a page.
        let ids = rows.iter().map(|user| user.id);
        let bindings = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::UserId.is_in(ids))
            .all(&self.connection)
            .await
            .map_err(StoreError::from)?;
        let mut bindings: HashMap<_, _> = bindings
            .into_iter()
            .map(|binding| (binding.user_id, binding))
            .collect();
        let with_binding = |user: user::Model| {
            let binding = bindings.remove(&user.id)?;
            Some((user, binding))
        };
        Ok(Found {
            rows: rows.into_iter().filter_map(with_binding).collect(),
            count,
        })
    }
}

impl Transaction {
    /// Creates a binding. Fails with a conflict when the account or the person is bound already.
    pub async fn create_binding(&self, new: NewBinding) -> Result<Model> {
        let now = self.now();
        let row = ActiveModel {
            authenticator: Set(new.authenticator),
            user_id: Set(new.user_id),
            uuid: Set(new.uuid),
            nickname: Set(new.nickname),
            avatar: Set(new.avatar),
            meta: Set(Some(new.meta)),
            created_at: Set(now),
            updated_at: Set(now),
            created_by_id: Set(new.author),
            updated_by_id: Set(new.author),
        };
        let binding = row.insert(&self.connection).await?;
        self.record_binding(&binding).await?;
        Ok(binding)
    }

    /// Locks a binding until the transaction ends, and reads it as it is then, even where the
    /// transaction sees everything else as of an earlier moment; none if there is none.
    pub async fn lock_binding(&self, authenticator: &str, user_id: i64) -> Result<Option<Model>> {
        let locked = Entity::find_by_id((authenticator.to_owned(), user_id)).lock_exclusive();
        Ok(locked.one(&self.connection).await?)
    }

    /// Writes the data of a binding, all of its columns. The row must have been read while the account
    /// was locked, or what others have written since would be lost. Its account and authenticator stay
    /// the same. Fails with a conflict when another account has the subject.
    pub async fn save_binding(&self, binding: &Model) -> Result<Model> {
        let row = ActiveModel {
            authenticator: Set(binding.authenticator.clone()),
            user_id: Set(binding.user_id),
            uuid: Set(binding.uuid.clone()),
            nickname: Set(binding.nickname.clone()),
            avatar: Set(binding.avatar.clone()),
            meta: Set(binding.meta.clone()),
            updated_at: Set(self.now()),
            updated_by_id: Set(binding.updated_by_id),
            ..Default::default()
        };
        let binding = row.update(&self.connection).await?;
        self.record_binding(&binding).await?;
        Ok(binding)
    }

    /// Removes the binding of an account. Returns 1, or 0 when there is none.
    pub async fn remove_binding(&self, authenticator: &str, user_id: i64) -> Result<u64> {
        let gone = Entity::delete_by_id((authenticator.to_owned(), user_id));
        let count = gone.exec(&self.connection).await?.rows_affected;
        self.forget_bound_person(authenticator, user_id).await?;
        Ok(count)
    }

    /// The names of the authenticators at which an account is bound.
    pub async fn authenticators_of(&self, user_id: i64) -> Result<Vec<String>> {
        let bound = Entity::find()
            .select_only()
            .column(Column::Authenticator)
            .filter(Column::UserId.eq(user_id))
            .order_by_asc(Column::Authenticator)
            .into_tuple();
        Ok(bound.all(&self.connection).await?)
    }

    /// Removes all bindings of an account.
    pub(in crate::store) async fn remove_bindings_of(&self, user_id: i64) -> Result<()> {
        let gone = Entity::delete_many().filter(Column::UserId.eq(user_id));
        gone.exec(&self.connection).await?;
        self.forget_bound_account(user_id).await
    }

    /// Removes all bindings at an authenticator.
    pub async fn remove_bindings_at(&self, authenticator: &str) -> Result<u64> {
        let gone = Entity::delete_many().filter(Column::Authenticator.eq(authenticator));
        let count = gone.exec(&self.connection).await?.rows_affected;
        self.forget_bound_people(authenticator).await?;
        Ok(count)
    }

    /// Changes the bindings of an authenticator that gets a new name. Somebody may have signed in
    /// under the new name already, and have been bound there; their older binding stays.
    ///
    /// NocoBase's tables on MySQL have collations to which names are the same that differ in
    /// capitals only. Bindings under the old name are then not mistaken for ones under the new.
    pub async fn rename_bindings(&self, old: &str, new: &str) -> Result<RenamedBindings> {
        let of_older = |column: Column| {
            let older = Entity::find().select_only().column(column);
            let older = older.filter(Column::Authenticator.eq(old)).into_query();
            column.in_subquery(older)
        };
        let same = Condition::any()
            .add(of_older(Column::UserId))
            .add(of_older(Column::Uuid));
        let newer: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::Authenticator.eq(new))
            .filter(Column::Authenticator.ne(old))
            .filter(same)
            .into_tuple()
            .all(&self.connection)
            .await?;
        for user_id in newer {
            let gone = Entity::delete_by_id((new.to_owned(), user_id));
            gone.exec(&self.connection).await?;
        }
        // Copies without a binding could be in the way of the others. Which ones they are can be seen
        // only while the bindings have their old names.
        let mut stale = Vec::new();
        for name in [old, new] {
            stale.push((name, self.gone_people(name).await?));
        }
        let is_alone = !self.is_anybody_bound(new).await?;
        Entity::update_many()
            .col_expr(Column::Authenticator, Expr::value(new))
            .filter(Column::Authenticator.eq(old))
            .exec(&self.connection)
            .await?;
        for (name, accounts) in stale {
            self.forget_people(name, &accounts).await?;
        }
        self.rename_bound_people(old, new).await?;
        Ok(RenamedBindings {
            old: old.to_owned(),
            new: new.to_owned(),
            is_alone,
        })
    }
}
