//! Tests of the rules for accounts, on a store without a server.

use serde_json::json;

use super::*;
use crate::domain::test_installation::TestInstallation;

fn administrator(id: i64) -> Administrator {
    Administrator {
        id,
        is_root: false,
        may_give_power: true,
        by_key: false,
    }
}

fn named(username: &str) -> NewUser {
    NewUser {
        username: Some(username.to_owned()),
        email: Some(format!("{username}@corp.example")),
        ..NewUser::default()
    }
}

fn with_roles(names: &[&str]) -> AccountEdit {
    AccountEdit {
        roles: Some(names.iter().map(|&name| name.to_owned()).collect()),
        ..AccountEdit::default()
    }
}

#[tokio::test]
async fn root_is_changed_by_root_alone_and_never_removed() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let ada = installation.account(named("ada")).await;
    let by = administrator(ada.id);
    let change = with_roles(&["member"]);
    let outcomes = [
        update(store, &[FIRST], &change, by).await.map(drop),
        destroy(store, &[FIRST], by).await.map(drop),
        end_sessions(store, FIRST, by).await,
        update(store, &[ada.id], &with_roles(&[role::ROOT]), by)
            .await
            .map(drop),
    ];
    for outcome in outcomes {
        assert!(matches!(outcome, Err(AccountError::Root)), "{outcome:?}");
    }
    let root = Administrator {
        id: FIRST,
        is_root: true,
        may_give_power: true,
        by_key: false,
    };
    let outcome = destroy(store, &[FIRST], root).await;
    assert!(matches!(outcome, Err(AccountError::Root)), "{outcome:?}");
}

#[tokio::test]
async fn an_address_is_taken_in_any_case() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let ada = installation.account(named("ada")).await;
    let bob = installation.account(named("bob")).await;
    let change = AccountEdit {
        fields: vec![(Field::Email, Some("ADA@Corp.example".to_owned()))],
        ..AccountEdit::default()
    };
    let by = administrator(ada.id);
    let created = create(store, change.clone(), by).await;
    assert!(
        matches!(created, Err(AccountError::Taken(Field::Email))),
        "{created:?}"
    );
    let updated = update(store, &[bob.id], &change, by).await;
    assert!(
        matches!(updated, Err(AccountError::Taken(Field::Email))),
        "{updated:?}"
    );
    // This is the account's own address in another spelling.
    let updated = update(store, &[ada.id], &change, by).await.unwrap();
    assert_eq!(updated[0].email.as_deref(), Some("ADA@Corp.example"));
}

#[tokio::test]
async fn accounts_whose_addresses_differ_in_case_alone_can_be_changed_in_other_ways() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let ada = installation.account(named("ada")).await;
    // NocoBase, to which the database belonged before, does not see that they are one address.
    let twin = NewUser {
        email: Some("ADA@corp.example".to_owned()),
        ..named("twin")
    };
    let nocobase = installation.of_nocobase().await;
    let twin = nocobase.create_user(twin).await.unwrap();
    let change = AccountEdit {
        fields: vec![(Field::Nickname, Some("X".to_owned()))],
        ..AccountEdit::default()
    };
    let ids = [ada.id, twin.id];
    let changed = update(store, &ids, &change, administrator(FIRST)).await;
    let changed = changed.unwrap();
    let emails: Vec<_> = changed.iter().map(|user| user.email.as_deref()).collect();
    assert_eq!(emails, [Some("ada@corp.example"), Some("ADA@corp.example")]);
}

#[tokio::test]
async fn of_several_changes_all_are_made_or_none() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let ada = installation.account(named("ada")).await;
    let by = administrator(ada.id);
    let outcome = destroy(store, &[ada.id, FIRST], by).await;
    assert!(matches!(outcome, Err(AccountError::Root)), "{outcome:?}");
    assert!(store.user(ada.id).await.unwrap().is_some());
    let change = AccountEdit {
        fields: vec![(Field::Nickname, Some("X".to_owned()))],
        ..AccountEdit::default()
    };
    let outcome = update(store, &[ada.id, FIRST], &change, by).await;
    assert!(matches!(outcome, Err(AccountError::Root)), "{outcome:?}");
    let kept = store.user(ada.id).await.unwrap().unwrap();
    assert_eq!(kept.nickname, ada.nickname);
}

#[tokio::test]
async fn an_account_is_removed_after_another_transaction_was_in_the_way() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let ada = installation.account(named("ada")).await.id;
    installation.bind("dingtalk", ada, "ada", json!({})).await;
    store.hinder_bindings().await;
    let ids = [ada];
    let removal = destroy(store, &ids, administrator(FIRST));
    let removed = store.amid_hindrance(removal).await;
    let expected = Removed {
        accounts: 1,
        bindings: vec![(ada, "dingtalk".to_owned())],
    };
    assert_eq!(removed.unwrap(), expected);
    assert_eq!(store.user(ada).await.unwrap(), None);
}

#[tokio::test]
async fn who_may_not_change_roles_creates_accounts_with_the_default_role_alone() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let clerk = Administrator {
        may_give_power: false,
        ..administrator(FIRST)
    };
    let outcome = create(store, with_roles(&["admin"]), clerk).await;
    assert!(matches!(outcome, Err(AccountError::Power)), "{outcome:?}");
    create(store, with_roles(&["member"]), clerk).await.unwrap();
}

#[tokio::test]
async fn two_accounts_that_would_share_a_name_are_not_said_to_have_a_phone_number_that_is_free() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let ada = installation.account(named("ada")).await;
    let bob = installation.account(named("bob")).await;
    let change = AccountEdit {
        fields: vec![
            (Field::Username, Some("same".to_owned())),
            (Field::Phone, Some("13900000001".to_owned())),
        ],
        ..AccountEdit::default()
    };
    let ids = [ada.id, bob.id];
    let outcome = update(store, &ids, &change, administrator(FIRST)).await;
    assert!(
        matches!(outcome, Err(AccountError::Store(StoreError::Conflict(_)))),
        "{outcome:?}"
    );
}
