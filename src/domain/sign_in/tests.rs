//! The rules of signing in, on a store without a server.

use super::*;
use crate::domain::identity::Witness;
use crate::domain::installed::{Installed, employee};
use crate::domain::sign_in_rules::is_of;

const AUTHENTICATOR: &str = "dingtalk";
const PHONE: &str = "+8613900000001";

fn rules() -> Rules {
    Rules {
        link_by_phone: true,
        ..Rules::default()
    }
}

async fn with_phone(installed: &Installed) -> user::Model {
    let phone = Some(PHONE.to_owned());
    let new = NewUser {
        phone,
        ..NewUser::default()
    };
    installed.account(new).await
}

async fn come(
    installed: &Installed,
    who: &Identity,
    rules: &Rules,
) -> Result<Arrival, SignInError> {
    account_of(&installed.store, AUTHENTICATOR, who, rules).await
}

#[tokio::test]
async fn a_phone_number_links_once_and_the_binding_counts_from_then_on() {
    let installed = Installed::new().await;
    let user = with_phone(&installed).await;
    let first = come(&installed, &employee("lina", Some(PHONE)), &rules())
        .await
        .unwrap();
    assert_eq!((first.user.id, first.by), (user.id, ArrivedBy::Linking));
    // Whatever the organisation says of the number later.
    let later = come(&installed, &employee("lina", None), &Rules::default())
        .await
        .unwrap();
    assert_eq!((later.user.id, later.by), (user.id, ArrivedBy::Binding));
    let another = come(&installed, &employee("weiming", Some(PHONE)), &rules()).await;
    assert!(
        matches!(another, Err(SignInError::BoundToAnother(id)) if id == user.id),
        "{another:?}"
    );
}

#[tokio::test]
async fn somebody_without_an_account_gets_one_only_where_people_are_signed_up() {
    let installed = Installed::new().await;
    let lina = employee("lina", Some(PHONE));
    let refused = come(&installed, &lina, &rules()).await;
    assert!(
        matches!(refused, Err(SignInError::UserNotFound)),
        "{refused:?}"
    );
    let signing_up = Rules {
        sign_up: true,
        roles: vec!["admin".to_owned(), role::ROOT.to_owned()],
        ..rules()
    };
    let arrival = come(&installed, &lina, &signing_up).await.unwrap();
    assert_eq!(arrival.by, ArrivedBy::SignUp);
    let held = installed.store.roles_of(arrival.user.id).await.unwrap();
    let names: Vec<_> = held.iter().map(|(role, _)| role.name.as_str()).collect();
    assert_eq!(names, ["admin"], "root is given to nobody");
}

#[tokio::test]
async fn a_number_of_two_accounts_links_neither_and_signs_nobody_up() {
    let installed = Installed::new().await;
    let one = with_phone(&installed).await;
    let other = NewUser {
        phone: Some("139 0000 0001".to_owned()),
        ..NewUser::default()
    };
    let other = installed.account(other).await;
    let signing_up = Rules {
        sign_up: true,
        ..rules()
    };
    let refused = come(&installed, &employee("lina", Some(PHONE)), &signing_up).await;
    assert!(
        matches!(&refused, Err(SignInError::Ambiguous(ids)) if *ids == [one.id, other.id]),
        "{refused:?}"
    );
    let binding = installed.store.binding_of_user(AUTHENTICATOR, one.id).await;
    assert_eq!(binding.unwrap(), None);
}

#[tokio::test]
async fn an_identifier_that_was_given_to_another_person_opens_nothing() {
    let installed = Installed::new().await;
    let user = with_phone(&installed).await;
    let mut lina = employee("lina", Some(PHONE));
    come(&installed, &lina, &rules()).await.unwrap();
    lina.witness = Some(Witness {
        key: "unionId",
        value: "union-of-somebody-else".to_owned(),
    });
    let refused = come(&installed, &lina, &rules()).await;
    assert!(
        matches!(refused, Err(SignInError::Reissued(id)) if id == user.id),
        "{refused:?}"
    );
}

#[tokio::test]
async fn accounts_with_power_or_without_a_role_are_not_linked() {
    let installed = Installed::new().await;
    let user = with_phone(&installed).await;
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
        installed.give_roles(user.id, roles).await;
        let rules = Rules {
            link_administrators: administrators_too,
            ..rules()
        };
        let refused = come(&installed, &lina, &rules).await.unwrap_err();
        assert_eq!(refused.to_string(), expected.to_string(), "{roles:?}");
    }
    installed.give_roles(user.id, &["admin"]).await;
    let allowed = Rules {
        link_administrators: true,
        ..rules()
    };
    let arrival = come(&installed, &lina, &allowed).await.unwrap();
    assert_eq!(arrival.by, ArrivedBy::Linking);
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
