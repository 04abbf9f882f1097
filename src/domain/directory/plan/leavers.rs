//! Plans what happens to one person who is gone.

use super::super::{Finding, FindingKind, Key, Leavers, ManagedPerson};
use super::{AccountFacts, BindingFacts, Planner};

/// The change to the account of a person who is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaverStep {
    /// None: only the fact that the person is gone is recorded.
    Remember,
    /// None, and nothing is recorded: the source acts as the account. When it acts as another one,
    /// the access of this one ends.
    Wait,
    /// All access ends.
    EndAccess,
    /// The binding is removed.
    Unbind,
    /// The account is deleted.
    Delete,
}

impl LeaverStep {
    /// Its name where it takes something away, and none where the account stays as it is.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Remember | Self::Wait => None,
            Self::EndAccess => Some("endAccess"),
            Self::Unbind => Some("unbind"),
            Self::Delete => Some("deleteAccount"),
        }
    }
}

/// A person who is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// The person, as earlier runs have recorded them.
    pub person: ManagedPerson,
    /// The change to the account.
    pub step: LeaverStep,
    /// The departments to leave.
    pub quits: Vec<Key>,
    /// The names of the roles to record.
    pub roles: Vec<String>,
}

/// Whether an account with this binding is the person's. One that somebody has unbound, or bound to another
/// person, is not any more, so it stays as it is. But what an interrupted run has begun is completed.
pub fn belongs_to(known: &ManagedPerson, binding: Option<&BindingFacts>) -> bool {
    let identifiers = [known.stable_id.as_str(), known.key.as_str()];
    match binding {
        Some(bound) => bound.names(&identifiers),
        None => known.tried_at.is_some(),
    }
}

impl Planner<'_> {
    /// Plans a person whom earlier runs have recorded and who is no longer in the organization.
    /// `account` holds the facts about their account, if it still exists. `resigned` is true when
    /// the organization says that they left, and false when they are only no longer visible.
    /// Returns none when everything is done.
    pub fn leaver(
        &self,
        known: &ManagedPerson,
        account: Option<&AccountFacts>,
        resigned: bool,
        findings: &mut Vec<Finding>,
    ) -> Option<Leaver> {
        if known.is_gone {
            return None;
        }
        let kind = if resigned {
            FindingKind::Left
        } else {
            FindingKind::OutOfScope
        };
        let finding = Finding::new(kind).of_person(&known.key);
        findings.push(finding.of_accounts(known.account));
        let mut leaver = Leaver {
            person: known.clone(),
            step: LeaverStep::Remember,
            quits: Vec::new(),
            roles: known.roles.clone(),
        };
        let Some(account) = account else {
            return Some(leaver);
        };
        let belongs_to_person = belongs_to(known, account.binding.as_ref());
        let belongs_to_another = self
            .claimed
            .get(&account.id)
            .is_some_and(|by| *by != known.stable_id);
        if account.is_root || account.id == self.acting || !belongs_to_person || belongs_to_another
        {
            if self.options.leavers != Leavers::Nothing {
                let kept = Finding::new(FindingKind::LeaverKept).of_person(&known.key);
                findings.push(kept.of_accounts([account.id]));
                if account.id == self.acting && belongs_to_person && !belongs_to_another {
                    leaver.step = LeaverStep::Wait;
                }
            }
            return Some(leaver);
        }
        leaver.step = match self.options.leavers {
            Leavers::Nothing => return Some(leaver),
            // The person has the account through the other source as well, and keeps it.
            _ if account.is_in_another_source => LeaverStep::Unbind,
            Leavers::Disable => LeaverStep::EndAccess,
            Leavers::Unbind => LeaverStep::Unbind,
            Leavers::Delete => LeaverStep::Delete,
        };
        if !account.roles.is_empty() {
            leaver.roles.clone_from(&account.roles);
        }
        if self.follows_departments() {
            let quits = known.memberships.iter().map(|one| one.department.clone());
            leaver.quits = quits.collect();
        }
        Some(leaver)
    }
}
