//! How often somebody may guess a password, or an authorization code of another service.
//!
//! Three budgets for passwords, each spent by one guess and given back when the guess was right:
//!
//! - **one account from one address**: 10 at once, then one every 6 seconds. The usual case, a
//!   program that tries words from a list. It shuts out nobody but itself: the account's owner
//!   comes from elsewhere and has a budget of their own. A budget of the account alone would be a
//!   switch with which anybody could lock anybody out.
//! - **one address**: 60 at once, then one a second. For one password tried on many accounts.
//!   Generous, because a whole company may stand behind one address, and wide: of an IPv6 address
//!   only the network counts, whose owner has the rest to choose from.
//! - **one account from everywhere**: 200 at once, then 5 a second. For guessing from very many
//!   addresses: at one guess every 6 seconds it takes 30 of them to feel it. It is high because
//!   whoever spends it does lock others out, and so it does not count for addresses from which
//!   the account has been signed in to before: its owner at home or at work still gets in. Open
//!   sessions and sign-in through DingTalk are never touched.
//!
//! And one for codes, which are asked about at the service that gave them: **one address**, 60 at
//! once, then one a second, so that nobody makes us ask without end. A code that the service took,
//! or never judged, because it is away or our settings are wrong, costs nothing: a company behind
//! one address must not be shut out for that. It is apart from those for
//! passwords: who guesses passwords shuts nobody out who comes by way of that service.
//!
//! What pages say that went wrong before this server was asked is believed by **one address** 10 at
//! once, then one every 6 seconds, and by **all** 60 at once, then one a second: it is worth a line in
//! the log, and anybody can send it.
//!
//! Refusals are kept in the audit trail one by one only while two more budgets last: of **one
//! address** 60 at once, then one every 10 seconds, and of **all** 1000 at once, then one every 10
//! seconds. A flood must not fill the database.
//!
//! An account is known here by what was typed, user name or e-mail address: a guesser has two
//! budgets per account, which is not worth asking the database first. What was typed is not kept,
//! only a hash under a key that each start draws anew, so it may be long or somebody's password in
//! the wrong field.
//!
//! Budgets live in memory: they are forgotten at a restart, and several processes each have their
//! own. NocoBase 2.2.15 has no limit at all.

mod budget;

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use budget::Budget;

use crate::clock::Clock;

/// Too many guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; the next one may come in {wait:?}")]
pub struct TooManyAttempts {
    /// How long until the next one may come.
    pub wait: Duration,
}

/// How many pairs of account and address are remembered as having signed in.
const FAMILIAR: usize = 10_000;

/// The budgets.
pub struct Attempts {
    hasher: RandomState,
    pairs: Budget,
    addresses: Budget,
    accounts: Budget,
    codes: Budget,
    reports: Budget,
    all_reports: Budget,
    refusals: Budget,
    all_refusals: Budget,
    /// Hashes of account and address that went together before, the newest last.
    familiar: Mutex<VecDeque<u64>>,
}

/// A guess at a password that may be made. It is spent, unless it turns out right.
#[must_use]
pub struct Attempt<'a> {
    attempts: &'a Attempts,
    pair: u64,
    address: u64,
    /// Nothing where the account's budget does not count.
    account: Option<u64>,
}

/// A code that may be asked about. It is spent, unless it turns out good or is never judged.
#[must_use]
pub struct CodeAttempt<'a> {
    attempts: &'a Attempts,
    address: u64,
}

impl Attempts {
    /// Budgets that fill up by this clock.
    pub fn new(clock: &Clock) -> Self {
        Self {
            hasher: RandomState::new(),
            pairs: Budget::new(clock, 10, Duration::from_secs(6)),
            addresses: Budget::new(clock, 60, Duration::from_secs(1)),
            accounts: Budget::new(clock, 200, Duration::from_millis(200)),
            codes: Budget::new(clock, 60, Duration::from_secs(1)),
            reports: Budget::new(clock, 10, Duration::from_secs(6)),
            all_reports: Budget::new(clock, 60, Duration::from_secs(1)),
            refusals: Budget::new(clock, 60, Duration::from_secs(10)),
            all_refusals: Budget::new(clock, 1000, Duration::from_secs(10)),
            familiar: Mutex::default(),
        }
    }

    /// Begins a guess at the password of what was typed as an account. Spent before the password
    /// is looked at, so that guesses sent together cannot overtake their own count.
    pub fn begin(&self, account: &str, from: IpAddr) -> Result<Attempt<'_>, TooManyAttempts> {
        let from = network(from);
        // Capitals do not tell addresses apart, and must not multiply what may be tried.
        let account = account.to_lowercase();
        let (pair, address) = (self.hash((&account, from)), self.hash(from));
        let account = self.hash(account);
        // Whoever is refused has spent nothing: one who hammers does not use up the budget of
        // everybody at the same address.
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
        Ok(Attempt {
            attempts: self,
            pair,
            address,
            account,
        })
    }

    /// Begins something costly or telling that has no account yet, such as a sign-up. Always
    /// counts.
    pub fn begin_from(&self, from: IpAddr) -> Result<(), TooManyAttempts> {
        self.addresses.spend(self.hash(network(from)))
    }

    /// Begins to ask about somebody's authorization code.
    pub fn begin_code(&self, from: IpAddr) -> Result<CodeAttempt<'_>, TooManyAttempts> {
        let address = self.hash(network(from));
        self.codes.spend(address)?;
        Ok(CodeAttempt {
            attempts: self,
            address,
        })
    }

    /// One more report of a page about what went wrong there. Always counts.
    pub fn begin_report(&self, from: IpAddr) -> Result<(), TooManyAttempts> {
        let address = self.hash(network(from));
        self.reports.spend(address)?;
        let all = self.all_reports.spend(0);
        all.inspect_err(|_| self.reports.refund(address))
    }

    /// Whether one more refusal of somebody at this address is worth a row.
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

impl Attempt<'_> {
    /// The guess was right, so it was none: it does not count.
    pub fn succeeded(self) {
        self.attempts.pairs.refund(self.pair);
        self.attempts.addresses.refund(self.address);
        if let Some(account) = self.account {
            self.attempts.accounts.refund(account);
        }
        self.attempts.remember(self.pair);
    }
}

impl CodeAttempt<'_> {
    /// The code was good, or nobody said anything about it.
    pub fn does_not_count(self) {
        self.attempts.codes.refund(self.address);
    }
}

/// What counts as one address: of IPv6 the first 64 bits, the least that one customer gets.
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
