//! Which account belongs to which subject at an authenticator.

use entity::user;
use entity::user_authenticator::{ActiveModel, Column, Entity, Model};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use serde_json::Value;

use super::query::{Found, Page, paged};
use super::{Result, Store};

impl<C: ConnectionTrait> Store<C> {
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
        let now = self.now();
        let row = ActiveModel {
            authenticator: Set(authenticator.to_owned()),
            user_id: Set(user_id),
            uuid: Set(subject.to_owned()),
            nickname: Set(nickname.to_owned()),
            avatar: Set(avatar.to_owned()),
            meta: Set(Some(meta)),
            created_at: Set(now),
            updated_at: Set(now),
            created_by_id: Set(None),
            updated_by_id: Set(None),
        };
        row.insert(&self.connection).await?;
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
