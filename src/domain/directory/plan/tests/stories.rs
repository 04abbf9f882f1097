//! Single changes in the organization, and the plans for them.

use super::model::{Organization, World, department, member};
use crate::domain::directory::plan::AccountFacts;
use crate::domain::directory::{FieldRule, FindingKind, Member, SourceOptions};
use crate::domain::sign_in_rules::Rules;
use crate::phone::Phone;

pub(super) fn rules() -> Rules {
    Rules {
        link_by_phone: true,
        ..Rules::default()
    }
}

fn with_phone(key: &str, phone: &str) -> Member {
    Member {
        phone: Phone::of_account(phone),
        ..member(key, &[])
    }
}

pub(super) fn kinds(done: &super::model::Done) -> Vec<FindingKind> {
    done.findings.iter().map(|finding| finding.kind).collect()
}

pub(super) fn people(members: Vec<Member>) -> Organization {
    Organization {
        departments: Vec::new(),
        members,
    }
}

#[test]
fn a_department_that_goes_up_while_its_parent_goes_down_makes_no_circle() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    let mut organization = Organization {
        departments: vec![department("a", None), department("b", Some("a"))],
        members: vec![member("lina", &["b"])],
    };
    world.run(&organization, &options, &rules);
    let ids = |world: &World| {
        let local = |key: &str| world.mirror[key].local.unwrap();
        (local("a"), local("b"))
    };
    let before = ids(&world);
    organization.departments = vec![department("a", Some("b")), department("b", None)];
    world.run(&organization, &options, &rules);
    assert_eq!(ids(&world), before, "departments keep their ids");
    assert_eq!(world.departments[&before.0].1, Some(before.1));
}

#[test]
fn who_was_taken_out_by_hand_is_put_back_and_has_the_main_department_again() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    let organization = Organization {
        departments: vec![department("a", None), department("b", None)],
        members: vec![member("lina", &["a", "b"]), member("wei", &["a"])],
    };
    world.run(&organization, &options, &rules);
    let before = world.clone();
    world.remove_from_inbox("union-lina", "a");
    assert_ne!(world.accounts, before.accounts);
    let again = world.run(&organization, &options, &rules);
    assert_eq!(again.steps, 1, "one person");
    assert_eq!(world.accounts, before.accounts);
    // What does not follow stays as people left it.
    world.remove_from_inbox("union-lina", "a");
    let off = SourceOptions {
        follow_departments: false,
        ..options
    };
    assert_eq!(world.run(&organization, &off, &rules).steps, 0);
}

#[test]
fn a_department_with_people_of_others_in_it_stays() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    let mut organization = Organization {
        departments: vec![department("a", None)],
        members: vec![member("lina", &["a"])],
    };
    world.run(&organization, &options, &rules);
    let id = world.mirror["a"].local.unwrap();
    let by_hand = world.add(AccountFacts::default());
    world
        .accounts
        .get_mut(&by_hand)
        .unwrap()
        .departments
        .insert(id, false);
    organization.departments.clear();
    world.run(&organization, &options, &rules);
    assert!(world.departments.contains_key(&id));
    assert!(world.of("union-lina").unwrap().departments.is_empty());
    assert!(world.accounts[&by_hand].departments.contains_key(&id));
}

#[test]
fn administrators_and_root_are_not_linked_by_a_phone_number() {
    for (is_root, kind) in [
        (true, FindingKind::RootNotLinked),
        (false, FindingKind::AdministratorNotLinked),
    ] {
        let mut world = World::new();
        let id = world.add(AccountFacts {
            phone: Some("13800000000".to_owned()),
            roles: vec!["admin".to_owned()],
            administers: true,
            is_root,
            ..AccountFacts::default()
        });
        let organization = people(vec![with_phone("lina", "13800000000")]);
        let done = world.run(&organization, &SourceOptions::default(), &rules());
        assert_eq!(kinds(&done), [kind]);
        assert_eq!(world.accounts[&id].facts.binding, None);
        assert_eq!(world.of("union-lina"), None);
    }
}

#[test]
fn a_phone_number_of_two_people_links_and_is_copied_to_nobody() {
    let mut world = World::new();
    let organization = people(vec![
        with_phone("lina", "13800000000"),
        with_phone("omar", "+86 138 0000 0000"),
    ]);
    let done = world.run(&organization, &SourceOptions::default(), &rules());
    assert_eq!(
        kinds(&done),
        [FindingKind::PhoneTaken, FindingKind::PhoneTaken]
    );
    for person in ["union-lina", "union-omar"] {
        assert_eq!(world.of(person).unwrap().facts.phone, None);
    }
}

#[test]
fn people_of_one_name_have_an_account_each_without_a_user_name() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    let namesake = |key: &str| Member {
        name: "张伟".to_owned(),
        ..member(key, &[])
    };
    let organization = people(vec![namesake("one"), namesake("two")]);
    assert_eq!(kinds(&world.run(&organization, &options, &rules)), []);
    let (one, two) = (world.of("union-one").unwrap(), world.of("union-two"));
    assert_ne!(one.facts.id, two.unwrap().facts.id);
    assert_eq!(world.run(&organization, &options, &rules).steps, 0);
}

