//! Reads a whole organization from the provider.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::members::Members;
use super::{Department, Finding, FindingKind, Key, Member, Membership, Phase, Progress};
use crate::domain::organization::{Directory, MemberOf, PersonLookup, Place, ReadError};

/// The most calls at the same time. The provider's client limits how many there are in a second.
const AT_ONCE: usize = 8;

/// An organization as it was read.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The departments, each once.
    pub departments: Vec<Department>,
    /// The people, each once.
    pub members: Members,
    /// The findings of reading.
    pub findings: Vec<Finding>,
}

/// Reads the departments with these keys and all below them, or everything that the application may
/// see when there are no keys. Any failure is an error, because an incomplete organization would
/// look as if people had left.
pub async fn read(
    directory: &dyn Directory,
    chosen: &[String],
    progress: &Progress,
) -> Result<Snapshot, ReadError> {
    let mut snapshot = Snapshot::default();
    progress.begin(Phase::Departments, 0);
    let scope = directory.scope().await?;
    let (roots, people) = if chosen.is_empty() {
        (scope.departments, scope.people)
    } else {
        (
            chosen.iter().map(|key| Key::from(key.as_str())).collect(),
            Vec::new(),
        )
    };
    let departments = departments(directory, roots, progress, &mut snapshot.findings).await?;
    snapshot.members = members(
        directory,
        &departments,
        &people,
        progress,
        &mut snapshot.findings,
    )
    .await?;
    snapshot.departments = departments;
    Ok(snapshot)
}

