//! Tables that exist in NocoBase only while one of its plugins is installed, or since then.

use std::collections::HashMap;

use entity::{application, department, department_role, department_user, role, sync_source};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityName, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use super::batch::KEYS;
use super::{Connection, Result, Store};

/// How many sub-applications are read; no process runs more of them.
const MOST_APPLICATIONS: u64 = 10_000;

impl<C: Connection> Store<C> {
    /// The names of sub-applications that have a host name of their own, by that host name.
    pub async fn applications_by_host_name(&self) -> Result<HashMap<String, String>> {
        if !self.has_table(application::Entity.table_name()).await? {
            return Ok(HashMap::new());
        }
        let rows = application::Entity::find()
            .filter(application::Column::Cname.is_not_null())
            .limit(MOST_APPLICATIONS)
            .all(&self.connection)
            .await?;
        let named = rows
            .into_iter()
            .filter_map(|row| Some((row.cname?, row.name)));
        Ok(named.filter(|(host, _)| !host.is_empty()).collect())
    }

    /// The roles that an account has through its departments.
    pub async fn department_roles_of(&self, user_id: i64) -> Result<Vec<role::Model>> {
        if !self.has_table(department_role::Entity.table_name()).await?
            || !self.has_table(department_user::Entity.table_name()).await?
        {
            return Ok(Vec::new());
        }
        let departments: Vec<i64> = department_user::Entity::find()
            .select_only()
            .column(department_user::Column::DepartmentId)
            .filter(department_user::Column::UserId.eq(user_id))
            .into_tuple()
            .all(&self.connection)
            .await?;
        let names: Vec<String> = department_role::Entity::find()
            .select_only()
            .column(department_role::Column::RoleName)
            .distinct()
            .filter(department_role::Column::DepartmentId.is_in(departments))
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(role::Entity::find()
            .filter(role::Column::Name.is_in(names))
            .all(&self.connection)
            .await?)
    }

    /// Those of these departments that are there.
    pub async fn departments(&self, ids: &[i64]) -> Result<Vec<department::Model>> {
        let mut found = Vec::new();
        if ids.is_empty() || !self.has_table(department::Entity.table_name()).await? {
            return Ok(found);
        }
        for ids in ids.chunks(KEYS) {
            let some = department::Entity::find()
                .filter(department::Column::Id.is_in(ids.iter().copied()));
            found.append(&mut some.all(&self.connection).await?);
        }
        Ok(found)
    }

    /// Whether there is a table of who is in which department.
    pub async fn has_memberships(&self) -> Result<bool> {
        self.has_table(department_user::Entity.table_name()).await
    }

    /// In which departments these accounts are, as pairs of department and account. There must be a
    /// table of it.
    pub async fn memberships_of(&self, accounts: &[i64]) -> Result<Vec<(i64, i64)>> {
        use department_user::{Column, Entity};
        let mut all = Vec::new();
        for accounts in accounts.chunks(KEYS) {
            let found = Entity::find()
                .select_only()
                .column(Column::DepartmentId)
                .column(Column::UserId)
                .filter(Column::UserId.is_in(accounts.iter().copied()))
                .into_tuple::<(i64, i64)>();
            all.append(&mut found.all(&self.connection).await?);
        }
        Ok(all)
    }

    /// Sources of NocoBase's page «Synchronize» that are of one of these types: a few, which people have
    /// typed in.
    pub async fn sync_sources(&self, types: &[&str]) -> Result<Vec<sync_source::Model>> {
        if !self.has_table(sync_source::Entity.table_name()).await? {
            return Ok(Vec::new());
        }
        let rows = sync_source::Entity::find()
            .filter(sync_source::Column::SourceType.is_in(types.iter().copied()))
            .order_by_asc(sync_source::Column::Id);
        Ok(rows.all(&self.connection).await?)
    }

    pub(super) async fn has_table(&self, name: &str) -> Result<bool> {
        let backend = self.connection.get_database_backend();
        let question = match backend {
            DbBackend::Postgres => {
                "SELECT 1 FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
            DbBackend::MySql => {
                "SELECT 1 FROM information_schema.tables \
                 WHERE table_schema = DATABASE() AND table_name = ?"
            }
            _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
        };
        let name = self.naming().table(name).into_owned();
        let question = Statement::from_sql_and_values(backend, question, [name.into()]);
        Ok(self.connection.query_one_raw(question).await?.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memberships_are_read_of_the_accounts_that_are_asked_for_however_many() {
        let storage = tempfile::tempdir().unwrap();
        let store = Store::fresh(storage.path()).await;
        assert!(!store.has_memberships().await.unwrap());
        let accounts: Vec<i64> = (0..).take(KEYS + 1).collect();
        let last = accounts[KEYS];
        let connection = store.connection.connection.inner();
        for statement in [
            r#"CREATE TABLE "departmentsUsers" ("departmentId" bigint, "userId" bigint)"#,
            &format!(
                r#"INSERT INTO "departmentsUsers" VALUES (7, 0), (8, 0), (7, {last}), (9, {})"#,
                last + 1
            ),
        ] {
            connection.execute_unprepared(statement).await.unwrap();
        }
        assert!(store.has_memberships().await.unwrap());
        let mut found = store.memberships_of(&accounts).await.unwrap();
        found.sort_unstable();
        assert_eq!(found, [(7, 0), (7, last), (8, 0)]);
        assert_eq!(store.memberships_of(&[]).await.unwrap(), []);
    }
}
