//! Accounts with their roles.

use std::sync::Arc;

use entity::{role, role_user, user};
use moka::sync::Cache;

use super::generation::Stamp;
use super::partitions::Partitions;
use crate::store::{Result, Store};

/// The name that stands for all roles of an account together. No role has it, but an assignment of it can
/// be the account's default.
pub const UNION: &str = "__union__";

/// How many are kept; a few kilobytes each.
const MOST: u64 = 4_000;

/// A role with its assignment to an account.
pub type HeldRole = (Arc<role::Model>, role_user::Model);

/// The roles of an account.
#[derive(Clone, Debug)]
pub struct HeldRoles {
    /// By name.
    pub roles: Arc<[HeldRole]>,
    /// Whether the account acts with all of them unless a request says otherwise.
    pub default_is_union: bool,
}

impl HeldRoles {
    /// The roles of these assignments. One assignment may have no role: that of the union.
    pub fn of<F>(assignments: Vec<role_user::Model>, role: F) -> Self
    where
        F: FnMut(role_user::Model) -> Option<HeldRole>,
    {
        let is_union = |assignment: &role_user::Model| {
            assignment.role_name == UNION && assignment.default == Some(true)
        };
        Self {
            default_is_union: assignments.iter().any(is_union),
            roles: assignments.into_iter().filter_map(role).collect(),
        }
    }
}

/// An account as it was when it was read.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account itself.
    pub user: Arc<user::Model>,
    /// Its roles.
    pub held: HeldRoles,
}

/// What is kept of them, by id. That an account is missing is not kept: anybody can make up ids,
/// and a new account would have to be announced.
pub struct Accounts(Cache<i64, (Stamp, Account)>);

impl Accounts {
    /// None yet.
    pub fn new() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Store {
    /// The account with this id and its roles; from memory when nothing changed.
    pub async fn account(&self, id: i64) -> Result<Option<Account>> {
        let caches = self.caches();
        let Accounts(kept) = &caches.accounts;
        if let Some((stamp, account)) = kept.get(&id)
            && caches.generations.is_current(&stamp)
            && self.keeps_people()
        {
            caches.account_lookups.hit();
            return Ok(Some(account));
        }
        caches.account_lookups.miss();
        let stamp = caches
            .generations
            .stamp(Partitions::SETTINGS | Partitions::account(id));
        // What the roles say is in memory once for all accounts.
        let settings = self.settings().await?;
        let Some(user) = self.user(id).await? else {
            return Ok(None);
        };
        let role = |assignment: role_user::Model| {
            Some((
                settings.roles.get(&assignment.role_name)?.clone(),
                assignment,
            ))
        };
        let held = HeldRoles::of(self.role_assignments_of(id).await?, role);
        let account = Account {
            user: Arc::new(user),
            held,
        };
        kept.insert(id, (stamp, account.clone()));
        Ok(Some(account))
    }
}
