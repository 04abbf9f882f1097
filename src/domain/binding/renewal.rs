//! Renewing the binding by which somebody was found.

use entity::user_authenticator::Model;

use super::attach::{renew, renewed};
use super::person::is_of;
use crate::domain::identity::Identity;
use crate::domain::sign_in_rules::Rules;
use crate::store::{StoreError, Transaction};

/// Updates the binding by which a person was found, unless it is up to date.
///
/// All of its columns are written, and others may have changed it since it was found. So the account is
/// locked, as by everybody who writes bindings, and the binding is read again. If it is no longer the
/// person's, this is a conflict, and the caller starts again.
pub async fn renew_found(
    store: &Transaction,
    found: &Model,
    identity: &Identity,
    rules: &Rules,
) -> Result<(), StoreError> {
    if renewed(found, identity, rules).is_none() {
        return Ok(());
    }
    store.lock_user(found.user_id).await?;
    let current = store.lock_binding(&found.authenticator, found.user_id);
    match current.await?.filter(|binding| is_of(binding, identity)) {
        Some(current) => renew(store, &current, identity, rules).await,
        None => Err(StoreError::Conflict("the binding was taken".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::test_installation::{TestInstallation, employee};
    use crate::store::{NewUser, Store};

    const AUTHENTICATOR: &str = "dingtalk";

    /// An account that is bound to Li Na without her stable ID, and the binding as somebody finds it.
    async fn found() -> (TestInstallation, Model) {
        let installation = TestInstallation::new().await;
        let account = installation.account(NewUser::default()).await.id;
        installation
            .bind(AUTHENTICATOR, account, "lina", json!({}))
            .await;
        let found = binding(&installation.store, account).await.unwrap();
        (installation, found)
    }

    async fn binding(store: &Store, account: i64) -> Option<Model> {
        store.binding_of_user(AUTHENTICATOR, account).await.unwrap()
    }

    /// Renews the binding that was found, as Li Na's.
    async fn renew_lina(store: &Store, found: &Model) -> Result<(), StoreError> {
        let rules = Rules {
            refresh: true,
            ..Rules::default()
        };
        let transaction = store.begin().await.unwrap();
        renew_found(&transaction, found, &employee("lina", None), &rules).await?;
        transaction.commit().await
    }

    #[tokio::test]
    async fn a_binding_keeps_what_others_have_changed_since_it_was_found() {
        let (installation, found) = found().await;
        let store = &installation.store;
        let transaction = store.begin().await.unwrap();
        let edited = Model {
            meta: Some(json!({"room": "17"})),
            ..found.clone()
        };
        transaction.save_binding(&edited).await.unwrap();
        transaction.commit().await.unwrap();

        renew_lina(store, &found).await.unwrap();
        let now = binding(store, found.user_id).await.unwrap();
        let both = json!({"room": "17", "unionId": "union-lina"});
        assert_eq!((now.meta, now.nickname.as_str()), (Some(both), "Li Na"));
    }

    #[tokio::test]
    async fn a_binding_that_was_removed_or_given_to_another_since_it_was_found_is_not_written() {
        let (installation, found) = found().await;
        let store = &installation.store;
        let transaction = store.begin().await.unwrap();
        let edited = Model {
            uuid: "omar".to_owned(),
            ..found.clone()
        };
        transaction.save_binding(&edited).await.unwrap();
        transaction.commit().await.unwrap();
        let outcome = renew_lina(store, &found).await;
        assert!(outcome.is_err_and(|error| error.is_overlap()));
        let left = binding(store, found.user_id).await.unwrap();
        assert_eq!((left.uuid.as_str(), left.meta), ("omar", Some(json!({}))));

        installation.unbind(AUTHENTICATOR, found.user_id).await;
        let outcome = renew_lina(store, &found).await;
        assert!(outcome.is_err_and(|error| error.is_overlap()));
        assert_eq!(binding(store, found.user_id).await, None);
    }

    #[tokio::test]
    async fn a_binding_that_is_up_to_date_is_not_written() {
        let (installation, found) = found().await;
        let store = &installation.store;
        renew_lina(store, &found).await.unwrap();
        let first = binding(store, found.user_id).await.unwrap();
        // Whoever would write finds that the table is away.
        store.rename_table("usersAuthenticators", "away").await;
        let outcome = renew_lina(store, &first).await;
        store.rename_table("away", "usersAuthenticators").await;
        outcome.unwrap();
    }

    #[tokio::test]
    async fn a_new_picture_is_written_although_the_name_is_the_same_and_only_once() {
        let (installation, found) = found().await;
        let store = &installation.store;
        renew_lina(store, &found).await.unwrap();
        let named = binding(store, found.user_id).await.unwrap();
        let mut rules = Rules {
            refresh: true,
            ..Rules::default()
        };
        rules.copied.avatar = true;
        let picture = "https://a.example/lina.png";
        let identity = Identity {
            avatar: Some(picture.to_owned()),
            ..employee("lina", None)
        };
        let transaction = store.begin().await.unwrap();
        let outcome = renew_found(&transaction, &named, &identity, &rules).await;
        outcome.unwrap();
        transaction.commit().await.unwrap();
        let now = binding(store, found.user_id).await.unwrap();
        assert_eq!(now.avatar, picture);
        assert_eq!(renewed(&now, &identity, &rules), None);
    }
}
