//! Tests of the rules for binding one's own account, on a store without a server.

use serde_json::json;

use super::*;
use crate::clock::Clock;
use crate::domain::account::FIRST;
use crate::domain::session::SigningKey;
use crate::domain::test_installation::{TestInstallation, employee};
use crate::store::NewUser;

const AUTHENTICATOR: &str = "dingtalk";

/// A store, and sessions whose clock a test can move.
async fn office() -> (TestInstallation, Sessions, Clock) {
    let installation = TestInstallation::new().await;
    let clock = Clock::system();
    let sessions = Sessions::new(SigningKey::new(b"a secret of a test"), clock.clone());
    (installation, sessions, clock)
}

async fn token(installation: &TestInstallation, sessions: &Sessions, user_id: i64) -> String {
    let issued = sessions.issue(&installation.store, user_id, "basic").await;
    issued.unwrap().0
}

#[tokio::test]
async fn the_owner_is_who_knows_the_password_or_has_just_signed_in() {
    let (installation, sessions, clock) = office().await;
    let without_password = installation.account(NewUser::default()).await;
    let confirmed = async |user_id: i64, given: Option<&str>| {
        let token = token(&installation, &sessions, user_id).await;
        clock.advance(TimeDelta::minutes(11));
        let claims = sessions.read(&token).unwrap();
        confirm(&installation.store, &sessions, &claims, user_id, given).await
    };
    let outcome = confirmed(FIRST, None).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::NoPassword)),
        "{outcome:?}"
    );
    let outcome = confirmed(FIRST, Some("guess")).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::WrongPassword)),
        "{outcome:?}"
    );
    confirmed(FIRST, Some("admin123")).await.unwrap();
    let outcome = confirmed(without_password.id, Some("admin123")).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::SessionOld)),
        "{outcome:?}"
    );
    let young = token(&installation, &sessions, without_password.id).await;
    let claims = sessions.read(&young).unwrap();
    confirm(
        &installation.store,
        &sessions,
        &claims,
        without_password.id,
        None,
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_session_replaces_a_missing_password_for_ten_minutes_and_not_a_moment_longer() {
    let (installation, sessions, clock) = office().await;
    let store = &installation.store;
    clock.stop();
    let user = installation.account(NewUser::default()).await.id;
    let claims = sessions.read(&token(&installation, &sessions, user).await);
    let claims = claims.unwrap();
    clock.advance(YOUNG);
    confirm(store, &sessions, &claims, user, None)
        .await
        .unwrap();
    clock.advance(TimeDelta::milliseconds(1));
    let outcome = confirm(store, &sessions, &claims, user, None).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::SessionOld)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_account_and_a_person_are_bound_once_while_the_session_stands() {
    let (installation, sessions, _) = office().await;
    let store = &installation.store;
    let (lina, rules) = (employee("lina", None), Rules::default());
    let token_of_root = token(&installation, &sessions, FIRST).await;
    let session = sessions.mark(&token_of_root).unwrap();
    let wanted = SelfServiceBinding {
        authenticator: AUTHENTICATOR,
        session: &session,
        identity: &lina,
        rules: &rules,
    };
    bind(store, &sessions, wanted).await.unwrap();
    let outcome = bind(store, &sessions, wanted).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::AlreadyBound)),
        "{outcome:?}"
    );

    let other = installation.account(NewUser::default()).await;
    let token_of_other = token(&installation, &sessions, other.id).await;
    let session = sessions.mark(&token_of_other).unwrap();
    let wanted = SelfServiceBinding {
        session: &session,
        ..wanted
    };
    let outcome = bind(store, &sessions, wanted).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::BoundElsewhere(FIRST))),
        "{outcome:?}"
    );
    let claims = sessions.read(&token_of_other).unwrap();
    sessions.end(store, &token_of_other, &claims).await.unwrap();
    let outcome = bind(store, &sessions, wanted).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::SessionEnded)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_last_way_in_is_not_removed() {
    let (installation, sessions, _) = office().await;
    let store = &installation.store;
    // There is no provider here, so a password is the only other way to sign in.
    let providers = Providers::default();
    let user = installation.account(NewUser::default()).await;
    let rules = Rules::default();
    for (user_id, subject) in [(user.id, "lina"), (FIRST, "root")] {
        let identity = employee(subject, None);
        let session = sessions
            .mark(&token(&installation, &sessions, user_id).await)
            .unwrap();
        let wanted = SelfServiceBinding {
            authenticator: AUTHENTICATOR,
            session: &session,
            identity: &identity,
            rules: &rules,
        };
        bind(store, &sessions, wanted).await.unwrap();
    }
    let outcome = unbind(store, &providers, AUTHENTICATOR, user.id).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::LastWayIn)),
        "{outcome:?}"
    );
    let bound = store.binding_of_user(AUTHENTICATOR, user.id).await.unwrap();
    assert!(bound.is_some(), "nothing is half done");
    // Root has a password.
    unbind(store, &providers, AUTHENTICATOR, FIRST)
        .await
        .unwrap();
    let outcome = unbind(store, &providers, AUTHENTICATOR, FIRST).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::NotBound)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_password_is_a_way_in_only_for_an_account_with_a_name() {
    let (installation, sessions, _) = office().await;
    let store = &installation.store;
    let providers = Providers::default();
    // Nobody can type the name of an account that has a phone number alone.
    let new = NewUser {
        phone: Some("+8613900000001".to_owned()),
        password: Some("a hash".to_owned()),
        ..NewUser::default()
    };
    let user = installation.account(new).await;
    let identity = employee("lina", None);
    let session = sessions.mark(&token(&installation, &sessions, user.id).await);
    let wanted = SelfServiceBinding {
        authenticator: AUTHENTICATOR,
        session: &session.unwrap(),
        identity: &identity,
        rules: &Rules::default(),
    };
    bind(store, &sessions, wanted).await.unwrap();
    let outcome = unbind(store, &providers, AUTHENTICATOR, user.id).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::LastWayIn)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_account_is_unbound_after_another_transaction_was_in_the_way() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let providers = Providers::default();
    installation
        .bind(AUTHENTICATOR, FIRST, "root", json!({}))
        .await;
    store.hinder_bindings().await;
    let unbinding = unbind(store, &providers, AUTHENTICATOR, FIRST);
    store.amid_hindrance(unbinding).await.unwrap();
    let left = store.binding_of_user(AUTHENTICATOR, FIRST).await.unwrap();
    assert_eq!(left, None);
}

#[tokio::test]
async fn a_binding_at_an_authenticator_that_no_provider_serves_is_no_way_in() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let user = installation.account(NewUser::default()).await.id;
    store
        .add_authenticator("unserved", "another", true, json!({}))
        .await;
    for authenticator in [AUTHENTICATOR, "unserved"] {
        installation
            .bind(authenticator, user, "lina", json!({}))
            .await;
    }
    let outcome = unbind(store, &Providers::default(), AUTHENTICATOR, user).await;
    assert!(
        matches!(outcome, Err(SelfServiceError::LastWayIn)),
        "{outcome:?}"
    );
}