#[test]
fn a_mailbox_links_nobody_unless_its_domain_is_allowed() {
    for allowed in [false, true] {
        let mut world = World::new();
        let id = world.add(AccountFacts {
            email: Some("lina@corp.example".to_owned()),
            roles: vec!["member".to_owned()],
            ..AccountFacts::default()
        });
        let mut rules = rules();
        if allowed {
            rules.link_by_email_of.push("corp.example".to_owned());
        }
        let lina = Member {
            email: Some("lina@corp.example".to_owned()),
            ..member("lina", &[])
        };
        let done = world.run(&people(vec![lina]), &SourceOptions::default(), &rules);
        let account = world.of("union-lina").unwrap();
        assert_eq!(account.facts.id == id, allowed);
        let told: &[_] = if allowed {
            &[]
        } else {
            &[FindingKind::EmailTaken]
        };
        assert_eq!(kinds(&done), told);
        assert_eq!(world.accounts[&id].facts.binding.is_some(), allowed);
    }
}

#[test]
fn a_phone_number_that_passes_to_somebody_else_does_not_bring_the_account_along() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    let before = people(vec![with_phone("lina", "13800000000")]);
    world.run(&before, &options, &rules);
    let lina = world.of("union-lina").unwrap().clone();
    let after = people(vec![
        with_phone("lina", "13900000000"),
        with_phone("omar", "13800000000"),
    ]);
    let done = world.run(&after, &options, &rules);
    assert_eq!(kinds(&done), [FindingKind::BoundToAnother]);
    assert_eq!(world.of("union-lina"), Some(&lina), "her name, too");
    assert!(world.of("union-omar").is_none());
}

#[test]
fn an_account_that_was_disabled_comes_back_to_nobody_but_its_person() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    world.run(
        &people(vec![with_phone("lina", "13800000000")]),
        &options,
        &rules,
    );
    let account = world.of("union-lina").unwrap().facts.id;
    let done = world.run(&people(vec![]), &options, &rules);
    assert_eq!(kinds(&done), [FindingKind::Left]);
    assert_eq!(world.people["union-lina"].roles, ["member"]);
    // The phone number now belongs to somebody else, who is new.
    let done = world.run(
        &people(vec![with_phone("omar", "13800000000")]),
        &options,
        &rules,
    );
    assert_eq!(kinds(&done), [FindingKind::BoundToAnother]);
    // The same person comes back with another key.
    let again = Member {
        key: "lina-2".into(),
        ..with_phone("lina", "13900000000")
    };
    let done = world.run(&people(vec![again]), &options, &rules);
    assert!(kinds(&done).contains(&FindingKind::Returned));
    let now = world.of("union-lina").unwrap();
    assert_eq!(now.facts.id, account);
    assert_eq!(now.facts.roles, ["member"]);
    assert_eq!(now.facts.binding.as_ref().unwrap().subject, "lina-2");
}

#[test]
fn who_gets_the_key_of_another_does_not_get_the_account() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    world.run(&people(vec![member("lina", &[])]), &options, &rules);
    let account = world.of("union-lina").unwrap().facts.id;
    let other = Member {
        stable_id: Some("union-other".into()),
        ..member("lina", &[])
    };
    let organization = people(vec![other]);
    let done = world.run(&organization, &options, &rules);
    assert!(kinds(&done).contains(&FindingKind::Reissued));
    // The former person has left, and the next run creates an account.
    world.run(&organization, &options, &rules);
    let now = world.of("union-other").unwrap();
    assert_ne!(now.facts.id, account);
    assert!(world.accounts[&account].facts.roles.is_empty());
}

#[test]
fn fields_follow_their_rules_and_nothing_is_emptied() {
    let mut world = World::new();
    let mut options = SourceOptions::default();
    options.fields.nickname = FieldRule::WhenEmpty;
    let mut lina = with_phone("lina", "13800000000");
    lina.email = Some("lina@corp.example".to_owned());
    world.run(&people(vec![lina.clone()]), &options, &rules());
    lina.name = "Another name".to_owned();
    lina.phone = None;
    lina.email = Some("other@corp.example".to_owned());
    world.run(&people(vec![lina.clone()]), &options, &rules());
    let facts = &world.of("union-lina").unwrap().facts;
    assert_eq!(facts.nickname.as_deref(), Some("Name of lina"));
    assert_eq!(facts.phone.as_deref(), Some("13800000000"));
    assert_eq!(facts.email.as_deref(), Some("lina@corp.example"));
    options.fields.nickname = FieldRule::Always;
    options.fields.email = FieldRule::Always;
    world.run(&people(vec![lina]), &options, &rules());
    let facts = &world.of("union-lina").unwrap().facts;
    assert_eq!(facts.nickname.as_deref(), Some("Another name"));
    assert_eq!(facts.email.as_deref(), Some("other@corp.example"));
}
