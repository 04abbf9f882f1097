//! Whether the rows that sign-ins left are whole.

use std::collections::{BTreeMap, BTreeSet};

use entity::{issued_token, role_user, user, user_authenticator};
use sea_orm::{EntityTrait, QuerySelect};

use crate::support::TestDatabase;

/// The account that the first start creates.
const ROOT: i64 = 1;

/// Checks that each person has one account and one binding, and nothing is half written. Gives the
/// account of each userid.
pub async fn check(database: &TestDatabase) -> BTreeMap<String, i64> {
    let connection = database.connect().await;
    let users = user::Entity::find().all(&connection).await.unwrap();
    let bindings = user_authenticator::Entity::find().all(&connection).await;
    let roles = role_user::Entity::find().all(&connection).await.unwrap();
    // Nothing but the account: what PostgreSQL keeps as a UUID is no text when it is read.
    let sessions: Vec<i64> = issued_token::Entity::find()
        .select_only()
        .column(issued_token::Column::UserId)
        .into_tuple()
        .all(&connection)
        .await
        .unwrap();
    connection.into_inner().close().await.unwrap();

    let accounts: BTreeSet<i64> = users.iter().map(|user| user.id).collect();
    let mut bound = BTreeMap::new();
    let mut owners = BTreeSet::new();
    for binding in bindings.unwrap() {
        let id = binding.user_id;
        assert!(accounts.contains(&id), "no account for {binding:?}");
        assert!(owners.insert(id), "account {id} is bound twice");
        let meta = binding.meta.clone().unwrap_or_default();
        assert_eq!(meta["userId"], binding.uuid.as_str(), "{binding:?}");
        assert!(meta["unionId"].is_string(), "{binding:?}");
        let before = bound.insert(binding.uuid.clone(), id);
        assert_eq!(before, None, "{} is bound twice", binding.uuid);
    }
    let mut phones = BTreeSet::new();
    for user in users.iter().filter(|user| user.id != ROOT) {
        assert!(owners.contains(&user.id), "nobody's account: {user:?}");
        assert!(user.nickname.is_some(), "half an account: {user:?}");
        let phone = user.phone.clone().expect("half an account");
        assert!(phones.insert(phone), "a second account: {user:?}");
        let held = roles.iter().filter(|row| row.user_id == user.id);
        assert_eq!(held.count(), 1, "roles of {user:?}");
    }
    for row in &roles {
        assert!(accounts.contains(&row.user_id), "a role of nobody: {row:?}");
    }
    for id in &sessions {
        assert!(accounts.contains(id), "a session of nobody: {id}");
    }
    bound
}
