//! Limits on guessing passwords and authorization codes, and on other requests that anybody can repeat.
//!
//! There are three budgets for passwords. Each guess spends one attempt of each, which is returned
//! when the guess was right:
//!
//! - **One account from one address**: 10 at once, then one every 6 seconds. This is for the usual
//!   attack, a program that tries a list of words. It only locks out the attacker, because the
//!   owner of the account uses another address with a budget of its own. With a budget for the
//!   account alone, anybody could lock anybody out.
//! - **One address**: 60 at once, then one a second. This is for one password that is tried on many
//!   accounts. It is generous, because a whole company may be behind one address. Of an IPv6
//!   address only the network counts, because its owner can choose the rest.
//! - **One account from everywhere**: 200 at once, then 5 a second. This is for guessing from very
//!   many addresses: at one guess every 6 seconds, 30 addresses are needed to reach it. It is high
//!   because it does lock out others. It does not count for addresses from which the account has
//!   been used before, so its owner can still sign in at home or at work. Open sessions and signing
//!   in through DingTalk are never affected.
//!
//! There is one budget for authorization codes, each of which costs a call to the provider: **one
//! address**, 60 at once, then one a second. Returns from the provider that bring no code count, too,
//! because each is written to the database. A code that the provider accepted, or could not judge
//! because it is away or our settings are wrong, costs nothing, since a company behind one address
//! must not be locked out for that. This budget is separate, so guessing passwords locks nobody out
//! of the provider.
//!
//! Pages report what went wrong before this server was asked. Anybody can send such reports, and
//! each is a line in the log, so **one address** may send 10 at once, then one every 6 seconds, and
//! **all** together 60 at once, then one a second.
//!
//! Callbacks that are not the provider's have a budget, too: **one address** may send 200 at once,
//! then one a second. The signature is checked before the budget, so a flood of forged callbacks
//! never stops real ones that come through the same proxy. Checking costs no more than any other
//! public request: a few lookups and one hash of at most 64 KiB. What is beyond the budget is not
//! written to the log.
//!
//! Refusals are stored in the audit trail only while two more budgets last, so that a flood cannot
//! fill the database: **one address**, 60 at once, then one every 10 seconds, and **all** together
//! 1000 at once, then one every 10 seconds.
//!
//! An account is identified here by what was typed, a user name or an e-mail address. So an
//! attacker has two budgets for each account, which is better than a database query for each guess.
//! The typed text is not kept, only a hash with a random key of this process, since it may be long,
//! or a password in the wrong field.
//!
//! Budgets are kept in memory: a restart resets them, and each process has its own. NocoBase 2.2.15
//! has no limits at all.

mod budget;

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use budget::Budget;

use crate::clock::Clock;

/// The error for too many guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; the next one may come in {wait:?}")]
pub struct TooManyAttempts {
    /// How long to wait until the next guess is allowed.
    pub wait: Duration,
}

/// How many pairs of account and address are remembered after a sign-in.
const FAMILIAR: usize = 10_000;

/// All budgets of this process.
pub struct GuessLimits {
    hasher: RandomState,
    pairs: Budget,
    addresses: Budget,
    accounts: Budget,
    codes: Budget,
    reports: Budget,
    all_reports: Budget,
    callbacks: Budget,
    refusals: Budget,
    all_refusals: Budget,
    /// Hashes of pairs of account and address that have signed in, newest last.
    familiar: Mutex<VecDeque<u64>>,
}

/// An allowed guess at a password. It stays spent unless it turns out to be right.
#[must_use]
pub struct PasswordGuess<'a> {
    limits: &'a GuessLimits,
    pair: u64,
    address: u64,
    /// The key in the account's budget; none when that budget does not count.
    account: Option<u64>,
}

/// An authorization code that may be checked. The guess stays spent unless the code is accepted or
/// not judged.
#[must_use]
pub struct CodeGuess<'a> {
    limits: &'a GuessLimits,
    address: u64,
}