/// Reads departments from these roots downwards, level by level.
async fn departments(
    directory: &dyn Directory,
    roots: Vec<Key>,
    progress: &Progress,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Department>, ReadError> {
    let mut known: HashMap<Key, Department> = HashMap::new();
    for key in roots {
        match directory.department(&key).await? {
            Some(department) => {
                known.insert(key, department);
            }
            None => findings.push(Finding::new(FindingKind::DepartmentNotSeen).of_department(&key)),
        }
    }
    let mut asked: HashSet<Key> = known.keys().cloned().collect();
    let mut level: Vec<Key> = known.keys().cloned().collect();
    while !level.is_empty() {
        progress.grow(known.len());
        let calls = std::mem::take(&mut level)
            .into_iter()
            .map(|key| async move {
                let below = directory.departments_in(&key).await?;
                Ok::<_, ReadError>((key, below))
            });
        let calls: Vec<_> = stream::iter(calls)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for (key, below) in calls {
            let Some(below) = below else {
                findings.push(Finding::new(FindingKind::DepartmentVanished).of_department(&key));
                known.remove(&key);
                continue;
            };
            for key in below.left_out {
                let finding = Finding::new(FindingKind::DepartmentLeftOut);
                findings.push(finding.of_department(&key));
            }
            for department in below.departments {
                if asked.insert(department.key.clone()) {
                    level.push(department.key.clone());
                    known.insert(department.key.clone(), department);
                }
            }
        }
    }
    let mut departments: Vec<_> = known.into_values().collect();
    departments.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(departments)
}

/// Reads the people of these departments, and these people.
async fn members(
    directory: &dyn Directory,
    departments: &[Department],
    people: &[Key],
    progress: &Progress,
    findings: &mut Vec<Finding>,
) -> Result<Members, ReadError> {
    progress.begin(Phase::People, departments.len());
    let mut found = Members::default();
    let mut numbers: HashMap<Key, usize> = HashMap::new();
    let mut places: Vec<(usize, Place)> = Vec::new();
    let keys: Vec<Key> = departments.iter().map(|one| one.key.clone()).collect();
    let keys = keys.into_iter();
    let mut reading = stream::iter(keys.map(|key| async move {
        let members = members_of(directory, &key).await?;
        Ok::<_, ReadError>((key, members))
    }))
    .buffer_unordered(AT_ONCE);
    while let Some((department, members)) = reading.try_next().await? {
        progress.advance(1);
        let Some(members) = members else {
            findings.push(Finding::new(FindingKind::DepartmentVanished).of_department(&department));
            continue;
        };
        for MemberOf {
            member,
            is_owner,
            rank,
        } in members
        {
            let number = numbers.entry(member.key.clone());
            let number = *number.or_insert_with(|| found.push(&member));
            let department = department.clone();
            places.push((
                number,
                Place {
                    department,
                    is_owner,
                    rank,
                },
            ));
        }
    }
    drop(reading);
    place(&mut found, places);
    for key in people {
        if !numbers.contains_key(key)
            && let PersonLookup::Found(member, _) = directory.person(key).await?
        {
            found.push(&member);
        }
    }
    found.settle();
    Ok(found)
}

/// Gives people their places, each with the number of a person.
fn place(members: &mut Members, mut places: Vec<(usize, Place)>) {
    places.sort_by_key(|(number, _)| *number);
    let of_one = |a: &(usize, Place), b: &(usize, Place)| a.0 == b.0;
    for places in places.chunk_by(of_one) {
        let number = places.first().map(|(number, _)| *number);
        let number = number.unwrap_or_default();
        let places: Vec<_> = places.iter().map(|(_, place)| place.clone()).collect();
        if let Some(member) = members.get(number) {
            members.set(number, &placed(member, &places));
        }
    }
}

/// Reads all pages of a department. Returns none when it no longer exists.
async fn members_of(
    directory: &dyn Directory,
    department: &Key,
) -> Result<Option<Vec<MemberOf>>, ReadError> {
    let mut members = Vec::new();
    let mut cursor = None;
    loop {
        let Some(mut page) = directory.members_of(department, cursor).await? else {
            return Ok(None);
        };
        members.append(&mut page.members);
        match page.next {
            None => return Ok(Some(members)),
            Some(next) if cursor.is_none_or(|cursor| next > cursor) => cursor = Some(next),
            // The pages would repeat without an end, and people on later pages would seem to have left.
            Some(_) => {
                return Err(ReadError::Failed(
                    "the pages of a department do not end".into(),
                ));
            }
        }
    }
}

/// The person with these places, the main department first. That is the one with the highest rank,
/// or otherwise the one that the provider names first.
pub fn placed(mut member: Member, places: &[Place]) -> Member {
    let mut named = std::mem::take(&mut member.memberships);
    for place in places {
        if !named.iter().any(|one| one.department == place.department) {
            named.push(Membership {
                department: place.department.clone(),
                is_owner: false,
            });
        }
    }
    let of = |key: &Key| places.iter().find(|place| place.department == *key);
    for one in &mut named {
        one.is_owner = of(&one.department).is_some_and(|place| place.is_owner);
    }
    // The sort is stable, so places of equal rank stay in the provider's order.
    named.sort_by_key(|one| {
        let rank = of(&one.department).and_then(|place| place.rank);
        std::cmp::Reverse(rank.unwrap_or(i64::MIN))
    });
    member.memberships = named;
    member
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(department: &str, is_owner: bool, rank: Option<i64>) -> Place {
        Place {
            department: department.into(),
            is_owner,
            rank,
        }
    }

    /// The departments of a person with these places, in order, each with whether the person leads it. The provider
    /// names the departments of the person in this order.
    fn memberships(named: &[&str], places: &[Place]) -> Vec<(String, bool)> {
        let named = named.iter().map(|key| Membership {
            department: Key::from(*key),
            is_owner: true,
        });
        let member = Member {
            memberships: named.collect(),
            ..Member::named("lina".into(), "Lina".to_owned())
        };
        let found = placed(member, places).memberships.into_iter();
        let found = found.map(|one| (one.department.to_string(), one.is_owner));
        found.collect()
    }

    #[test]
    fn the_department_with_the_highest_rank_is_the_main_one_and_only_leaders_own() {
        let pair = |key: &str, is_owner: bool| (key.to_owned(), is_owner);
        let places = [
            place("a", false, Some(1)),
            place("b", true, Some(7)),
            place("d", false, Some(3)),
        ];
        // Nobody was read in «c», and the provider does not name «d».
        assert_eq!(
            memberships(&["c", "a", "b"], &places),
            [
                pair("b", true),
                pair("d", false),
                pair("a", false),
                pair("c", false)
            ]
        );
        let unranked = [place("a", true, None), place("b", false, None)];
        assert_eq!(
            memberships(&["b", "a"], &unranked),
            [pair("b", false), pair("a", true)]
        );
    }

    #[test]
    fn everybody_gets_their_own_places() {
        let mut all = Members::default();
        for key in ["lina", "omar"] {
            all.push(&Member::named(key.into(), key.to_owned()));
        }
        let at = |key: &str| place(key, true, None);
        super::place(&mut all, vec![(1, at("b")), (0, at("a")), (1, at("c"))]);
        let memberships = all.iter().map(|one| one.memberships.len());
        assert_eq!(memberships.collect::<Vec<_>>(), [1, 2]);
    }
}
