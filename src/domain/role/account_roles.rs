//! All roles of an account, wherever it has them from.

use std::sync::Arc;

use entity::role;

use crate::store::{Connection, HeldRole, Owner, Store, StoreError};

/// All roles of an account. NocoBase also gives an account the roles of its departments.
pub async fn of_account<C: Connection>(
    store: &Store<C>,
    user_id: i64,
) -> Result<Vec<Arc<role::Model>>, StoreError> {
    let held = store.roles_of(user_id).await?;
    with_those_of_departments(store, user_id, &held).await
}

/// All roles of an account, for a caller who has read its own ones.
pub async fn with_those_of_departments<C: Connection>(
    store: &Store<C>,
    user_id: i64,
    held: &[HeldRole],
) -> Result<Vec<Arc<role::Model>>, StoreError> {
    let mut roles: Vec<_> = held.iter().map(|(role, _)| role.clone()).collect();
    if store.owner() == Owner::NocoBase {
        let by_department = store.department_roles_of(user_id).await?;
        roles.extend(by_department.into_iter().map(Arc::new));
    }
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::NewUser;

    #[tokio::test]
    async fn the_roles_of_departments_count_in_a_nocobase_alone() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let id = installation.account(NewUser::default()).await.id;
        for statement in [
            r#"CREATE TABLE "departmentsUsers" ("departmentId" bigint, "userId" bigint)"#,
            r#"CREATE TABLE "departmentsRoles" ("departmentId" bigint, "roleName" text)"#,
            r#"INSERT INTO "departmentsRoles" VALUES (7, 'admin'), (8, 'root')"#,
            &format!(r#"INSERT INTO "departmentsUsers" VALUES (7, {id})"#),
        ] {
            store.execute(statement).await;
        }
        let nocobase = installation.of_nocobase().await;
        for (store, expected) in [(store, &["member"][..]), (&nocobase, &["member", "admin"])] {
            let held = of_account(store, id).await.unwrap();
            let names: Vec<_> = held.iter().map(|role| role.name.as_str()).collect();
            assert_eq!(names, expected);
        }
    }
}
