//! Steps on the accounts of a standalone server.

use uuid::Uuid;

use super::StoreExecutor;
use crate::domain::account::FIRST;
use crate::domain::directory::tests::world::{AUTHENTICATOR, account, apply, binding, roles_of};
use crate::domain::directory::{
    Binding, NewAccount, Profile, Step, StepError, StepExecutor, StepOutcome,
};
use crate::domain::profile::Field;
use crate::domain::test_installation::TestInstallation;
use crate::store::{NewApiKey, NewUser};

fn new(profile: Profile, roles: &[&str], binding: Binding) -> Step {
    Step::CreateAccount(NewAccount {
        profile,
        roles: names(roles),
        binding,
        tried_at: None,
    })
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn nothing_is_taken_from_root_and_from_the_account_that_acts() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let acting = account(&installation).await;
    let second_root = account(&installation).await;
    let roles = ["member", "root"];
    installation.give_roles(second_root, &roles).await;
    let other = account(&installation).await;
    let executor = StoreExecutor::new(store, AUTHENTICATOR, acting);
    let taking = |account: i64| {
        [
            Step::Unbind { account },
            Step::EndAccess { account },
            Step::DeleteAccount { account },
        ]
    };
    for account in [FIRST, second_root, acting] {
        let before = store.user(account).await.unwrap();
        let done = executor.apply(&taking(account)).await;
        let mut outcomes = done.iter();
        let all = outcomes.all(|one| matches!(one, Err(StepError::Protected)));
        assert!(all, "{account}: {done:?}");
        assert_eq!(store.user(account).await.unwrap(), before);
        assert!(!roles_of(&installation, account).await.is_empty());
    }
    let done = executor.apply(&taking(other)).await;
    let mut outcomes = done.iter();
    let all = outcomes.all(|one| matches!(one, Ok(StepOutcome::Done)));
    assert!(all, "{done:?}");
    assert_eq!(store.user(other).await.unwrap(), None);
}

#[tokio::test]
async fn no_step_gives_the_role_of_root_and_nobody_ends_up_without_a_role() {
    let installation = TestInstallation::new().await;
    for (number, (wanted, expected)) in [
        (&["root"][..], &["member"][..]),
        (&["admin", "root"], &["admin"]),
        (&["no such role"], &["member"]),
        (&[], &["member"]),
    ]
    .into_iter()
    .enumerate()
    {
        let person = binding(&format!("p{number}"), &format!("union-p{number}"));
        let made = apply(&installation, new(Profile::default(), wanted, person)).await;
        let Ok(StepOutcome::Made(id)) = made else {
            panic!("{wanted:?}: {made:?}");
        };
        assert_eq!(roles_of(&installation, id).await, expected, "{wanted:?}");
    }
    for (held, given, expected) in [
        (&[][..], &["root"][..], &["member"][..]),
        (&[], &["admin", "root"], &["admin"]),
        (&["member"], &["admin"], &["admin", "member"]),
        (&["admin"], &["no such role"], &["admin"]),
    ] {
        let account = account(&installation).await;
        installation.give_roles(account, held).await;
        let roles = names(given);
        let done = apply(&installation, Step::GiveRoles { account, roles }).await;
        assert!(matches!(done, Ok(StepOutcome::Done)), "{done:?}");
        let now = roles_of(&installation, account).await;
        assert_eq!(now, expected, "{held:?} and {given:?}");
    }
}

#[tokio::test]
async fn an_access_that_has_ended_is_not_given_by_an_old_password_session_or_key() {
    let installation = TestInstallation::new().await;
    let store = &installation.store;
    let old = NewUser {
        password: Some("an old hash".to_owned()),
        ..NewUser::default()
    };
    let account = installation.account(old).await.id;
    let session = Uuid::new_v4();
    store
        .record_issued_token(account, session, 1, AUTHENTICATOR)
        .await
        .unwrap();
    let key = NewApiKey {
        name: None,
        role_name: "member".to_owned(),
        expires_in: "never".to_owned(),
        token: "a key".to_owned(),
        created_by_id: account,
    };
    store.create_api_key(key).await.unwrap();
    let bind = Step::Bind {
        account,
        binding: binding("lina", "union-lina"),
    };
    apply(&installation, bind).await.unwrap();
    let done = apply(&installation, Step::EndAccess { account }).await;
    assert!(matches!(done, Ok(StepOutcome::Done)), "{done:?}");

    let user = store.user(account).await.unwrap().unwrap();
    assert_ne!(user.password.as_deref(), Some("an old hash"));
    assert!(user.password.is_some() && user.password_change_tz.is_some());
    assert_eq!(store.issued_token(session).await.unwrap(), None);
    assert_eq!(store.api_keys_of(account, 10).await.unwrap(), []);
    assert!(store.is_blacklisted("a key").await.unwrap());
    assert!(roles_of(&installation, account).await.is_empty());
    let bound = store.binding_of_user(AUTHENTICATOR, account).await;
    assert_eq!(bound.unwrap(), None);
}

