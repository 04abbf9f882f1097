//! Tests of the rules for signing in, on a store without a server.

mod stored_sessions;

use entity::directory_member;
use serde_json::json;

use super::*;
use crate::domain::binding::UnclearBinding;
use crate::domain::identity::StableId;
use crate::domain::sign_in_rules::{Copied, is_of};
use crate::domain::test_installation::{TestInstallation, employee};
use crate::store::MOST_BINDINGS;

const AUTHENTICATOR: &str = "dingtalk";
const PHONE: &str = "+8613900000001";

fn rules() -> Rules {
    Rules {
        link_by_phone: true,
        ..Rules::default()
    }
}

async fn with_phone(installation: &TestInstallation) -> user::Model {
    let phone = Some(PHONE.to_owned());
    let new = NewUser {
        phone,
        ..NewUser::default()
    };
    installation.account(new).await
}

async fn come(
    installation: &TestInstallation,
    who: &Identity,
    rules: &Rules,
) -> Result<SignInOutcome, SignInError> {
    account_of(&installation.store, AUTHENTICATOR, who, rules).await
}

#[tokio::test]
async fn a_phone_number_links_once_and_the_binding_counts_from_then_on() {
    let installation = TestInstallation::new().await;
    let user = with_phone(&installation).await;
    let first = come(&installation, &employee("lina", Some(PHONE)), &rules())
        .await
        .unwrap();
    assert_eq!(
        (first.user.id, first.source),
        (user.id, AccountSource::Linking)
    );
    // The account stays bound, whatever the organization says about the number later.
    let later = come(&installation, &employee("lina", None), &Rules::default())
        .await
        .unwrap();
    assert_eq!(
        (later.user.id, later.source),
        (user.id, AccountSource::Binding)
    );
    let another = come(&installation, &employee("weiming", Some(PHONE)), &rules()).await;
    assert!(
        matches!(another, Err(SignInError::BoundToAnother(id)) if id == user.id),
        "{another:?}"
    );
}

#[tokio::test]
async fn somebody_without_an_account_gets_one_only_where_people_are_signed_up() {
    let installation = TestInstallation::new().await;
    let lina = employee("lina", Some(PHONE));
    let refused = come(&installation, &lina, &rules()).await;
    assert!(
        matches!(refused, Err(SignInError::UserNotFound)),
        "{refused:?}"
    );
    let signing_up = Rules {
        sign_up: true,
        roles: vec!["admin".to_owned(), role::ROOT.to_owned()],
        ..rules()
    };
    let outcome = come(&installation, &lina, &signing_up).await.unwrap();
    assert_eq!(outcome.source, AccountSource::SignUp);
    let held = installation.store.roles_of(outcome.user.id).await.unwrap();
    let names: Vec<_> = held.iter().map(|(role, _)| role.name.as_str()).collect();
    assert_eq!(names, ["admin"], "root is given to nobody");
}

#[tokio::test]
async fn a_number_of_two_accounts_links_neither_and_signs_nobody_up() {
    let installation = TestInstallation::new().await;
    let one = with_phone(&installation).await;
    let other = NewUser {
        phone: Some("139 0000 0001".to_owned()),
        ..NewUser::default()
    };
    let other = installation.account(other).await;
    let signing_up = Rules {
        sign_up: true,
        ..rules()
    };
    let refused = come(&installation, &employee("lina", Some(PHONE)), &signing_up).await;
    assert!(
        matches!(&refused, Err(SignInError::Ambiguous(ids)) if *ids == [one.id, other.id]),
        "{refused:?}"
    );
    let binding = installation
        .store
        .binding_of_user(AUTHENTICATOR, one.id)
        .await;
    assert_eq!(binding.unwrap(), None);
}

