//! Reading a whole organisation.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Department, Finding, FindingKind, Key, Member, Membership, Phase, Progress};
use crate::domain::organisation::{Directory, MemberOf, PersonLookup, Place, ReadError};

/// Calls at the same time. How many there are in a second is the provider's business.
const AT_ONCE: usize = 8;

/// An organisation as it was while it was read.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Its departments, each once.
    pub departments: Vec<Department>,
    /// Its people, each once, in the order of who they are for ever.
    pub members: Vec<Member>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Reads the departments with these keys and all below them; without any, all that the application may
/// see. An error when anything could not be read: the organisation is known as a whole or not at all.
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
    let mut members = members(directory, &departments, progress, &mut snapshot.findings).await?;
    for key in people {
        if let PersonLookup::Found(member, _) = directory.person(&key).await? {
            members.entry(key).or_insert(*member);
        }
    }
    snapshot.departments = departments;
    snapshot.members = members.into_values().collect();
    snapshot.members.sort_by(|a, b| a.person().cmp(b.person()));
    // Two keys of one person are one person; which of them is used does not change from run to run.
    snapshot.members.dedup_by(|b, a| a.person() == b.person());
    Ok(snapshot)
}

/// The departments from these downwards, level by level.
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

/// The people of these departments, by key.
async fn members(
    directory: &dyn Directory,
    departments: &[Department],
    progress: &Progress,
    findings: &mut Vec<Finding>,
) -> Result<HashMap<Key, Member>, ReadError> {
    progress.begin(Phase::People, departments.len());
    let mut people: HashMap<Key, Collected> = HashMap::new();
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
            let person = people
                .entry(member.key.clone())
                .or_insert_with(|| Collected::of(member));
            person.places.push(Place {
                department: department.clone(),
                is_owner,
                rank,
            });
        }
    }
    drop(reading);
    Ok(people
        .into_iter()
        .map(|(key, person)| (key, placed(person.member, &person.places)))
        .collect())
}

/// All pages of one department. Nothing when it is gone.
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
            // It would go round and round, and whoever is not on these pages would count as gone.
            Some(_) => {
                return Err(ReadError::Failed(
                    "the pages of a department do not end".into(),
                ));
            }
        }
    }
}

/// A person of whom several departments tell.
struct Collected {
    member: Member,
    places: Vec<Place>,
}

impl Collected {
    fn of(member: Member) -> Self {
        Self {
            member,
            places: Vec::new(),
        }
    }
}

/// The person, with these places, and the main department first: the one of the greatest rank, or else the one that
/// the provider names first.
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
    // Stable: those of one rank stay as the provider names them.
    named.sort_by_key(|one| {
        let rank = of(&one.department).and_then(|place| place.rank);
        std::cmp::Reverse(rank.unwrap_or(i64::MIN))
    });
    member.memberships = named;
    member
}
