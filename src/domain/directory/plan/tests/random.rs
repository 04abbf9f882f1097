//! Random organizations: after a run everything matches the organization, and after a few runs
//! there is nothing left to do.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::model::{Organization, World, identity};
use crate::domain::directory::plan::AccountFacts;
use crate::domain::directory::{
    Department, FieldRule, FieldRules, Key, Leavers, Member, Membership, SourceOptions,
};
use crate::domain::sign_in_rules::Rules;
use crate::phone::Phone;

const PEOPLE: usize = 8;
const DEPARTMENTS: usize = 6;

/// A person, if they exist: name, phone number, departments with ownership, and the number of their
/// stay in the organization.
type Person = Option<(u8, Option<u8>, Vec<(u8, bool)>, bool)>;
/// A department, if it exists: its name, and its parent, which may be the department itself.
type Unit = Option<(u8, u8)>;

fn organizations() -> impl Strategy<Value = Vec<Organization>> {
    let person = prop::option::weighted(
        0.8,
        (
            0..3_u8,
            prop::option::of(0..6_u8),
            vec((0..8_u8, any::<bool>()), 0..3),
            prop::bool::weighted(0.2),
        ),
    );
    let unit = prop::option::weighted(0.8, (0..3_u8, 0..8_u8));
    let one = (vec(unit, DEPARTMENTS), vec(person, PEOPLE));
    vec(
        one.prop_map(|(units, people)| organization(&units, &people)),
        1..6,
    )
}

fn organization(units: &[Unit], people: &[Person]) -> Organization {
    let departments = units.iter().enumerate().filter_map(|(number, unit)| {
        let (title, parent) = (*unit)?;
        Some(Department {
            key: format!("d{number}").into(),
            title: format!("Title {title}"),
            parent: Some(format!("d{parent}").into()),
            order: None,
        })
    });
    let members = people.iter().enumerate().filter_map(|(number, person)| {
        let (name, phone, departments, returned) = person.as_ref()?;
        let phone = phone.and_then(|digit| Phone::of_account(&format!("1380000000{digit}")));
        let mut memberships: BTreeMap<Key, bool> = BTreeMap::new();
        for (department, is_owner) in departments {
            memberships.insert(format!("d{department}").into(), *is_owner);
        }
        let memberships = memberships.into_iter();
        // A person who comes back has a new key, but the same stable ID.
        let key = format!("p{number}{}", if *returned { "-again" } else { "" });
        Some(Member {
            stable_id: Some(format!("u{number}").into()),
            phone,
            memberships: memberships
                .map(|(department, is_owner)| Membership {
                    department,
                    is_owner,
                })
                .collect(),
            ..Member::named(key.into(), format!("Name {name}"))
        })
    });
    Organization {
        departments: departments.collect(),
        members: members.collect(),
    }
}

/// The accounts and departments that people have made, which no run may change.
fn world() -> (World, BTreeSet<i64>, i64) {
    let mut world = World::new();
    let with_phone = |phone: &str, role: &str| AccountFacts {
        phone: Some(phone.to_owned()),
        nickname: Some("by hand".to_owned()),
        roles: vec![role.to_owned()],
        administers: role == "admin",
        ..AccountFacts::default()
    };
    world.add(with_phone("13800000000", "member"));
    let mut untouched = BTreeSet::from([1]);
    untouched.insert(world.add(with_phone("13800000001", "admin")));
    untouched.insert(world.add(with_phone("13911111111", "member")));
    let by_hand = world.add_department("By hand", None);
    for id in &untouched {
        let account = world.accounts.get_mut(id).unwrap();
        account.departments.insert(by_hand, true);
    }
    (world, untouched, by_hand)
}

