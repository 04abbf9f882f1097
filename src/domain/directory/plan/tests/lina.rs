//! One person whom earlier runs have recorded, and the account that is recorded for her.

use std::collections::HashSet;

use serde_json::json;

use super::model::{ACTING, identity, member};
use crate::domain::directory::plan::{
    AccountChange, AccountFacts, BindingFacts, Candidates, PersonChange, Planner,
};
use crate::domain::directory::{FindingKind, ManagedPerson, Member, SourceOptions};
use crate::domain::identity::Identity;
use crate::domain::sign_in_rules::Rules;

const ACCOUNT: i64 = 7;

fn lina() -> Member {
    member("lina", &[])
}

/// Her account, whose binding is up to date.
fn account() -> AccountFacts {
    let identity = identity(&lina());
    AccountFacts {
        id: ACCOUNT,
        nickname: Some(identity.name.clone()),
        roles: vec!["member".to_owned()],
        binding: Some(BindingFacts {
            subject: identity.subject,
            nickname: identity.name,
            avatar: String::new(),
            meta: Some(identity.meta),
        }),
        managed_for: Some("union-lina".into()),
        ..AccountFacts::default()
    }
}

/// What earlier runs have recorded of her. Something about her is new since, or nothing is.
fn recorded(is_news: bool) -> ManagedPerson {
    ManagedPerson {
        digest: if is_news { 0 } else { lina().digest() },
        ..ManagedPerson::with_account("union-lina".into(), "lina".into(), ACCOUNT)
    }
}

/// What is planned for her, with the kinds of findings. New accounts get the role «editors».
fn planned(
    identity: &Identity,
    known: Option<&ManagedPerson>,
    account: Option<AccountFacts>,
) -> (Option<PersonChange>, Vec<FindingKind>) {
    let options = SourceOptions::default();
    let rules = Rules {
        roles: vec!["editors".to_owned()],
        ..Rules::default()
    };
    let candidates = Candidates {
        managed: account,
        ..Candidates::default()
    };
    let lina = lina();
    let mut planner = Planner::new(&options, &rules, ACTING, false, HashSet::new(), [&lina]);
    let mut findings = Vec::new();
    let change = planner.person(lina.clone(), identity, known, &candidates, &mut findings);
    let kinds = findings.iter().map(|finding| finding.kind);
    (change, kinds.collect())
}

#[test]
fn a_binding_is_written_where_it_is_outdated_or_the_person_comes_back() {
    let mut outdated = account();
    outdated.binding.as_mut().unwrap().nickname = "Her former name".to_owned();
    let unbound = AccountFacts {
        binding: None,
        ..account()
    };
    let gone = ManagedPerson {
        is_gone: true,
        ..recorded(true)
    };
    for (known, account, is_written) in [
        (recorded(true), account(), false),
        (recorded(true), outdated.clone(), true),
        // It is left to the next run that finds something new.
        (recorded(false), outdated, false),
        // Somebody has unbound it by hand.
        (recorded(true), unbound.clone(), false),
        (gone.clone(), unbound, true),
        (gone, account(), false),
    ] {
        let (change, _) = planned(&identity(&lina()), Some(&known), Some(account.clone()));
        let binding = change.and_then(|change| change.binding);
        assert_eq!(binding.is_some(), is_written, "{known:?}, {account:?}");
    }
}

#[test]
fn who_comes_back_gets_roles_only_where_the_account_has_none() {
    let gone = ManagedPerson {
        is_gone: true,
        ..recorded(true)
    };
    for (is_root, roles, given) in [
        (false, &["member"][..], None),
        // Root can have its role through a department.
        (true, &[], None),
        (true, &["root"], None),
        (false, &[], Some(vec!["editors".to_owned()])),
    ] {
        let account = AccountFacts {
            is_root,
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            ..account()
        };
        let (change, _) = planned(&identity(&lina()), Some(&gone), Some(account));
        let change = change.unwrap();
        assert!(change.returns);
        assert_eq!(change.roles, given, "{is_root} {roles:?}");
    }
}

#[test]
fn only_an_account_that_is_made_gets_the_roles_of_new_accounts() {
    let (new, _) = planned(&identity(&lina()), None, None);
    let new = new.unwrap();
    assert_eq!(new.account, AccountChange::Create);
    assert_eq!(new.new_roles, ["editors"]);
    let (kept, _) = planned(&identity(&lina()), Some(&recorded(true)), Some(account()));
    let kept = kept.unwrap();
    assert_eq!(kept.account, AccountChange::Keep(ACCOUNT));
    assert!(kept.new_roles.is_empty());
}

#[test]
fn an_account_stays_its_persons_when_the_binding_has_the_subject_or_names_the_person() {
    // The authenticator binds by something that is no identifier in the organization.
    let by_phone = Identity {
        subject: "13800000001".to_owned(),
        ..identity(&lina())
    };
    for (subject, meta, is_hers) in [
        ("13800000001", json!({}), true),
        ("an earlier subject", json!({"userId": "lina"}), true),
        ("lina", json!({}), true),
        ("omar", json!({}), false),
        ("omar", json!({"userId": "omar"}), false),
    ] {
        let account = AccountFacts {
            binding: Some(BindingFacts {
                subject: subject.to_owned(),
                meta: Some(meta),
                ..BindingFacts::default()
            }),
            ..account()
        };
        let (change, kinds) = planned(&by_phone, Some(&recorded(true)), Some(account));
        let expected = if is_hers {
            (AccountChange::Keep(ACCOUNT), vec![])
        } else {
            let kinds = vec![FindingKind::BoundToAnother];
            (AccountChange::Others(ACCOUNT), kinds)
        };
        assert_eq!((change.unwrap().account, kinds), expected, "{subject}");
    }
}
