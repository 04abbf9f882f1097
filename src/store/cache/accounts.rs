//! Accounts with their roles.

use std::sync::Arc;

use entity::{role, role_user, user};
use moka::sync::Cache;

use super::generation::Stamp;
use super::topic::Slots;
use crate::store::{Result, Store};

/// How many are kept; a few kilobytes each.
const MOST: u64 = 4_000;

/// A role with what ties it to an account.
pub type HeldRole = (Arc<role::Model>, role_user::Model);

/// An account as it was when it was read.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account itself.
    pub user: Arc<user::Model>,
    /// Its roles, by name.
    pub roles: Arc<[HeldRole]>,
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
        {
            caches.account_lookups.hit();
            return Ok(Some(account));
        }
        caches.account_lookups.miss();
        let stamp = caches
            .generations
            .stamp(Slots::SETTINGS | Slots::account(id));
        // What the roles say is in memory once for all accounts.
        let settings = self.settings().await?;
        let Some(user) = self.user(id).await? else {
            return Ok(None);
        };
        let ties = self.role_ties_of(id).await?.into_iter();
        let roles = ties.filter_map(|tie| Some((settings.roles.get(&tie.role_name)?.clone(), tie)));
        let account = Account {
            user: Arc::new(user),
            roles: roles.collect(),
        };
        kept.insert(id, (stamp, account.clone()));
        Ok(Some(account))
    }
}