fn check(world: &World, organization: &Organization) -> Result<(), TestCaseError> {
    let keys: BTreeSet<Key> = organization
        .departments
        .iter()
        .map(|one| one.key.clone())
        .collect();
    let mirrored: BTreeSet<Key> = world.mirror.keys().cloned().collect();
    prop_assert_eq!(&keys, &mirrored);
    for wanted in &organization.departments {
        let managed = &world.mirror[&wanted.key];
        let (title, parent) = &world.departments[&managed.local.unwrap()];
        prop_assert_eq!(title, &wanted.title);
        let parent_wanted = managed.parent.as_ref();
        let parent_wanted = parent_wanted.map(|key| world.mirror[key].local.unwrap());
        prop_assert_eq!(*parent, parent_wanted);
        // A department may only be at the top level when it was part of a circle.
        if let Some(parent) = wanted
            .parent
            .as_ref()
            .filter(|parent| keys.contains(*parent))
        {
            let is_kept = managed.parent.as_ref() == Some(parent);
            prop_assert!(is_kept || circles(organization, &wanted.key));
        }
    }
    let mut owners_of = BTreeMap::new();
    for member in &organization.members {
        let account = world.of(member.stable_id_or_key().as_str());
        let Some(account) = account else { continue };
        let twice = owners_of.insert(account.facts.id, member.key.clone());
        prop_assert_eq!(twice, None, "two people have one account");
        let bound = account.facts.binding.as_ref().unwrap();
        prop_assert_eq!(&bound.subject, &identity(member).subject);
        prop_assert_eq!(account.facts.nickname.as_ref(), Some(&member.name));
        prop_assert!(!account.facts.roles.is_empty());
        let wanted = member
            .memberships
            .iter()
            .filter(|one| keys.contains(&one.department));
        let (departments, owned, main) = world.seen(account);
        prop_assert_eq!(
            departments,
            wanted.clone().map(|one| one.department.clone()).collect()
        );
        let owns = wanted.clone().filter(|one| one.is_owner);
        prop_assert_eq!(owned, owns.map(|one| one.department.clone()).collect());
        if let Some(first) = wanted.clone().next() {
            prop_assert_eq!(main.as_ref(), Some(&first.department));
        }
    }
    for known in world.people.values().filter(|known| known.is_gone) {
        let account = known.account.and_then(|id| world.accounts.get(&id));
        let Some(account) = account else { continue };
        prop_assert!(
            account.facts.binding.is_none(),
            "somebody who left is bound"
        );
        prop_assert!(
            world.seen(account).0.is_empty(),
            "somebody who left is a member"
        );
    }
    Ok(())
}

/// Whether the chain of parents of a department is a circle.
fn circles(organization: &Organization, from: &Key) -> bool {
    let above = |key: &Key| {
        let found = organization.departments.iter().find(|one| one.key == *key);
        found.and_then(|one| one.parent.clone())
    };
    let mut key = Some(from.clone());
    for _ in 0..=organization.departments.len() {
        key = key.as_ref().and_then(above);
    }
    key.is_some()
}

fn options(leavers: Leavers, links: bool) -> SourceOptions {
    SourceOptions {
        leavers,
        link_accounts: links,
        fields: FieldRules {
            phone: FieldRule::Always,
            ..FieldRules::default()
        },
        ..SourceOptions::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn runs_make_all_as_it_is_and_then_do_nothing(
        history in organizations(),
        leavers in prop::sample::select(vec![Leavers::Disable, Leavers::Unbind, Leavers::Delete]),
        links in any::<bool>(),
        taken_out in vec((0..PEOPLE, 0..DEPARTMENTS), 0..4),
    ) {
        let options = options(leavers, links);
        let rules = Rules { link_by_phone: true, ..Rules::default() };
        let (mut world, untouched, by_hand) = world();
        let before = world.clone();
        for organization in &history {
            for (person, department) in &taken_out {
                world.remove_from_inbox(&format!("u{person}"), &format!("d{department}"));
            }
            world.run(organization, &options, &rules);
            check(&world, organization)?;
            // A phone number that moves from one person to another becomes free with a later run.
            for _ in 0..PEOPLE {
                if world.run(organization, &options, &rules).steps == 0 {
                    break;
                }
            }
            check(&world, organization)?;
            let as_it_is = world.clone();
            let again = world.run(organization, &options, &rules);
            prop_assert_eq!(again.steps, 0, "one more run does something");
            prop_assert_eq!(&world, &as_it_is);
        }
        for id in &untouched {
            prop_assert_eq!(&world.accounts[id], &before.accounts[id]);
        }
        prop_assert_eq!(&world.departments[&by_hand], &before.departments[&by_hand]);
    }
}
