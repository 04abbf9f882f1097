//! Tests of the rules for authenticators, on a store without a server.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::account::FIRST;
use crate::domain::sign_in_rules::Rules;
use crate::domain::test_installation::TestInstallation;
use crate::domain::test_provider::{AUTH_TYPE, TestProvider};

const AUTHOR: Author = Author {
    id: 1,
    may_give_power: true,
};

/// Creates an authenticator of a type that nobody knows, and returns its id.
async fn created(store: &Store, name: &str) -> i64 {
    let new = AuthenticatorEdit {
        auth_type: Some("another".to_owned()),
        ..named(name)
    };
    let row = create(store, &Providers::default(), new, AUTHOR).await;
    row.unwrap().id
}

fn named(name: &str) -> AuthenticatorEdit {
    AuthenticatorEdit {
        name: Some(name.to_owned()),
        ..AuthenticatorEdit::default()
    }
}

/// Whether a comparison of the lookup tables was requested since this was last asked.
async fn is_comparison_wanted(store: &Store) -> bool {
    let asked = store.coverage().asked();
    tokio::time::timeout(Duration::ZERO, asked).await.is_ok()
}

#[tokio::test]
async fn the_bindings_of_a_new_or_renamed_authenticator_are_compared_soon() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    assert!(!is_comparison_wanted(store).await);
    let id = created(store, "old").await;
    assert!(is_comparison_wanted(store).await);
    let coverage = store.coverage();
    coverage.set_bindings(HashSet::from(["old".to_owned()]));
    let change = named("new");
    let changed = update(store, &Providers::default(), &[id], &change, AUTHOR).await;
    assert_eq!(changed.unwrap().len(), 1);
    assert!(is_comparison_wanted(store).await);
    assert!(coverage.has_bindings_of("new"));
    assert!(!coverage.has_bindings_of("old"));
}

#[tokio::test]
async fn the_bindings_of_an_authenticator_that_gets_another_type_are_compared_soon() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let id = created(store, "old").await;
    assert!(is_comparison_wanted(store).await);
    for (auth_type, expected) in [("another", false), ("a third", true)] {
        let change = AuthenticatorEdit {
            auth_type: Some(auth_type.to_owned()),
            ..AuthenticatorEdit::default()
        };
        let changed = update(store, &Providers::default(), &[id], &change, AUTHOR).await;
        assert_eq!(changed.unwrap().len(), 1);
        assert_eq!(is_comparison_wanted(store).await, expected, "{auth_type}");
    }
}

#[tokio::test]
async fn a_name_that_is_refused_changes_nothing_of_what_is_known_of_the_copies() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let id = created(store, "old").await;
    created(store, "taken").await;
    let coverage = store.coverage();
    coverage.set_bindings(HashSet::from(["old".to_owned()]));
    let change = named("taken");
    let changed = update(store, &Providers::default(), &[id], &change, AUTHOR).await;
    assert!(
        matches!(changed, Err(AuthenticatorError::NameTaken)),
        "{changed:?}"
    );
    assert!(coverage.has_bindings_of("old"));
    assert!(!coverage.has_bindings_of("taken"));
}

#[tokio::test]
async fn an_authenticator_is_renamed_after_another_transaction_was_in_the_way() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let id = created(store, "old").await;
    // The binding under the new name is removed, which is hindered.
    for name in ["old", "new"] {
        installation.bind(name, FIRST, "root", json!({})).await;
    }
    let (ids, providers, change) = ([id], Providers::default(), named("new"));
    store.hinder_bindings().await;
    let renaming = update(store, &providers, &ids, &change, AUTHOR);
    let renamed = store.amid_hindrance(renaming).await;
    assert_eq!(renamed.unwrap().len(), 1);
    let left = store.binding_of_user("old", FIRST).await.unwrap();
    assert_eq!(left, None);
}

