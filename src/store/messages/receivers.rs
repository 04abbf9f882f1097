//! The receivers of messages: finding them, and their identifiers at the provider.

use std::collections::HashMap;

use entity::{department_user, directory_member, message, user, user_authenticator};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityName, EntityTrait, QueryFilter, QuerySelect};

use crate::store::batch::KEYS;
use crate::store::{Result, Store, is_storable};

impl Store {
    /// Accounts with these user names, matched exactly.
    pub async fn users_named(&self, names: &[String]) -> Result<Vec<(i64, String)>> {
        let names: Vec<_> = names.iter().filter(|name| is_storable(name)).collect();
        let mut all = Vec::new();
        for names in names.chunks(KEYS) {
            let found: Vec<(i64, String)> = user::Entity::find()
                .select_only()
                .column(user::Column::Id)
                .column(user::Column::Username)
                .filter(user::Column::Username.is_in(names.iter().copied()))
                .into_tuple()
                .all(&self.connection)
                .await?;
            // A collation that ignores case finds others, too.
            all.extend(found.into_iter().filter(|(_, name)| names.contains(&name)));
        }
        Ok(all)
    }

    /// Those of these accounts that exist.
    pub async fn users_among(&self, ids: &[i64]) -> Result<Vec<i64>> {
        let mut all = Vec::new();
        for ids in ids.chunks(KEYS) {
            let found: Vec<i64> = user::Entity::find()
                .select_only()
                .column(user::Column::Id)
                .filter(user::Column::Id.is_in(ids.iter().copied()))
                .into_tuple()
                .all(&self.connection)
                .await?;
            all.extend(found);
        }
        Ok(all)
    }

    /// The accounts that are directly in one of these departments, at most `limit` of them.
    pub async fn users_in_departments(&self, ids: &[i64], limit: u64) -> Result<Vec<i64>> {
        use department_user::{Column, Entity};
        if ids.is_empty() || !self.has_table(Entity.table_name()).await? {
            return Ok(Vec::new());
        }
        let found = Entity::find()
            .select_only()
            .column(Column::UserId)
            .distinct()
            .filter(Column::DepartmentId.is_in(ids.iter().copied()))
            .limit(limit);
        Ok(found.into_tuple().all(&self.connection).await?)
    }

    /// The bindings of these accounts at an authenticator, by account.
    pub async fn bindings_among(
        &self,
        authenticator: &str,
        users: &[i64],
    ) -> Result<HashMap<i64, user_authenticator::Model>> {
        use user_authenticator::{Column, Entity};
        let mut all = HashMap::new();
        for users in users.chunks(KEYS) {
            let found = Entity::find()
                .filter(Column::Authenticator.eq(authenticator))
                .filter(Column::UserId.is_in(users.iter().copied()))
                .all(&self.connection)
                .await?;
            all.extend(found.into_iter().map(|row| (row.user_id, row)));
        }
        Ok(all)
    }

    /// Those of these accounts whose people have left, according to a directory's source.
    pub async fn gone_among(&self, source_id: i64, users: &[i64]) -> Result<Vec<i64>> {
        use directory_member::{Column, Entity};
        let mut all = Vec::new();
        for users in users.chunks(KEYS) {
            let found: Vec<Option<i64>> = Entity::find()
                .select_only()
                .column(Column::UserId)
                .filter(Column::SourceId.eq(source_id))
                .filter(Column::UserId.is_in(users.iter().copied()))
                .filter(Column::IsGone.eq(true))
                .into_tuple()
                .all(&self.connection)
                .await?;
            all.extend(found.into_iter().flatten());
        }
        Ok(all)
    }

    /// Stores the receiver's identifier at the provider, which could not be asked for before.
    pub async fn note_receiver(&self, send_id: &str, user_id: i64, receiver: &str) -> Result<()> {
        use message::{Column, Entity};
        Entity::update_many()
            .col_expr(Column::Receiver, Expr::value(receiver))
            .filter(Column::SendId.eq(send_id))
            .filter(Column::UserId.eq(user_id))
            .exec(&self.connection)
            .await?;
        Ok(())
    }
}
