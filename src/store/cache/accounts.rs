//! Accounts with their roles.

use std::sync::Arc;

use entity::{role, role_user, user};
use moka::sync::Cache;

use super::generation::Stamp;
use super::partitions::Partitions;
use crate::store::{Result, Store};

/// The name of the union of all roles of an account. No role has this name, but an assignment of it
/// can be the account's default.
pub const UNION: &str = "__union__";

/// How many accounts are kept, each with a few kilobytes.
const MOST: u64 = 4_000;

/// A role with its assignment to an account.
pub type HeldRole = (Arc<role::Model>, role_user::Model);

/// The roles of an account.
#[derive(Clone, Debug)]
pub struct HeldRoles {
    /// The roles, sorted by name.
    pub roles: Arc<[HeldRole]>,
    /// Whether the account uses the union of its roles unless a request names one.
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

/// The accounts in memory, by id. That an account does not exist is not kept: anybody can make up
/// ids, and then each new account would have to be announced.
pub struct Accounts(Cache<i64, (Stamp, Account)>);

impl Accounts {
    /// An empty cache.
    pub fn new() -> Self {
        Self(Cache::new(MOST))
    }
}

impl Store {
    /// The account with this id and its roles, from memory if nothing has changed.
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
        // The roles themselves are in memory once for all accounts.
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