#[tokio::test]
async fn an_authenticator_is_removed_after_another_transaction_was_in_the_way() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let id = created(store, "old").await;
    installation.bind("old", FIRST, "root", json!({})).await;
    let (ids, providers) = ([id], Providers::default());
    store.hinder_bindings().await;
    let removal = destroy(store, &providers, &ids);
    let removed = store.amid_hindrance(removal).await;
    assert_eq!(removed.unwrap(), ["old"]);
    let left = store.binding_of_user("old", FIRST).await.unwrap();
    assert_eq!(left, None);
}

#[tokio::test]
async fn who_may_not_change_roles_gives_nobodys_account_to_other_people() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let providers = Providers::default();
    let clerk = Author {
        may_give_power: false,
        ..AUTHOR
    };
    let id = created(store, "old").await;
    for name in ["old", "left"] {
        installation.bind(name, FIRST, "root", json!({})).await;
    }
    let outcome = create(store, &providers, named("left"), clerk).await;
    assert!(
        matches!(outcome, Err(AuthenticatorError::Power)),
        "{outcome:?}"
    );
    let retyped = AuthenticatorEdit {
        auth_type: Some("a third".to_owned()),
        ..AuthenticatorEdit::default()
    };
    for change in [named("left"), retyped] {
        let outcome = update(store, &providers, &[id], &change, clerk).await;
        assert!(
            matches!(outcome, Err(AuthenticatorError::Power)),
            "{outcome:?}"
        );
    }
    let described = AuthenticatorEdit {
        description: Some("For employees".to_owned()),
        ..AuthenticatorEdit::default()
    };
    let outcome = update(store, &providers, &[id], &described, clerk).await;
    assert_eq!(outcome.unwrap().len(), 1);
}

#[tokio::test]
async fn only_who_may_give_power_makes_an_authenticator_that_gives_it() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let clerk = Author {
        may_give_power: false,
        ..AUTHOR
    };
    let powerful = Rules {
        roles: vec!["admin".to_owned()],
        ..Rules::default()
    };
    for (name, rules, author, is_made) in [
        ("one", &powerful, clerk, false),
        ("two", &powerful, AUTHOR, true),
        ("three", &Rules::default(), clerk, true),
    ] {
        let provider = TestProvider {
            rules: rules.clone(),
            ..TestProvider::default()
        };
        let providers = Providers::new(vec![Arc::new(provider)]);
        let new = AuthenticatorEdit {
            auth_type: Some(AUTH_TYPE.to_owned()),
            ..named(name)
        };
        match create(store, &providers, new, author).await {
            Ok(_) => assert!(is_made, "{name}"),
            Err(AuthenticatorError::Power) => assert!(!is_made, "{name}"),
            Err(error) => panic!("{name}: {error:?}"),
        }
    }
}

#[tokio::test]
async fn an_authenticator_is_put_right_behind_another_from_before_it_and_from_behind_it() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let basic = store.authenticator_order().await.unwrap()[0];
    let (one, two) = (created(store, "one").await, created(store, "two").await);
    for (moved, target, expected) in [
        (basic, one, [one, basic, two]),
        (two, one, [one, two, basic]),
    ] {
        move_to(store, moved, Move::After(target)).await.unwrap();
        assert_eq!(store.authenticator_order().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn an_authenticator_stays_where_it_is_when_it_is_put_after_itself() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    created(store, "first").await;
    created(store, "second").await;
    let before = store.authenticator_order().await.unwrap();
    for id in &before {
        move_to(store, *id, Move::After(*id)).await.unwrap();
        assert_eq!(store.authenticator_order().await.unwrap(), before);
    }
}

#[tokio::test]
async fn bindings_follow_an_authenticator_whose_rename_was_interrupted() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let id = created(store, "old").await;
    installation.bind("old", FIRST, "root", json!({})).await;
    begin_rename(store, store.clock(), id, "old").await.unwrap();
    let renamed = format!("UPDATE authenticators SET name = 'new' WHERE id = {id}");
    store.execute(&renamed).await;
    let finished = finish_interrupted_renames(store, store.clock()).await;
    assert_eq!(finished.unwrap(), ["new"]);
    let bound = store.binding_of_user("new", FIRST).await.unwrap();
    assert!(bound.is_some());
    assert!(store.noted_renames().await.unwrap().is_empty());
}
