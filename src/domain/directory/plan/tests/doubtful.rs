//! Accounts of which nobody can say with certainty whose they are: no run gives one of them to anybody.

use serde_json::json;

use super::model::{World, member};
use super::stories::{kinds, people, rules};
use crate::domain::directory::plan::{AccountFacts, BindingFacts};
use crate::domain::directory::{FieldRule, FindingKind, Member, SourceOptions};
use crate::domain::sign_in_rules::Rules;
use crate::phone::Phone;

const PHONE: &str = "13800000000";

fn with_phone(key: &str) -> Member {
    Member {
        phone: Phone::of_account(PHONE),
        ..member(key, &[])
    }
}

/// An account that somebody has made, with this phone number.
fn by_hand(phone: &str) -> AccountFacts {
    AccountFacts {
        phone: Some(phone.to_owned()),
        roles: vec!["member".to_owned()],
        ..AccountFacts::default()
    }
}

#[test]
fn a_phone_number_of_two_people_links_neither_to_the_account_that_has_it() {
    let mut world = World::new();
    let id = world.add(by_hand(PHONE));
    let before = world.accounts[&id].clone();
    let organization = people(vec![with_phone("lina"), with_phone("omar")]);
    let done = world.run(&organization, &SourceOptions::default(), &rules());
    assert_eq!(
        kinds(&done),
        [FindingKind::PhoneTaken, FindingKind::PhoneTaken]
    );
    assert_eq!(world.accounts[&id], before);
}

#[test]
fn a_mailbox_of_two_people_links_neither_however_it_is_written() {
    let mut world = World::new();
    let id = world.add(AccountFacts {
        email: Some("lina@corp.example".to_owned()),
        roles: vec!["member".to_owned()],
        ..AccountFacts::default()
    });
    let before = world.accounts[&id].clone();
    let mut rules = rules();
    rules.link_by_email_of.push("corp.example".to_owned());
    let with_mailbox = |key: &str, mailbox: &str| Member {
        email: Some(mailbox.to_owned()),
        ..member(key, &[])
    };
    let organization = people(vec![
        with_mailbox("lina", "Lina@corp.example"),
        with_mailbox("omar", "lina@corp.example"),
    ]);
    let done = world.run(&organization, &SourceOptions::default(), &rules);
    assert_eq!(
        kinds(&done),
        [FindingKind::EmailTaken, FindingKind::EmailTaken]
    );
    assert_eq!(world.accounts[&id], before);
}

#[test]
fn nobody_is_linked_where_the_source_or_the_authenticator_links_nobody() {
    let no_links = SourceOptions {
        link_accounts: false,
        ..SourceOptions::default()
    };
    for (options, rules) in [
        (no_links, rules()),
        (SourceOptions::default(), Rules::default()),
    ] {
        let mut world = World::new();
        let id = world.add(by_hand(PHONE));
        let before = world.accounts[&id].clone();
        let done = world.run(&people(vec![with_phone("lina")]), &options, &rules);
        assert_eq!(kinds(&done), [FindingKind::PhoneTaken]);
        assert_eq!(world.accounts[&id], before);
        assert_ne!(world.of("union-lina").unwrap().facts.id, id);
    }
}

#[test]
fn a_phone_number_of_two_accounts_links_neither_and_makes_no_third() {
    let mut world = World::new();
    let ids = [PHONE, "+86 138 0000 0000"].map(|phone| world.add(by_hand(phone)));
    let before = world.accounts.clone();
    let organization = people(vec![with_phone("lina")]);
    let done = world.run(&organization, &SourceOptions::default(), &rules());
    assert_eq!(kinds(&done), [FindingKind::SeveralAccounts]);
    assert_eq!(done.findings[0].accounts, ids);
    assert_eq!(world.accounts, before);
}

#[test]
fn of_two_accounts_that_are_bound_to_a_person_neither_is_taken() {
    let mut world = World::new();
    let bound = |subject: &str| AccountFacts {
        roles: vec!["member".to_owned()],
        binding: Some(BindingFacts {
            subject: subject.to_owned(),
            meta: Some(json!({"unionId": "union-lina"})),
            ..BindingFacts::default()
        }),
        ..AccountFacts::default()
    };
    let ids = ["lina", "lina-before"].map(|subject| world.add(bound(subject)));
    let before = world.accounts.clone();
    let organization = people(vec![member("lina", &[])]);
    let done = world.run(&organization, &SourceOptions::default(), &rules());
    assert_eq!(kinds(&done), [FindingKind::BoundSeveralTimes]);
    assert_eq!(done.findings[0].accounts, ids);
    assert_eq!(world.accounts, before);
}

#[test]
fn an_account_that_is_bound_to_somebody_whom_no_run_knows_stays_theirs() {
    let mut world = World::new();
    let id = world.add(AccountFacts {
        binding: Some(BindingFacts {
            subject: "guest".to_owned(),
            meta: Some(json!({"userId": "guest", "unionId": "union-guest"})),
            ..BindingFacts::default()
        }),
        ..by_hand(PHONE)
    });
    let before = world.accounts[&id].clone();
    let organization = people(vec![with_phone("lina")]);
    let done = world.run(&organization, &SourceOptions::default(), &rules());
    assert_eq!(kinds(&done), [FindingKind::BoundToAnother]);
    assert_eq!(world.accounts[&id], before);
    assert_eq!(world.of("union-lina"), None);
}

#[test]
fn an_account_is_of_somebody_else_when_either_of_its_identifiers_says_so() {
    for (subject, meta) in [
        ("lina", json!({"userId": "lina", "unionId": "union-omar"})),
        ("omar", json!({})),
    ] {
        let mut world = World::new();
        let (options, rules) = (SourceOptions::default(), rules());
        let organization = people(vec![member("lina", &[])]);
        world.run(&organization, &options, &rules);
        let id = world.of("union-lina").unwrap().facts.id;
        world.accounts.get_mut(&id).unwrap().facts.binding = Some(BindingFacts {
            subject: subject.to_owned(),
            meta: Some(meta),
            ..BindingFacts::default()
        });
        let done = world.run(&organization, &options, &rules);
        assert_eq!(kinds(&done), [FindingKind::BoundToAnother], "{subject}");
    }
}

#[test]
fn a_phone_number_that_cannot_be_read_is_told_where_it_would_be_copied() {
    for (rule, expected) in [
        (FieldRule::Always, vec![FindingKind::PhoneUnclear]),
        (FieldRule::Never, vec![]),
    ] {
        let mut options = SourceOptions::default();
        options.fields.phone = rule;
        let lina = Member {
            phone_is_unclear: true,
            ..member("lina", &[])
        };
        let done = World::new().run(&people(vec![lina]), &options, &rules());
        assert_eq!(kinds(&done), expected, "{rule:?}");
    }
}
