//! People who are gone, and what of their account is no longer theirs.

use serde_json::json;

use super::model::{ACTING, Organization, World, department, member};
use super::stories::{kinds, people, rules};
use crate::domain::directory::plan::BindingFacts;
use crate::domain::directory::{FindingKind, Leavers, Member, SourceOptions};

#[test]
fn an_account_that_was_given_to_somebody_else_is_no_longer_its_former_persons() {
    for leavers in [Leavers::Disable, Leavers::Unbind, Leavers::Delete] {
        let mut world = World::new();
        let options = SourceOptions {
            leavers,
            ..SourceOptions::default()
        };
        let mut organization = Organization {
            departments: vec![department("a", None), department("b", None)],
            members: vec![member("lina", &["a"])],
        };
        world.run(&organization, &options, &rules());
        let id = world.of("union-lina").unwrap().facts.id;
        let facts = &mut world.accounts.get_mut(&id).unwrap().facts;
        facts.nickname = Some("Omar".to_owned());
        facts.binding = Some(BindingFacts {
            subject: "omar".to_owned(),
            meta: Some(json!({"userId": "omar", "unionId": "union-omar"})),
            ..BindingFacts::default()
        });
        let before = world.accounts[&id].clone();
        let done = world.run(&organization, &options, &rules());
        assert_eq!(kinds(&done), [FindingKind::BoundToAnother]);
        assert_eq!(world.accounts[&id], before);
        let lina = &mut organization.members[0];
        *lina = Member {
            job_number: Some("7".to_owned()),
            ..member("lina", &["b"])
        };
        world.run(&organization, &options, &rules());
        assert_eq!(world.accounts[&id], before);
        organization.members.clear();
        let done = world.run(&organization, &options, &rules());
        assert_eq!(kinds(&done), [FindingKind::Left, FindingKind::LeaverKept]);
        assert_eq!(world.accounts[&id], before);
    }
}

#[test]
fn who_kept_a_department_while_gone_leaves_it_on_return() {
    let mut world = World::new();
    let options = SourceOptions {
        leavers: Leavers::Nothing,
        ..SourceOptions::default()
    };
    let mut organization = Organization {
        departments: vec![department("d", None), department("e", None)],
        members: vec![member("lina", &["d"])],
    };
    world.run(&organization, &options, &rules());
    organization.members.clear();
    world.run(&organization, &options, &rules());
    organization.members = vec![member("lina", &["e"])];
    world.run(&organization, &options, &rules());
    let lina = world.of("union-lina").unwrap();
    let (departments, _, _) = world.seen(lina);
    assert_eq!(departments, ["e".into()].into());
    assert_eq!(world.run(&organization, &options, &rules()).steps, 0);
}

#[test]
fn who_got_the_key_and_the_account_of_another_keeps_it() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    world.run(&people(vec![member("lina", &[])]), &options, &rules);
    let id = world.of("union-lina").unwrap().facts.id;
    world.accounts.get_mut(&id).unwrap().facts.binding = Some(BindingFacts {
        subject: "lina".to_owned(),
        meta: Some(json!({"userId": "lina", "unionId": "union-other"})),
        ..BindingFacts::default()
    });
    let before = world.accounts[&id].clone();
    let other = Member {
        stable_id: Some("union-other".into()),
        ..member("lina", &[])
    };
    let done = world.run(&people(vec![other]), &options, &rules);
    assert!(kinds(&done).contains(&FindingKind::LeaverKept));
    assert_eq!(world.accounts[&id], before);
}

#[test]
fn the_account_that_acts_is_not_ended() {
    let mut world = World::new();
    let options = SourceOptions {
        leavers: Leavers::Delete,
        ..SourceOptions::default()
    };
    world.run(&people(vec![member("lina", &[])]), &options, &rules());
    let known = world.people.get_mut("union-lina").unwrap();
    let mut facts = world.accounts.remove(&known.account.unwrap()).unwrap();
    facts.facts.id = ACTING;
    known.account = Some(ACTING);
    world.accounts.insert(ACTING, facts);
    for _ in 0..2 {
        let done = world.run(&people(vec![]), &options, &rules());
        assert_eq!(kinds(&done), [FindingKind::Left, FindingKind::LeaverKept]);
        assert!(world.accounts.contains_key(&ACTING));
    }
    // Somebody else saves the source, so that it acts as another account.
    let mut facts = world.accounts.remove(&ACTING).unwrap();
    facts.facts.id = 77;
    world.accounts.insert(77, facts);
    world.people.get_mut("union-lina").unwrap().account = Some(77);
    let done = world.run(&people(vec![]), &options, &rules());
    assert_eq!(kinds(&done), [FindingKind::Left]);
    assert!(!world.accounts.contains_key(&77));
}

#[test]
fn who_was_unbound_by_hand_is_left_alone_when_they_leave() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    world.run(&people(vec![member("lina", &[])]), &options, &rules);
    let id = world.of("union-lina").unwrap().facts.id;
    world.accounts.get_mut(&id).unwrap().facts.binding = None;
    let done = world.run(&people(vec![]), &options, &rules);
    assert_eq!(kinds(&done), [FindingKind::Left, FindingKind::LeaverKept]);
    assert_eq!(world.accounts[&id].facts.roles, ["member"]);
}

#[test]
fn who_has_the_account_of_root_is_told_to_be_gone_once() {
    let mut world = World::new();
    let (options, rules) = (SourceOptions::default(), rules());
    world.run(&people(vec![member("lina", &[])]), &options, &rules);
    let id = world.of("union-lina").unwrap().facts.id;
    world.accounts.get_mut(&id).unwrap().facts.is_root = true;
    let done = world.run(&people(vec![]), &options, &rules);
    assert_eq!(kinds(&done), [FindingKind::Left, FindingKind::LeaverKept]);
    let done = world.run(&people(vec![]), &options, &rules);
    assert!(kinds(&done).is_empty(), "{done:?}");
}
