//! Which account belongs to which subject at an authenticator.

use entity::user;
use entity::user_authenticator::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QueryOrder,
};
use serde_json::Value;

use super::query::{Found, Page, paged};
use super::{Connection, Result, Store};

/// A binding to create.
#[derive(Clone, Debug)]
pub struct NewBinding {
    /// Name of the authenticator.
    pub authenticator: String,
    /// The account.
    pub user_id: i64,
    /// The subject.
    pub uuid: String,
    /// Display name.
    pub nickname: String,
    /// Address of a picture.
    pub avatar: String,
    /// What is known about the subject.
    pub meta: Value,
    /// Who creates it; nobody when a sign-in does.
    pub author: Option<i64>,
}

impl<C: Connection> Store<C> {
    /// Bindings of this subject. NocoBase's table allows several; only one can be signed in to.
    pub async fn bindings_of_subject(
        &self,
        authenticator: &str,
        subject: &str,
    ) -> Result<Vec<Model>> {
        let rows = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::Uuid.eq(subject))
            .all(&self.connection)
            .await?;
        // DingTalk's user ids differ by case, which some collations ignore.
        Ok(rows.into_iter().filter(|row| row.uuid == subject).collect())
    }

    /// Bindings that keep a text like this one. A rough search through all of the authenticator's,
    /// for somebody whom no subject finds: the caller compares.
    pub async fn bindings_that_keep(
        &self,
        authenticator: &str,
        identifier: &str,
    ) -> Result<Vec<Model>> {
        // Whatever JSON or the pattern would write otherwise may be anything.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '%' };
        let pattern: String = identifier.chars().map(plain).collect();
        let text = match self.connection.get_database_backend() {
            // There, CHAR alone is a single character.
            DbBackend::Postgres | DbBackend::Sqlite => "TEXT",
            _ => "CHAR",
        };
        let meta = Expr::col(Column::Meta).cast_as(text);
        Ok(Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(meta.like(format!("%{pattern}%")))
            .all(&self.connection)
            .await?)
    }

    /// How many bindings of an authenticator were not made by us: they keep none of the identifiers
    /// that ours do.
    pub async fn bindings_made_elsewhere(&self, authenticator: &str) -> Result<u64> {
        let text = match self.connection.get_database_backend() {
            DbBackend::Postgres | DbBackend::Sqlite => "TEXT",
            _ => "CHAR",
        };
        let ours = Expr::col(Column::Meta).cast_as(text).like("%unionId%");
        Ok(Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::Meta.is_null().or(ours.not()))
            .count(&self.connection)
            .await?)
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

    /// Binds an account to a subject. A conflict when either is bound already.
    pub async fn bind(
        &self,
        authenticator: &str,
        subject: &str,
        user_id: i64,
        nickname: &str,
        avatar: &str,
        meta: Value,
    ) -> Result<()> {
        let new = NewBinding {
            authenticator: authenticator.to_owned(),
            user_id,
            uuid: subject.to_owned(),
            nickname: nickname.to_owned(),
            avatar: avatar.to_owned(),
            meta,
            author: None,
        };
        self.create_binding(new).await?;
        Ok(())
    }

    /// Creates a binding. A conflict when the account or the subject is bound already.
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
        Ok(row.insert(&self.connection).await?)
    }

    /// Writes what a binding says; which account it binds where stays.
    pub async fn update_binding(&self, binding: Model) -> Result<Model> {
        let row = ActiveModel {
            authenticator: Set(binding.authenticator),
            user_id: Set(binding.user_id),
            uuid: Set(binding.uuid),
            nickname: Set(binding.nickname),
            avatar: Set(binding.avatar),
            meta: Set(binding.meta),
            updated_at: Set(self.now()),
            updated_by_id: Set(binding.updated_by_id),
            ..Default::default()
        };
        Ok(row.update(&self.connection).await?)
    }

    /// Removes the binding of an account. Gives 1, or 0 when there is none.
    pub async fn remove_binding(&self, authenticator: &str, user_id: i64) -> Result<u64> {
        let gone = Entity::delete_by_id((authenticator.to_owned(), user_id));
        Ok(gone.exec(&self.connection).await?.rows_affected)
    }

    /// Brings what a binding says up to date. A conflict when another account has the subject.
    pub async fn save_binding(&self, binding: &Model) -> Result<()> {
        let row = ActiveModel {
            authenticator: Set(binding.authenticator.clone()),
            user_id: Set(binding.user_id),
            uuid: Set(binding.uuid.clone()),
            nickname: Set(binding.nickname.clone()),
            avatar: Set(binding.avatar.clone()),
            meta: Set(binding.meta.clone()),
            updated_at: Set(self.now()),
            ..Default::default()
        };
        row.update(&self.connection).await?;
        Ok(())
    }

    /// Accounts that are bound at an authenticator, with their bindings.
    pub async fn bound_users(
        &self,
        authenticator: &str,
        page: Option<Page>,
    ) -> Result<Found<(user::Model, Model)>> {
        let bindings = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .order_by_asc(Column::UserId)
            .all(&self.connection)
            .await?;
        let ids = bindings.iter().map(|binding| binding.user_id);
        let users = user::Entity::find().filter(user::Column::Id.is_in(ids));
        let count = users.clone().count(&self.connection).await?;
        let users = paged(users.order_by_asc(user::Column::Id), page)
            .all(&self.connection)
            .await?;
        let with_binding = |user: user::Model| {
            let binding = bindings
                .iter()
                .find(|binding| binding.user_id == user.id)?
                .clone();
            Some((user, binding))
        };
        Ok(Found {
            rows: users.into_iter().filter_map(with_binding).collect(),
            count,
        })
    }

    /// Lets bindings follow their authenticator to its new name.
    pub async fn rename_bindings(&self, old: &str, new: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Authenticator, Expr::value(new))
            .filter(Column::Authenticator.eq(old))
            .exec(&self.connection)
            .await?;
        Ok(())
    }

    /// Removes all bindings at an authenticator.
    pub async fn remove_bindings(&self, authenticator: &str) -> Result<u64> {
        let removed = Entity::delete_many().filter(Column::Authenticator.eq(authenticator));
        Ok(removed.exec(&self.connection).await?.rows_affected)
    }
}
