//! Decides which account belongs to a person.

use super::super::{Finding, FindingKind, Key, ManagedPerson, Member};
use super::person::{AccountChange, Candidates};
use super::profile::about;
use super::{AccountFacts, Planner};
use crate::domain::identity::Identity;
use crate::phone::Phone;

impl Planner<'_> {
    /// Decides how a person gets an account.
    pub(super) fn account_of(
        &self,
        member: &Member,
        identity: &Identity,
        known: Option<&ManagedPerson>,
        candidates: &Candidates,
        findings: &mut Vec<Finding>,
    ) -> AccountChange {
        if known.is_some_and(|known| known.account.is_some())
            && let Some(account) = &candidates.managed
        {
            if is_bound_to_another(account, member, identity, known) {
                findings.push(about(FindingKind::BoundToAnother, &member.key, account.id));
                return AccountChange::Others(account.id);
            }
            return AccountChange::Keep(account.id);
        }
        let mut refuse = |kind, accounts: &[AccountFacts]| {
            let ids = accounts.iter().map(|account| account.id);
            findings.push(Finding::new(kind).of_person(&member.key).of_accounts(ids));
            AccountChange::None
        };
        match candidates.bound.as_slice() {
            [] => {}
            [account] => {
                let meta = account
                    .binding
                    .as_ref()
                    .and_then(|bound| bound.meta.as_ref());
                let stable_id = identity.stable_id.as_ref();
                if stable_id.is_some_and(|stable_id| stable_id.contradicts(meta)) {
                    return refuse(FindingKind::Reissued, &candidates.bound);
                }
                if self.is_others(account, member) {
                    return refuse(FindingKind::BoundToAnother, &candidates.bound);
                }
                return AccountChange::Adopt(account.id);
            }
            several => return refuse(FindingKind::BoundSeveralTimes, several),
        }
        let found = self.linkable(member, candidates);
        let [account] = found.as_slice() else {
            if !found.is_empty() {
                return refuse(FindingKind::SeveralAccounts, &found);
            }
            if self.options.create_accounts {
                return AccountChange::Create;
            }
            return refuse(FindingKind::NoAccount, &[]);
        };
        // The account of an interrupted attempt is not bound yet. If it has a role, it is linked
        // here like any other.
        let kind = if account.is_root {
            FindingKind::RootNotLinked
        } else if account.administers && !self.rules.link_administrators {
            FindingKind::AdministratorNotLinked
        } else if account.binding.is_some() || self.is_others(account, member) {
            FindingKind::BoundToAnother
        } else if account.roles.is_empty() {
            FindingKind::DisabledNotLinked
        } else {
            return AccountChange::Link(account.id);
        };
        findings.push(about(kind, &member.key, account.id));
        AccountChange::None
    }

    /// Whether an account belongs to another person, in this plan or by the records of earlier
    /// runs.
    fn is_others(&self, account: &AccountFacts, member: &Member) -> bool {
        let managed_for = account.managed_for.as_ref();
        let claimed_by = self.claimed.get(&account.id);
        [managed_for, claimed_by]
            .into_iter()
            .flatten()
            .any(|stable_id| stable_id != member.stable_id_or_key())
    }

    /// The accounts that may be linked to the person by phone number or email address.
    fn linkable(&self, member: &Member, candidates: &Candidates) -> Vec<AccountFacts> {
        let mut found: Vec<AccountFacts> = Vec::new();
        if !self.options.link_accounts {
            return found;
        }
        let phone = member.phone.as_ref().map(Phone::e164);
        if self.rules.link_by_phone && phone.is_some_and(|phone| !self.repeated.contains(phone)) {
            found.extend(candidates.by_phone.iter().cloned());
        }
        if let Some(email) = &member.email
            && self.rules.links_email(email)
            && !self.repeated.contains(&crate::email::comparable(email))
        {
            let has_it = |account: &&AccountFacts| {
                let kept = account.email.as_deref().map(crate::email::comparable);
                kept == Some(crate::email::comparable(email))
            };
            found.extend(candidates.by_email.iter().filter(has_it).cloned());
        }
        found.sort_by_key(|account| account.id);
        found.dedup_by_key(|account| account.id);
        found
    }
}

/// Whether somebody has bound the recorded account of a person to another person.
fn is_bound_to_another(
    account: &AccountFacts,
    member: &Member,
    identity: &Identity,
    known: Option<&ManagedPerson>,
) -> bool {
    let Some(bound) = &account.binding else {
        return false;
    };
    let stable_id = identity.stable_id.as_ref();
    let key = known.map_or(&member.key, |known| &known.key);
    let identifiers = [member.stable_id_or_key(), &member.key, key].map(Key::as_str);
    stable_id.is_some_and(|stable_id| stable_id.contradicts(bound.meta.as_ref()))
        || !(bound.subject == identity.subject || bound.names(&identifiers))
}
