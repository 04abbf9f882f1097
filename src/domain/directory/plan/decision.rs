//! What is kept of the change of a person between planning and applying it.
//!
//! The whole plan is made before its first step is applied. In a first run that is a change for
//! everybody, so what follows from the data of the person is left out, and derived again.

use chrono::{DateTime, Utc};

use super::super::{Key, Member, Membership, Profile};
use super::{AccountChange, PersonChange, Planner};
use crate::domain::identity::Identity;
use crate::phone::Phone;
use crate::store::shortened;

/// The decisions of a [`PersonChange`].
#[derive(Clone, Debug)]
pub struct Decision {
    account: AccountChange,
    parts: Parts,
    /// What earlier runs have recorded and the change depends on, if that is anything.
    known: Option<Box<EarlierRecord>>,
}

/// What earlier runs have recorded of a person.
#[derive(Clone, Debug, Default, PartialEq)]
struct EarlierRecord {
    before: Vec<Membership>,
    taken_out: Vec<Key>,
    roles: Vec<String>,
    tried_at: Option<DateTime<Utc>>,
}

/// What is written.
#[derive(Clone, Copy, Debug, Default)]
struct Parts(u16);

impl Parts {
    const BINDING: u16 = 1;
    const AVATAR: u16 = 2;
    const NICKNAME: u16 = 4;
    const PHONE: u16 = 8;
    const EMAIL: u16 = 16;
    const COLUMNS: u16 = 32;
    const ROLES: u16 = 64;
    /// Not written, but a part all the same: earlier runs have recorded the person.
    const IS_KNOWN: u16 = 128;
    /// The same: the person comes back.
    const RETURNS: u16 = 256;

    fn add(&mut self, part: u16, is_written: bool) {
        self.0 |= if is_written { part } else { 0 };
    }

    fn has(self, part: u16) -> bool {
        self.0 & part != 0
    }
}

impl PersonChange {
    /// The decisions of this change, from which [`Planner::change`] makes it again.
    pub fn decision(&self) -> Decision {
        let mut parts = Parts::default();
        let (binding, profile) = (self.binding.as_ref(), &self.profile);
        parts.add(Parts::BINDING, binding.is_some());
        let has_avatar = binding.is_some_and(|binding| binding.avatar.is_some());
        parts.add(Parts::AVATAR, has_avatar);
        parts.add(Parts::NICKNAME, profile.nickname.is_some());
        parts.add(Parts::PHONE, profile.phone.is_some());
        parts.add(Parts::EMAIL, profile.email.is_some());
        parts.add(Parts::COLUMNS, !profile.columns.is_empty());
        parts.add(Parts::ROLES, self.roles.is_some());
        parts.add(Parts::IS_KNOWN, self.is_known);
        parts.add(Parts::RETURNS, self.returns);
        let known = EarlierRecord {
            before: self.before.clone(),
            taken_out: self.taken_out.clone(),
            roles: self.kept_roles.clone(),
            tried_at: self.tried_at,
        };
        Decision {
            account: self.account,
            parts,
            known: (known != EarlierRecord::default()).then(|| Box::new(known)),
        }
    }
}

impl Planner<'_> {
    /// The change of a person, made again from its decisions.
    pub fn change(&self, member: Member, identity: &Identity, decision: Decision) -> PersonChange {
        let Decision {
            account,
            parts,
            known,
        } = decision;
        let known = known.map(|known| *known).unwrap_or_default();
        let is_new = account == AccountChange::Create;
        let binding = parts.has(Parts::BINDING).then(|| {
            let mut binding = self.binding(identity, None);
            binding.avatar = binding.avatar.filter(|_| parts.has(Parts::AVATAR));
            binding
        });
        let phone = member.phone.as_ref().filter(|_| parts.has(Parts::PHONE));
        let email = member.email.as_ref().filter(|_| parts.has(Parts::EMAIL));
        let profile = Profile {
            nickname: parts.has(Parts::NICKNAME).then(|| shortened(&member.name)),
            phone: phone.map(Phone::local).map(str::to_owned),
            email: email.cloned(),
            columns: if parts.has(Parts::COLUMNS) {
                self.columns(&member, is_new)
            } else {
                Vec::new()
            },
        };
        let roles = || self.rules.roles.clone();
        let mut change = PersonChange {
            member,
            account,
            binding,
            profile,
            returns: parts.has(Parts::RETURNS),
            roles: parts.has(Parts::ROLES).then(roles),
            joins: Vec::new(),
            quits: Vec::new(),
            owns: Vec::new(),
            main: None,
            memberships: Vec::new(),
            before: known.before,
            taken_out: known.taken_out,
            new_roles: is_new.then(roles).unwrap_or_default(),
            kept_roles: known.roles,
            tried_at: known.tried_at,
            is_known: parts.has(Parts::IS_KNOWN),
        };
        self.place(&mut change);
        change
    }
}