impl GuessLimits {
    /// Budgets that use this clock.
    pub fn new(clock: &Clock) -> Self {
        Self {
            hasher: RandomState::new(),
            pairs: Budget::new(clock, 10, Duration::from_secs(6)),
            addresses: Budget::new(clock, 60, Duration::from_secs(1)),
            accounts: Budget::new(clock, 200, Duration::from_millis(200)),
            codes: Budget::new(clock, 60, Duration::from_secs(1)),
            reports: Budget::new(clock, 10, Duration::from_secs(6)),
            all_reports: Budget::new(clock, 60, Duration::from_secs(1)),
            callbacks: Budget::new(clock, 200, Duration::from_secs(1)),
            refusals: Budget::new(clock, 60, Duration::from_secs(10)),
            all_refusals: Budget::new(clock, 1000, Duration::from_secs(10)),
            familiar: Mutex::default(),
        }
    }

    /// Begins a guess at the password of an account. The attempt is spent before the password is
    /// checked, so that guesses that are sent together cannot get past the limit.
    pub fn begin(&self, account: &str, from: IpAddr) -> Result<PasswordGuess<'_>, TooManyAttempts> {
        let from = network(from);
        // Addresses that differ only in case are the same, and must not have budgets of their own.
        let account = account.to_lowercase();
        let (pair, address) = (self.hash((&account, from)), self.hash(from));
        let account = self.hash(account);
        // A refused guess must not spend anything else: a single attacker must not use up the
        // budget of everybody at the same address.
        self.pairs.spend(pair)?;
        if let Err(refused) = self.addresses.spend(address) {
            self.pairs.refund(pair);
            return Err(refused);
        }
        let account = match self.accounts.spend(account) {
            Ok(()) => Some(account),
            Err(_) if self.is_familiar(pair) => None,
            Err(refused) => {
                self.pairs.refund(pair);
                self.addresses.refund(address);
                return Err(refused);
            }
        };
        Ok(PasswordGuess {
            limits: self,
            pair,
            address,
            account,
        })
    }

    /// Begins something expensive, or something that reveals information, that belongs to no
    /// account yet, such as a sign-up. It always counts.
    pub fn begin_from(&self, from: IpAddr) -> Result<(), TooManyAttempts> {
        self.addresses.spend(self.hash(network(from)))
    }

    /// Begins to check an authorization code.
    pub fn begin_code(&self, from: IpAddr) -> Result<CodeGuess<'_>, TooManyAttempts> {
        let address = self.hash(network(from));
        self.codes.spend(address)?;
        Ok(CodeGuess {
            limits: self,
            address,
        })
    }

    /// Counts a callback that turned out not to be the provider's.
    pub fn count_forged_callback(&self, from: IpAddr) -> Result<(), TooManyAttempts> {
        self.callbacks.spend(self.hash(network(from)))
    }

    /// Counts a report of a page. It always counts.
    pub fn begin_report(&self, from: IpAddr) -> Result<(), TooManyAttempts> {
        let address = self.hash(network(from));
        self.reports.spend(address)?;
        let all = self.all_reports.spend(0);
        all.inspect_err(|_| self.reports.refund(address))
    }

    /// Whether one more refusal for this address may be stored.
    pub fn may_keep_refusal(&self, from: IpAddr) -> bool {
        let address = self.hash(network(from));
        self.refusals.spend(address).is_ok() && self.all_refusals.spend(0).is_ok()
    }

    fn is_familiar(&self, pair: u64) -> bool {
        let familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        familiar.contains(&pair)
    }

    fn remember(&self, pair: u64) {
        let mut familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        familiar.retain(|known| *known != pair);
        familiar.push_back(pair);
        if familiar.len() > FAMILIAR {
            familiar.pop_front();
        }
    }

    fn hash(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }
}

impl PasswordGuess<'_> {
    /// Returns the attempt, because the password was right.
    pub fn succeeded(self) {
        self.limits.pairs.refund(self.pair);
        self.limits.addresses.refund(self.address);
        if let Some(account) = self.account {
            self.limits.accounts.refund(account);
        }
        self.limits.remember(self.pair);
    }
}

impl CodeGuess<'_> {
    /// Returns the attempt, because the code was accepted or not judged.
    pub fn does_not_count(self) {
        self.limits.codes.refund(self.address);
    }
}

/// The part of an address that counts: for IPv6 the first 64 bits, which is the smallest network
/// that a customer gets.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() >> 64 << 64;
            IpAddr::V6(bits.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
