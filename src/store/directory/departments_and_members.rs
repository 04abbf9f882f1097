//! Departments and people as the provider last described them, and which of them are managed here.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{directory_department, directory_member, user};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, SelectTwo,
};

use crate::email;
use crate::store::batch::KEYS;
use crate::store::{Connection, Result, Store, shortened};

/// A person whom an earlier run has recorded, with the account if it still exists.
pub type AccountOfPage = (directory_member::Model, Option<user::Model>);

impl<C: Connection> Store<C> {
    /// All departments of a source.
    pub async fn mirrored_departments(
        &self,
        source_id: i64,
    ) -> Result<Vec<directory_department::Model>> {
        let found = directory_department::Entity::find()
            .filter(directory_department::Column::SourceId.eq(source_id));
        Ok(found.all(&self.connection).await?)
    }

    /// Those of these departments of this server that a source has recorded: this one, or any if none is given.
    pub async fn recorded_departments(
        &self,
        source_id: Option<i64>,
        ids: &[i64],
    ) -> Result<Vec<i64>> {
        use directory_department::{Column, Entity};
        let mut all = Vec::new();
        for ids in ids.chunks(KEYS) {
            let mut recorded = Entity::find()
                .select_only()
                .column(Column::DepartmentId)
                .filter(Column::DepartmentId.is_in(ids.iter().copied()));
            if let Some(source_id) = source_id {
                recorded = recorded.filter(Column::SourceId.eq(source_id));
            }
            let found = recorded.into_tuple::<Option<i64>>();
            let found = found.all(&self.connection).await?;
            all.extend(found.into_iter().flatten());
        }
        Ok(all)
    }

    /// Saves departments, whether they are new or known.
    pub async fn save_mirrored_departments(
        &self,
        rows: Vec<directory_department::Model>,
    ) -> Result<()> {
        self.save_rows::<directory_department::Entity>(rows).await
    }

    /// Removes the record of a department.
    pub async fn forget_mirrored_department(&self, source_id: i64, key: &str) -> Result<()> {
        let gone = directory_department::Entity::delete_by_id((source_id, key.to_owned()));
        gone.exec(&self.connection).await?;
        Ok(())
    }

    /// Those of these people whom earlier runs have recorded, with their accounts, in one statement for a page of
    /// people.
    pub async fn mirrored_people(
        &self,
        source_id: i64,
        people: &[String],
    ) -> Result<HashMap<String, AccountOfPage>> {
        use directory_member::Column;
        let mut all = HashMap::new();
        for people in people.chunks(KEYS) {
            let found = with_accounts()
                .filter(Column::SourceId.eq(source_id))
                .filter(Column::StableId.is_in(people.iter().map(String::as_str)))
                .all(&self.connection)
                .await?;
            let by_stable_id =
                |(row, account): AccountOfPage| (row.stable_id.clone(), (row, account));
            all.extend(found.into_iter().map(by_stable_id));
        }
        Ok(all)
    }

    /// A page of the people whom earlier runs have recorded and who have not left, with their accounts. It begins after
    /// `after` in the order of their keys.
    pub async fn mirrored_after(
        &self,
        source_id: i64,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<AccountOfPage>> {
        use directory_member::Column;
        let mut found = with_accounts()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::IsGone.eq(false));
        if let Some(after) = after {
            found = found.filter(Column::StableId.gt(after));
        }
        let page = found.order_by_asc(Column::StableId).limit(limit);
        Ok(page.all(&self.connection).await?)
    }