#[tokio::test]
async fn whoever_has_signed_in_meanwhile_keeps_that_account_and_nobody_gets_that_of_another() {
    let installation = TestInstallation::new().await;
    let account = account(&installation).await;
    let bind = |subject: &str, stable_id: &str| Step::Bind {
        account,
        binding: binding(subject, stable_id),
    };
    apply(&installation, bind("lina", "union-lina"))
        .await
        .unwrap();
    let create = |stable_id: &str| new(Profile::default(), &[], binding("lina", stable_id));
    let made = apply(&installation, create("union-lina")).await.unwrap();
    assert_eq!(made, StepOutcome::Made(account));
    // The organization gave the identifier to somebody else.
    let made = apply(&installation, create("union-other")).await;
    assert!(matches!(made, Err(StepError::BoundToAnother)), "{made:?}");
    let done = apply(&installation, bind("omar", "union-omar")).await;
    assert!(matches!(done, Err(StepError::BoundToAnother)), "{done:?}");
    // The same person has another identifier now.
    let done = apply(&installation, bind("lina-2", "union-lina")).await;
    assert!(matches!(done, Ok(StepOutcome::Done)), "{done:?}");
    let store = &installation.store;
    let bound = store.binding_of_user(AUTHENTICATOR, account).await;
    assert_eq!(bound.unwrap().unwrap().uuid, "lina-2");
    let after = store.users_among(&[account, account + 1]).await.unwrap();
    assert_eq!(after, [account], "no account was made");
}

#[tokio::test]
async fn a_value_that_is_taken_is_named_and_hinders_no_other_step() {
    let installation = TestInstallation::new().await;
    let profile = |phone: &str, email: &str| Profile {
        phone: Some(phone.to_owned()),
        email: Some(email.to_owned()),
        ..Profile::default()
    };
    let taken = NewUser {
        phone: Some("13800000001".to_owned()),
        email: Some("one@a.example".to_owned()),
        ..NewUser::default()
    };
    installation.account(taken).await;
    let executor = StoreExecutor::new(&installation.store, AUTHENTICATOR, FIRST);
    let account = account(&installation).await;
    let done = executor
        .apply(&[
            new(
                profile("13800000001", "two@a.example"),
                &[],
                binding("two", "union-two"),
            ),
            Step::UpdateAccount {
                account,
                profile: profile("13800000003", "one@a.example"),
            },
            new(
                profile("13800000004", "four@a.example"),
                &[],
                binding("four", "union-four"),
            ),
        ])
        .await;
    assert!(
        matches!(
            done[..],
            [
                Err(StepError::Taken(Field::Phone)),
                Err(StepError::Taken(Field::Email)),
                Ok(StepOutcome::Made(_))
            ]
        ),
        "{done:?}"
    );
}

#[tokio::test]
async fn whoever_loses_a_binding_is_signed_out_and_whoever_had_none_is_not() {
    let installation = TestInstallation::new().await;
    let (bound, unbound) = (account(&installation).await, account(&installation).await);
    let bind = Step::Bind {
        account: bound,
        binding: binding("lina", "union-lina"),
    };
    apply(&installation, bind).await.unwrap();
    for account in [bound, unbound] {
        let done = apply(&installation, Step::Unbind { account }).await;
        assert!(matches!(done, Ok(StepOutcome::Done)), "{done:?}");
        let user = installation.store.user(account).await.unwrap().unwrap();
        assert_eq!(user.password_change_tz.is_some(), account == bound);
        assert_eq!(roles_of(&installation, account).await, ["member"]);
    }
}

#[test]
fn nobody_can_guess_the_password_of_an_account_whose_access_has_ended() {
    let (one, other) = (super::nobodys_password(), super::nobodys_password());
    assert_eq!((one.len(), other.len()), (64, 64));
    assert_ne!(one, other);
}

#[tokio::test]
async fn whoever_is_bound_by_another_transaction_meanwhile_is_bound_to_another() {
    let installation = TestInstallation::new().await;
    let account = account(&installation).await;
    installation.store.hinder_bindings().await;
    let bind = Step::Bind {
        account,
        binding: binding("lina", "union-lina"),
    };
    let done = apply(&installation, bind).await;
    assert!(matches!(done, Err(StepError::BoundToAnother)), "{done:?}");
}
