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
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use std::net::Ipv4Addr;

    const HERE: &str = "192.0.2.1";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn guess(attempts: &Attempts, account: &str, from: &str) -> bool {
        attempts.begin(account, ip(from)).is_ok()
    }

    #[test]
    fn one_account_can_be_guessed_at_ten_times_and_then_every_six_seconds() {
        let clock = Clock::system();
        let attempts = Attempts::new(&clock);
        assert!((0..10).all(|_| guess(&attempts, "ada", HERE)));
        let refused = attempts.begin("ada", ip(HERE)).err().unwrap();
        assert!(refused.wait <= Duration::from_secs(6));
        assert!(
            guess(&attempts, "ada", "192.0.2.2"),
            "others are not shut out"
        );
        assert!(guess(&attempts, "bob", HERE));
        clock.advance(TimeDelta::seconds(6));
        assert!(guess(&attempts, "ada", HERE));
        assert!(!guess(&attempts, "ada", HERE));
    }

    #[test]
    fn right_ones_do_not_count() {
        let attempts = Attempts::new(&Clock::system());
        for _ in 0..1000 {
            attempts.begin("ada", ip(HERE)).unwrap().succeeded();
        }
        assert!((0..9).all(|_| guess(&attempts, "ada", HERE)));
        attempts.begin("ada", ip(HERE)).unwrap().succeeded();
        assert!(guess(&attempts, "ada", HERE));
        assert!(
            !guess(&attempts, "ada", HERE),
            "a right one does not wipe the slate"
        );
    }

    #[test]
    fn one_address_can_try_sixty_accounts() {
        let clock = Clock::system();
        let attempts = Attempts::new(&clock);
        assert!((0..60).all(|n| guess(&attempts, &format!("user{n}"), HERE)));
        assert!(!guess(&attempts, "ada", HERE));
        assert!(attempts.begin_from(ip(HERE)).is_err());
        clock.advance(TimeDelta::seconds(1));
        assert!(guess(&attempts, "ada", HERE));
        // Being refused spent nothing of the account's own budget.
        clock.advance(TimeDelta::seconds(60));
        assert!((0..10).all(|_| guess(&attempts, "ada", HERE)));
    }

    #[test]
    fn a_flood_of_refusals_is_not_kept() {
        let clock = Clock::system();
        let attempts = Attempts::new(&clock);
        assert!((0..60).all(|_| attempts.may_keep_refusal(ip(HERE))));
        assert!(!attempts.may_keep_refusal(ip(HERE)));
        let crowd = (0..5000).map(|n| Ipv4Addr::from_bits(n).into());
        let kept = crowd.filter(|from| attempts.may_keep_refusal(*from));
        assert_eq!(kept.count(), 1000 - 60);
        clock.advance(TimeDelta::seconds(10));
        assert!(attempts.may_keep_refusal(ip(HERE)));
    }

    #[test]
    fn a_flood_of_reports_is_not_believed() {
        let attempts = Attempts::new(&Clock::system());
        assert!((0..10).all(|_| attempts.begin_report(ip(HERE)).is_ok()));
        assert!(attempts.begin_report(ip(HERE)).is_err());
        let crowd = (0..500).map(|n| Ipv4Addr::from_bits(n).into());
        let kept = crowd.filter(|from| attempts.begin_report(*from).is_ok());
        assert!((50..60).contains(&kept.count()));
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let attempts = Attempts::new(&Clock::system());
        let tried = (0..20).filter(|n| guess(&attempts, "ada", &format!("2001:db8:1:2::{n}")));
        assert_eq!(tried.count(), 10);
        assert!(guess(&attempts, "ada", "2001:db8:1:3::1"));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip(HERE));
    }

    #[test]
    fn a_crowd_cannot_lock_the_owner_out_of_a_familiar_place() {
        let attempts = Attempts::new(&Clock::system());
        attempts.begin("ada", ip(HERE)).unwrap().succeeded();
        let crowd = (0..100).flat_map(|n| [format!("198.51.100.{n}"), format!("203.0.113.{n}")]);
        let tried = crowd.filter(|from| (0..2).any(|_| guess(&attempts, "ada", from)));
        assert!(tried.count() <= 201);
        assert!(!guess(&attempts, "ada", "192.0.2.99"), "a new place waits");
        assert!(guess(&attempts, "ada", HERE));
    }

    #[test]
    fn what_is_full_again_is_forgotten() {
        let clock = Clock::system();
        let attempts = Attempts::new(&clock);
        for round in 0..20 {
            for n in 0..500 {
                let from = Ipv4Addr::from_bits(round * 1000 + n);
                assert!(attempts.begin("ada", from.into()).is_ok() || n >= 200);
            }
            clock.advance(TimeDelta::minutes(10));
        }
        assert!(attempts.pairs.len() < 2_100, "{}", attempts.pairs.len());
        assert!(attempts.addresses.len() < 2_100);
    }
}
