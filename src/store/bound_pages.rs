//! Pages of bound accounts, and the search for accounts by a few letters.

use std::collections::HashMap;

use entity::user_authenticator::{Column, Entity, Model};
use entity::{contact, user};
use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::query::{Page, like_pattern};
use super::{Result, Store, is_storable};
use crate::phone::Phone;

/// How many accounts one search finds at most. A longer search text finds fewer.
pub const MOST_FOUND: u64 = 50;

impl Store {
    /// The accounts that are bound at an authenticator, newest first, each with its binding; only
    /// the accounts `among`, if given. A binding whose account no longer exists comes without one.
    pub async fn bound_page(
        &self,
        authenticator: &str,
        among: Option<&[i64]>,
        page: Page,
    ) -> Result<Vec<(Model, Option<user::Model>)>> {
        if among.is_some_and(<[i64]>::is_empty) {
            return Ok(Vec::new());
        }
        let mut bindings = Entity::find().filter(Column::Authenticator.eq(authenticator));
        if let Some(ids) = among {
            bindings = bindings.filter(Column::UserId.is_in(ids.iter().copied()));
        }
        let bindings = bindings
            .order_by_desc(Column::UserId)
            .offset(page.skipped())
            .limit(page.size)
            .all(&self.connection)
            .await?;
        let ids: Vec<_> = bindings.iter().map(|binding| binding.user_id).collect();
        let users = self.users_by_id(&ids).await?.into_iter();
        let mut users: HashMap<_, _> = users.map(|user| (user.id, user)).collect();
        let with_user = |binding: Model| {
            let user = users.remove(&binding.user_id);
            (binding, user)
        };
        Ok(bindings.into_iter().map(with_user).collect())
    }

    /// How many accounts are bound at an authenticator; of the accounts `among`, if given. Without
    /// them, a number of ten thousand or more can be a minute old.
    pub async fn count_bound(&self, authenticator: &str, among: Option<&[i64]>) -> Result<u64> {
        let Some(ids) = among else {
            return Ok(self.bound_rows(authenticator).await?.0);
        };
        if ids.is_empty() {
            return Ok(0);
        }
        let bindings = Entity::find()
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::UserId.is_in(ids.iter().copied()));
        Ok(bindings.count(&self.connection).await?)
    }

    /// The accounts that a text may refer to: the one with this id, user name, e-mail address or
    /// phone number, and those whose names begin with it.
    pub async fn accounts_like(&self, text: &str) -> Result<Vec<i64>> {
        let text = text.trim();
        if text.is_empty() || !is_storable(text) {
            return Ok(Vec::new());
        }
        let mut ids = Vec::new();
        if let Ok(id) = text.parse::<i64>() {
            ids.extend(self.user(id).await?.map(|user| user.id));
        }
        ids.extend(self.users_by_username(text).await?);
        if text.contains('@') {
            ids.extend(self.users_by_email(text).await?);
        }
        if let Some(phone) = Phone::of_account(text) {
            ids.extend(self.users_by_phone(&phone).await?.same);
        }
        ids.extend(self.accounts_by_name(text).await?);
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids.truncate(usize::try_from(MOST_FOUND).unwrap_or(usize::MAX));
        Ok(ids)
    }

    /// The accounts whose names begin with a text, ignoring case.
    async fn accounts_by_name(&self, text: &str) -> Result<Vec<i64>> {
        let beginning = text.to_lowercase();
        if !self.coverage.has_accounts() {
            // Copies may be missing, and those of an older release have no names.
            let found = user::Entity::find()
                .select_only()
                .column(user::Column::Id)
                .filter(is_called(text, &beginning))
                .limit(MOST_FOUND);
            return Ok(found.into_tuple().all(&self.connection).await?);
        }
        let found = contact::Entity::find()
            .select_only()
            .column(contact::Column::UserId)
            .filter(self.begins_with(&beginning))
            .limit(MOST_FOUND);
        Ok(found.into_tuple().all(&self.connection).await?)
    }

    /// The condition, in the form for which the database uses the index.
    fn begins_with(&self, beginning: &str) -> Condition {
        let name = contact::Column::Nickname;
        if self.connection.get_database_backend() == DbBackend::Sqlite {
            // SQLite's `LIKE` ignores case and cannot use the index, which sorts texts by their bytes.
            // No text with this beginning comes after the beginning and the last Unicode character.
            let end = format!("{beginning}\u{10ffff}");
            return Condition::all().add(name.gte(beginning)).add(name.lt(end));
        }
        Condition::all().add(Expr::col(name).like(like_pattern("", beginning, "%")))
    }

    /// Those of these accounts that are bound at an authenticator.
    pub async fn bound_among(&self, authenticator: &str, ids: &[i64]) -> Result<Vec<i64>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let bound = Entity::find()
            .select_only()
            .column(Column::UserId)
            .filter(Column::Authenticator.eq(authenticator))
            .filter(Column::UserId.is_in(ids.iter().copied()));
        Ok(bound.into_tuple().all(&self.connection).await?)
    }
}

/// The condition for reading all accounts: the name begins with a text, as it was typed or in small
/// letters. A database may leave capitals other than A to Z.
fn is_called(text: &str, lower: &str) -> Condition {
    let name = || Expr::col(user::Column::Nickname);
    let in_small_letters = Expr::expr(Func::lower(name()));
    Condition::any()
        .add(name().like(like_pattern("", text, "%")))
        .add(in_small_letters.like(like_pattern("", lower, "%")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Copies, NewUser};

    #[tokio::test]
    async fn an_account_is_found_by_its_name_before_and_after_the_comparison_has_copied_it() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let mut ids = Vec::new();
        for name in ["Li Na", "100%_Özil!", "Lin"] {
            let new = NewUser {
                nickname: Some(name.to_owned()),
                ..NewUser::default()
            };
            ids.push(store.create_user(new).await.unwrap().id);
        }
        // The copies are those of a release that had no names in them.
        contact::Entity::update_many()
            .col_expr(contact::Column::Nickname, Expr::value(None::<String>))
            .exec(&store.connection)
            .await
            .unwrap();
        let found = async |what: &str| {
            for (text, expected) in [
                ("li n", vec![ids[0]]),
                ("LIN", vec![ids[2]]),
                ("100%_Ö", vec![ids[1]]),
                ("1%", vec![]),
                ("L_", vec![]),
                ("na", vec![]),
            ] {
                let found = store.accounts_like(text).await.unwrap();
                assert_eq!(found, expected, "{what}: {text}");
            }
        };
        found("all accounts are looked through").await;
        let end = store.reconcile(Copies::Accounts, i64::MIN).await;
        assert_eq!(end.unwrap(), None);
        store.coverage.set_accounts(true);
        found("by the copies").await;
    }
}
