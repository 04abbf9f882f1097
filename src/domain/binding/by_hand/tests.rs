//! Tests of the rules for binding by hand, on a store without a server.

use serde_json::json;

use super::*;
use crate::domain::account::FIRST;
use crate::domain::binding::OpenSessions::{End, Keep};
use crate::domain::test_installation::{TestInstallation, employee};
use crate::store::NewUser;

const AUTHENTICATOR: &str = "dingtalk";

fn binder(is_root: bool, may_give_power: bool) -> Administrator {
    Administrator {
        id: FIRST,
        is_root,
        may_give_power,
        by_key: false,
    }
}

async fn bind_to(
    store: &Store,
    user_id: i64,
    subject: &str,
    by: Administrator,
) -> Result<(), HandBindingError> {
    let wanted = HandBinding {
        authenticator: AUTHENTICATOR,
        user_id,
        identity: &employee(subject, None),
        rules: &Rules::default(),
    };
    bind(store, wanted, by).await
}

#[tokio::test]
async fn accounts_of_root_and_of_administrators_are_protected() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let chief = installation.account(NewUser::default()).await;
    installation.give_roles(chief.id, &["admin"]).await;
    let clerk = binder(false, false);
    let (root, powerful) = (binder(true, true), binder(false, true));

    // Nobody binds an account of root by hand, and root alone unbinds one.
    for by in [root, powerful, clerk] {
        let outcome = bind_to(store, FIRST, "wei", by).await;
        assert!(
            matches!(outcome, Err(HandBindingError::Root)),
            "{outcome:?}"
        );
    }
    for by in [powerful, clerk] {
        let outcome = unbind(store, AUTHENTICATOR, FIRST, Keep, by).await;
        assert!(
            matches!(outcome, Err(HandBindingError::BindingOfRoot)),
            "{outcome:?}"
        );
    }
    let outcome = unbind(store, AUTHENTICATOR, FIRST, Keep, root).await;
    assert!(
        matches!(outcome, Err(HandBindingError::NotBound)),
        "{outcome:?}"
    );

    let outcome = bind_to(store, chief.id, "wei", clerk).await;
    assert!(
        matches!(outcome, Err(HandBindingError::Administers)),
        "{outcome:?}"
    );
    bind_to(store, chief.id, "wei", powerful).await.unwrap();
    let outcome = unbind(store, AUTHENTICATOR, chief.id, Keep, clerk).await;
    assert!(
        matches!(outcome, Err(HandBindingError::Administers)),
        "{outcome:?}"
    );
    unbind(store, AUTHENTICATOR, chief.id, Keep, powerful)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_is_bound_already_is_refused_before_anything_is_written() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let lina = installation.account(NewUser::default()).await.id;
    let clerk = binder(false, false);
    bind_to(store, lina, "lina", clerk).await.unwrap();
    // The authenticator binds the same person by another identifier now.
    let identity = Identity {
        subject: "lina-2".to_owned(),
        ..employee("lina", None)
    };
    let wanted = HandBinding {
        authenticator: AUTHENTICATOR,
        user_id: lina,
        identity: &identity,
        rules: &Rules::default(),
    };
    let heard = store.heard();
    let outcome = bind(store, wanted, clerk).await;
    assert!(
        matches!(outcome, Err(HandBindingError::AlreadyBound)),
        "{outcome:?}"
    );
    let mut written = heard.take();
    written.retain(|sql| sql.starts_with("UPDATE"));
    assert_eq!(written, Vec::<String>::new());
}

#[tokio::test]
async fn of_several_bindings_all_are_removed_or_none_and_those_that_were_there_are_told() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let (ada, bob) = (
        installation.account(NewUser::default()).await.id,
        installation.account(NewUser::default()).await.id,
    );
    let chief = installation.account(NewUser::default()).await.id;
    installation.give_roles(chief, &["admin"]).await;
    for (account, subject) in [(FIRST, "root"), (ada, "ada"), (chief, "chief")] {
        installation
            .bind(AUTHENTICATOR, account, subject, json!({}))
            .await;
    }
    let clerk = binder(false, false);
    let outcome = unbind_all(store, AUTHENTICATOR, &[ada, chief], clerk).await;
    assert!(
        matches!(outcome, Err(HandBindingError::Administers)),
        "{outcome:?}"
    );
    let powerful = binder(false, true);
    let outcome = unbind_all(store, AUTHENTICATOR, &[ada, FIRST], powerful).await;
    assert!(
        matches!(outcome, Err(HandBindingError::BindingOfRoot)),
        "{outcome:?}"
    );
    let left = store.binding_of_user(AUTHENTICATOR, ada).await.unwrap();
    assert!(left.is_some(), "nothing is half done");
    for (accounts, by, expected) in [
        (&[bob, ada][..], clerk, &[ada][..]),
        (&[bob, ada], clerk, &[]),
        (&[chief], powerful, &[chief]),
        (&[FIRST], binder(true, true), &[FIRST]),
    ] {
        let unbound = unbind_all(store, AUTHENTICATOR, accounts, by).await;
        assert_eq!(unbound.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_binding_that_was_left_behind_without_its_account_can_be_removed() {
    let installation = TestInstallation::new().await;
    installation
        .bind(AUTHENTICATOR, 99, "lina", json!({}))
        .await;
    let store = &installation.store;
    unbind(store, AUTHENTICATOR, 99, End, binder(false, false))
        .await
        .unwrap();
    let left = store.binding_of_user(AUTHENTICATOR, 99).await.unwrap();
    assert_eq!(left, None);
}

#[tokio::test]
async fn an_account_without_a_role_is_not_bound_and_can_be_unbound() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let lina = installation.account(NewUser::default()).await;
    let clerk = binder(false, false);
    bind_to(store, lina.id, "lina", clerk).await.unwrap();
    installation.give_roles(lina.id, &[]).await;
    unbind(store, AUTHENTICATOR, lina.id, End, clerk)
        .await
        .unwrap();
    let outcome = bind_to(store, lina.id, "lina", clerk).await;
    assert!(
        matches!(outcome, Err(HandBindingError::NoRole)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn accounts_are_unbound_after_another_transaction_was_in_the_way() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let (ada, bob) = (
        installation.account(NewUser::default()).await.id,
        installation.account(NewUser::default()).await.id,
    );
    for (account, subject) in [(ada, "ada"), (bob, "bob")] {
        installation
            .bind(AUTHENTICATOR, account, subject, json!({}))
            .await;
    }
    let clerk = binder(false, false);
    store.hinder_bindings().await;
    // Nobody ends the hindrance.
    let outcome = unbind(store, AUTHENTICATOR, ada, End, clerk).await;
    let is_told = outcome.as_ref().is_err_and(HandBindingError::is_overlap);
    assert!(is_told, "{outcome:?}");
    let both = [ada, bob];
    let unbinding = unbind_all(store, AUTHENTICATOR, &both, clerk);
    let unbound = store.amid_hindrance(unbinding).await;
    assert_eq!(unbound.unwrap(), both);
}