#[tokio::test]
async fn an_identifier_that_was_given_to_another_person_opens_nothing() {
    let installation = TestInstallation::new().await;
    let user = with_phone(&installation).await;
    let mut lina = employee("lina", Some(PHONE));
    come(&installation, &lina, &rules()).await.unwrap();
    lina.stable_id = Some(StableId {
        key: "unionId",
        value: "union-of-somebody-else".to_owned(),
    });
    let refused = come(&installation, &lina, &rules()).await;
    assert!(
        matches!(refused, Err(SignInError::Unclear(UnclearBinding::Reissued(id))) if id == user.id),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nobody_is_signed_up_when_more_bindings_may_be_theirs_than_are_compared() {
    let installation = TestInstallation::new().await;
    for number in 0..=MOST_BINDINGS {
        let account = installation.account(NewUser::default()).await.id;
        let (subject, meta) = (format!("p{number}"), json!({"boss": "union-lina"}));
        installation
            .bind(AUTHENTICATOR, account, &subject, meta)
            .await;
    }
    let signing_up = Rules {
        sign_up: true,
        ..rules()
    };
    let refused = come(&installation, &employee("lina", None), &signing_up).await;
    assert!(
        matches!(&refused, Err(SignInError::Unclear(UnclearBinding::SeveralTimes(ids))) if ids.len() > MOST_BINDINGS),
        "{refused:?}"
    );
}

#[tokio::test]
async fn accounts_with_power_or_without_a_role_are_not_linked() {
    let installation = TestInstallation::new().await;
    let user = with_phone(&installation).await;
    let lina = employee("lina", Some(PHONE));
    for (roles, administrators_too, expected) in [
        (&[role::ROOT][..], true, SignInError::RootNotLinked(user.id)),
        (
            &["admin"],
            false,
            SignInError::AdministratorNotLinked(user.id),
        ),
        (&[], true, SignInError::NoRole(user.id)),
    ] {
        installation.give_roles(user.id, roles).await;
        let rules = Rules {
            link_administrators: administrators_too,
            ..rules()
        };
        let refused = come(&installation, &lina, &rules).await.unwrap_err();
        assert_eq!(refused.to_string(), expected.to_string(), "{roles:?}");
    }
    installation.give_roles(user.id, &["admin"]).await;
    let allowed = Rules {
        link_administrators: true,
        ..rules()
    };
    let outcome = come(&installation, &lina, &allowed).await.unwrap();
    assert_eq!(outcome.source, AccountSource::Linking);
}

/// What the directory recorded of Lina, who has left: her account, under this identifier.
fn kept_for(stable_id: &str, user_id: i64, store: &Store) -> directory_member::Model {
    directory_member::Model {
        stable_id: stable_id.to_owned(),
        user_id: Some(user_id),
        is_gone: true,
        ..store.recorded(1, "lina")
    }
}

#[tokio::test]
async fn an_account_that_the_directory_keeps_for_another_person_is_not_linked() {
    let installation = TestInstallation::new().await;
    let user = with_phone(&installation).await;
    let store = &installation.store;
    // Lina has left, and her phone number belongs to Omar now.
    let row = kept_for("union-lina", user.id, store);
    store.save_mirrored_people(vec![row]).await.unwrap();
    let omar = come(&installation, &employee("omar", Some(PHONE)), &rules()).await;
    assert!(
        matches!(omar, Err(SignInError::BoundToAnother(id)) if id == user.id),
        "{omar:?}"
    );
    let lina = come(&installation, &employee("lina", Some(PHONE)), &rules()).await;
    assert_eq!(lina.unwrap().user.id, user.id);
}

#[tokio::test]
async fn an_account_that_the_directory_keeps_under_the_subject_is_linked() {
    let installation = TestInstallation::new().await;
    let user = with_phone(&installation).await;
    let store = &installation.store;
    let row = kept_for("lina", user.id, store);
    store.save_mirrored_people(vec![row]).await.unwrap();
    let lina = come(&installation, &employee("lina", Some(PHONE)), &rules()).await;
    assert_eq!(lina.unwrap().user.id, user.id);
}

#[tokio::test]
async fn somebody_whose_account_lost_all_roles_gets_no_session() {
    let installation = TestInstallation::new().await;
    let user = with_phone(&installation).await;
    let lina = employee("lina", Some(PHONE));
    come(&installation, &lina, &rules()).await.unwrap();
    installation.give_roles(user.id, &[]).await;
    for refresh in [false, true] {
        let rules = Rules { refresh, ..rules() };
        let refused = come(&installation, &lina, &rules).await;
        assert!(
            matches!(refused, Err(SignInError::NoRole(id)) if id == user.id),
            "refresh {refresh}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_new_account_gets_no_value_that_another_account_has() {
    const EMAIL: &str = "lina@corp.example";
    let signing_up = Rules {
        sign_up: true,
        copied: Copied {
            phone: true,
            email: true,
            ..Copied::default()
        },
        ..Rules::default()
    };
    let mut lina = employee("lina", Some(PHONE));
    lina.email = Some(EMAIL.to_owned());
    for (phone, email, copied) in [
        (None, None, (Some("13900000001"), Some(EMAIL))),
        (Some("+86 139 0000 0001"), None, (None, Some(EMAIL))),
        (None, Some("LiNa@corp.example"), (Some("13900000001"), None)),
    ] {
        let installation = TestInstallation::new().await;
        let other = NewUser {
            phone: phone.map(str::to_owned),
            email: email.map(str::to_owned),
            ..NewUser::default()
        };
        installation.account(other).await;
        let made = come(&installation, &lina, &signing_up).await.unwrap();
        assert_eq!(made.source, AccountSource::SignUp);
        let values = (made.user.phone.as_deref(), made.user.email.as_deref());
        assert_eq!(values, copied, "another account has {phone:?}, {email:?}");
    }
}

#[test]
fn a_mailbox_is_of_a_domain_only_when_they_are_equal() {
    let domains = ["corp.example".to_owned()];
    for (email, allowed) in [
        ("a@corp.example", true),
        ("a@CORP.example", true),
        ("a@evilcorp.example", false),
        ("a@sub.corp.example", false),
        ("a@corp.example.evil.example", false),
        ("a@evil.example@corp.example", false),
        ("@corp.example", false),
        ("corp.example", false),
        ("a@", false),
    ] {
        assert_eq!(is_of(email, &domains), allowed, "{email}");
    }
    assert!(!is_of("a@corp.example", &[]));
}
