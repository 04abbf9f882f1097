//! The safety limit: how much a run may remove without confirmation.

use sha2::{Digest, Sha256};

use super::LeaverStep;

/// This many people or departments may always be removed. A limit in percent alone would stop a
/// company of ten when one person leaves.
const ALWAYS: usize = 5;

/// What a plan removes, and the totals to compare it with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removals {
    /// How many people are managed and were in the organization.
    pub people: usize,
    /// The people among them who lose access, their binding or their account, each with which of
    /// these.
    pub leavers: Vec<(String, LeaverStep)>,
    /// How many people were removed in the hour before, if they count. Events come one by one, so
    /// a limit on each batch of them alone would never be exceeded.
    pub recent: usize,
    /// How many departments are managed.
    pub departments: usize,
    /// The departments among them that are removed.
    pub removed: Vec<String>,
}

impl Removals {
    /// Whether more than this percentage of the people or departments is removed.
    pub fn exceed(&self, percent: u8) -> bool {
        let is_more = |gone: usize, all: usize| {
            let allowed = (all.saturating_mul(usize::from(percent)) / 100).max(ALWAYS);
            gone > allowed
        };
        let recent = match self.leavers.len() {
            0 => 0,
            _ => self.recent,
        };
        is_more(self.leavers.len() + recent, self.people + recent)
            || is_more(self.removed.len(), self.departments)
    }

    /// A fingerprint of exactly these removals, with what becomes of each account. An administrator
    /// sends it to confirm them.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let leavers = self.leavers.iter();
        let leavers = leavers.map(|(key, step)| (key, step.name().unwrap_or_default()));
        let removed = self.removed.iter().map(|key| (key, "removeDepartment"));
        for mut list in [leavers.collect::<Vec<_>>(), removed.collect()] {
            list.sort_unstable();
            hash.update((list.len() as u64).to_le_bytes());
            for (key, step) in list {
                for text in [key, step] {
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        hex::encode(digest.first_chunk::<16>().unwrap_or(&[0; 16]))
    }
}

/// How many people and departments a plan changes, or a run has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// People in the organization.
    pub people: u64,
    /// Departments in the organization.
    pub departments: u64,
    /// Accounts created.
    pub created: u64,
    /// Existing accounts that were linked.
    pub linked: u64,
    /// Accounts that were already bound and are managed from now on.
    pub adopted: u64,
    /// Accounts updated.
    pub updated: u64,
    /// People who came back.
    pub returned: u64,
    /// People who are gone.
    pub left: u64,
    /// Departments created.
    pub departments_created: u64,
    /// Departments renamed or moved.
    pub departments_changed: u64,
    /// Departments removed.
    pub departments_removed: u64,
    /// Findings that an administrator should look at.
    pub conflicts: u64,
    /// Findings that prevented something.
    pub errors: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaver(number: usize) -> (String, LeaverStep) {
        (number.to_string(), LeaverStep::EndAccess)
    }

    fn removals(people: usize, gone: usize) -> Removals {
        Removals {
            people,
            leavers: (0..gone).map(leaver).collect(),
            ..Removals::default()
        }
    }

    #[test]
    fn a_tenth_or_five_people_may_go() {
        for (people, gone, exceeds) in [
            (3, 3, false),
            (10, 5, false),
            (10, 6, true),
            (200, 20, false),
            (200, 21, true),
            (0, 0, false),
        ] {
            assert_eq!(
                removals(people, gone).exceed(10),
                exceeds,
                "{gone} of {people}"
            );
        }
        assert!(!removals(10, 10).exceed(100));
    }

    #[test]
    fn people_who_went_in_the_hour_before_count_when_one_more_goes() {
        let after = |recent: usize, gone: usize| Removals {
            recent,
            ..removals(200 - recent, gone)
        };
        assert!(!after(19, 1).exceed(10));
        assert!(after(20, 1).exceed(10));
        assert!(!after(150, 0).exceed(10));
    }

    #[test]
    fn departments_have_the_same_limit() {
        let removed = |count: usize| Removals {
            departments: 20,
            removed: (0..count).map(|number| number.to_string()).collect(),
            ..Removals::default()
        };
        assert!(!removed(5).exceed(10));
        assert!(removed(6).exceed(10));
    }

    #[test]
    fn who_agrees_agrees_to_these_people_alone() {
        let two = removals(9, 2);
        let mut turned = two.clone();
        turned.leavers.reverse();
        assert_eq!(two.fingerprint(), turned.fingerprint());
        assert_ne!(two.fingerprint(), removals(9, 3).fingerprint());
        let mut deleted = two.clone();
        deleted.leavers[1].1 = LeaverStep::Delete;
        assert_ne!(two.fingerprint(), deleted.fingerprint());
        let as_department = Removals {
            removed: two.leavers.iter().map(|(key, _)| key.clone()).collect(),
            ..Removals::default()
        };
        assert_ne!(two.fingerprint(), as_department.fingerprint());
    }
}