    /// The person who had this identifier when the source was last read, with the account if it still exists.
    pub async fn mirrored_by_key(
        &self,
        source_id: i64,
        external_id: &str,
    ) -> Result<Option<AccountOfPage>> {
        use directory_member::Column;
        let found = with_accounts()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::ExternalId.eq(external_id))
            .order_by_asc(Column::IsGone);
        Ok(found.one(&self.connection).await?)
    }

    /// Whether another person, who has not left, has this phone number.
    pub async fn mirrors_phone_of_another(
        &self,
        source_id: i64,
        phone: &str,
        stable_id: &str,
    ) -> Result<bool> {
        let has_it = directory_member::Column::Phone.eq(phone);
        self.mirrors_another(source_id, has_it, stable_id).await
    }

    /// Whether another person, who has not left, has this email address, ignoring case.
    pub async fn mirrors_email_of_another(
        &self,
        source_id: i64,
        email: &str,
        stable_id: &str,
    ) -> Result<bool> {
        let has_it = directory_member::Column::NormalizedEmail.eq(normalized(email));
        self.mirrors_another(source_id, has_it, stable_id).await
    }

    async fn mirrors_another(&self, source_id: i64, what: Expr, stable_id: &str) -> Result<bool> {
        use directory_member::{Column, Entity};
        let found = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .filter(what)
            .filter(Column::StableId.ne(stable_id))
            .filter(Column::IsGone.eq(false));
        Ok(found.one(&self.connection).await?.is_some())
    }

    /// The number of people of a source who have not left.
    pub async fn count_mirrored(&self, source_id: i64) -> Result<u64> {
        use directory_member::{Column, Entity};
        let present = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::IsGone.eq(false));
        Ok(present.count(&self.connection).await?)
    }

    /// The number of people of a source who have left since this moment.
    pub async fn count_gone_since(&self, source_id: i64, since: DateTime<Utc>) -> Result<u64> {
        use directory_member::{Column, Entity};
        let gone = Entity::find()
            .filter(Column::SourceId.eq(source_id))
            .filter(Column::GoneAt.gte(since))
            .filter(Column::IsGone.eq(true));
        Ok(gone.count(&self.connection).await?)
    }

    /// The people whose accounts these are, at any source.
    pub async fn mirrored_accounts(&self, ids: &[i64]) -> Result<Vec<directory_member::Model>> {
        use directory_member::{Column, Entity};
        let mut all = Vec::new();
        for ids in ids.chunks(KEYS) {
            let found = Entity::find().filter(Column::UserId.is_in(ids.iter().copied()));
            all.append(&mut found.all(&self.connection).await?);
        }
        Ok(all)
    }

    /// Saves people, whether they are new or known, with their email addresses in the form for look-ups.
    pub async fn save_mirrored_people(&self, mut rows: Vec<directory_member::Model>) -> Result<()> {
        for row in &mut rows {
            row.normalized_email = row.email.as_deref().map(normalized);
        }
        self.save_rows::<directory_member::Entity>(rows).await
    }
}

/// An email address in the form for look-ups, which is the same for all its spellings.
fn normalized(email: &str) -> String {
    // The address is cut to the length of a column before and after the change.
    shortened(&email::comparable(&shortened(email)))
}

/// People, each with the account if it still exists.
fn with_accounts() -> SelectTwo<directory_member::Entity, user::Entity> {
    let of_account: RelationDef = directory_member::Entity::belongs_to(user::Entity)
        .from(directory_member::Column::UserId)
        .to(user::Column::Id)
        .into();
    directory_member::Entity::find()
        .join(JoinType::LeftJoin, of_account)
        .select_also(user::Entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn more_keys_than_a_statement_may_have_are_looked_for_by_several() {
        const SOURCE: i64 = 1;
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        store.migrate().await.unwrap();
        let keys: Vec<i64> = (0..).take(2 * KEYS + 1).collect();
        // They are looked for by the first statement and by the last.
        let found = [keys[0], keys[2 * KEYS]];
        let departments = found.map(|id| directory_department::Model {
            source_id: SOURCE,
            external_id: id.to_string(),
            title: String::new(),
            parent_id: None,
            position: None,
            department_id: Some(id),
            tried_at: None,
        });
        let departments = departments.to_vec();
        store.save_mirrored_departments(departments).await.unwrap();
        let people = found.map(|id| directory_member::Model {
            user_id: Some(id),
            ..store.recorded(SOURCE, &id.to_string())
        });
        store.save_mirrored_people(people.to_vec()).await.unwrap();

        let heard = store.heard();
        for (source_id, expected) in [
            (None, &found[..]),
            (Some(SOURCE), &found),
            (Some(SOURCE + 1), &[]),
        ] {
            let recorded = store.recorded_departments(source_id, &keys).await.unwrap();
            assert_eq!(recorded, expected, "{source_id:?}");
        }
        let accounts = store.mirrored_accounts(&keys).await.unwrap();
        let accounts: Vec<_> = accounts.iter().filter_map(|row| row.user_id).collect();
        assert_eq!(accounts, found);
        let names: Vec<_> = keys.iter().map(|key| format!("union-{key}")).collect();
        let people = store.mirrored_people(SOURCE, &names).await.unwrap();
        let mut people: Vec<_> = people.values().filter_map(|(row, _)| row.user_id).collect();
        people.sort_unstable();
        assert_eq!(people, found);
        // A statement has some values besides its keys.
        let most = heard.most_values();
        assert!((KEYS..KEYS + 10).contains(&most), "{most}");
    }
}
