//! All roles of an account, wherever it has them from.

use std::sync::Arc;

use entity::role;

use crate::store::{Connection, Owner, Store, StoreError};

/// All roles of an account. NocoBase also gives an account the roles of its departments.
pub async fn of_account<C: Connection>(
    store: &Store<C>,
    user_id: i64,
) -> Result<Vec<Arc<role::Model>>, StoreError> {
    let held = store.roles_of(user_id).await?;
    let mut roles: Vec<_> = held.into_iter().map(|(role, _)| role).collect();
    if store.owner() == Owner::NocoBase {
        let by_department = store.department_roles_of(user_id).await?;
        roles.extend(by_department.into_iter().map(Arc::new));
    }
    Ok(roles)
}
