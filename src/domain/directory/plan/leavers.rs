//! What becomes of one person who is gone.

use super::super::{Finding, FindingKind, Key, Leavers, ManagedPerson};
use super::{AccountFacts, Planner};

/// What is done to the account of somebody who is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaverStep {
    /// Nothing: that they are gone is only remembered.
    Remember,
    /// All access ends.
    EndAccess,
    /// The binding is removed.
    Unbind,
    /// The account is removed.
    Delete,
}

/// Somebody who is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// The person, as earlier runs know them.
    pub person: ManagedPerson,
    /// What is done to the account.
    pub step: LeaverStep,
    /// Departments to be taken out of.
    pub quits: Vec<Key>,
    /// Names of the roles to be remembered.
    pub roles: Vec<String>,
}

impl Planner<'_> {
    /// Plans somebody whom earlier runs know and who is in the organisation no longer. `account` is what is
    /// left of theirs; `resigned` whether the organisation says that they left, and not only that they are
    /// not seen. `None` when everything is done.
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
        // Somebody may have unbound it, and it is theirs to decide then. What an earlier run has begun is
        // brought to its end.
        let is_ours = account.binding.is_some() || known.tried_at.is_some();
        let belongs_to_another = self
            .claimed
            .get(&account.id)
            .is_some_and(|by| *by != known.person);
        if account.is_root || account.id == self.acting || !is_ours || belongs_to_another {
            if self.options.leavers != Leavers::Nothing {
                let kept = Finding::new(FindingKind::LeaverKept).of_person(&known.key);
                findings.push(kept.of_accounts([account.id]));
            }
            return Some(leaver);
        }
        leaver.step = match self.options.leavers {
            Leavers::Disable => LeaverStep::EndAccess,
            Leavers::Unbind => LeaverStep::Unbind,
            Leavers::Nothing => return Some(leaver),
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
