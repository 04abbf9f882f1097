//! What steps do with bindings, in front of a NocoBase and without one.

use serde_json::json;

use super::world::{AUTHENTICATOR, account, apply, binding, subject_of};
use crate::domain::directory::{Binding, NewAccount, Profile, Step, StepError, StepOutcome, bind};
use crate::domain::test_installation::TestInstallation;

/// Who applies a step that binds an account.
#[derive(Clone, Copy, Debug)]
enum Door {
    /// The executor of a standalone server.
    Standalone,
    /// What the executor in front of a NocoBase calls.
    Gateway,
}

#[tokio::test]
async fn an_account_is_bound_by_the_same_rules_with_and_without_a_nocobase() {
    for door in [Door::Standalone, Door::Gateway] {
        let installation = TestInstallation::new().await;
        let bound = async |account: i64, binding: Binding| match door {
            Door::Standalone => {
                let step = Step::Bind { account, binding };
                apply(&installation, step).await.map(drop)
            }
            Door::Gateway => bind(&installation.store, AUTHENTICATOR, account, &binding).await,
        };
        let (lina, other) = (account(&installation).await, account(&installation).await);
        let guest = account(&installation).await;
        installation
            .bind(AUTHENTICATOR, guest, "guest", json!({}))
            .await;
        for subject in ["lina", "lina", "lina-2"] {
            let done = bound(lina, binding(subject, "union-lina")).await;
            assert!(done.is_ok(), "{door:?}, {subject}: {done:?}");
        }
        for (account, subject, stable_id, why) in [
            (other, "lina-2", "union-lina", "bound elsewhere"),
            (other, "lina-3", "union-lina", "bound elsewhere before"),
            (other, "lina-2", "union-omar", "given to another person"),
            (lina, "omar", "union-omar", "an account of another"),
            (guest, "omar", "union-omar", "of whom little is known"),
        ] {
            let done = bound(account, binding(subject, stable_id)).await;
            assert!(
                matches!(done, Err(StepError::BoundToAnother)),
                "{door:?}, {why}: {done:?}"
            );
        }
        let done = bound(guest + 1, binding("omar", "union-omar")).await;
        assert!(matches!(done, Err(StepError::Gone)), "{door:?}: {done:?}");
        for (account, expected) in [
            (lina, Some("lina-2")),
            (other, None),
            (guest, Some("guest")),
        ] {
            let subject = subject_of(&installation, account).await;
            assert_eq!(subject.as_deref(), expected, "{door:?}");
        }
    }
}

#[tokio::test]
async fn whoever_was_bound_by_another_identifier_since_the_plan_gets_no_second_account() {
    let installation = TestInstallation::new().await;
    let lina = account(&installation).await;
    let meta = json!({"stableId": "union-lina", "note": "of another program"});
    installation
        .bind(AUTHENTICATOR, lina, "13800000001", meta)
        .await;
    let create = Step::CreateAccount(NewAccount {
        profile: Profile::default(),
        roles: Vec::new(),
        binding: binding("lina", "union-lina"),
        tried_at: None,
    });
    let made = apply(&installation, create).await.unwrap();
    assert_eq!(made, StepOutcome::Made(lina));
    let store = &installation.store;
    let all = store.users_among(&[lina, lina + 1]).await.unwrap();
    assert_eq!(all, [lina], "no account was made");
    let bound = store.binding_of_user(AUTHENTICATOR, lina).await;
    let bound = bound.unwrap().unwrap();
    assert_eq!(bound.uuid, "lina");
    let expected =
        json!({"stableId": "union-lina", "note": "of another program", "userId": "lina"});
    assert_eq!(bound.meta, Some(expected));
}
