//! Tests of how budgets are spent and filled up again.

use super::*;
use chrono::TimeDelta;
use std::net::Ipv4Addr;

const HERE: &str = "192.0.2.1";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn guess(limits: &GuessLimits, account: &str, from: &str) -> bool {
    limits.begin(account, ip(from)).is_ok()
}

#[test]
fn one_account_can_be_guessed_at_ten_times_and_then_every_six_seconds() {
    let clock = Clock::system();
    let limits = GuessLimits::new(&clock);
    assert!((0..10).all(|_| guess(&limits, "ada", HERE)));
    let refused = limits.begin("ada", ip(HERE)).err().unwrap();
    assert!(refused.wait <= Duration::from_secs(6));
    assert!(
        guess(&limits, "ada", "192.0.2.2"),
        "others are not shut out"
    );
    assert!(guess(&limits, "bob", HERE));
    clock.advance(TimeDelta::seconds(6));
    assert!(guess(&limits, "ada", HERE));
    assert!(!guess(&limits, "ada", HERE));
}

#[test]
fn right_ones_do_not_count() {
    let limits = GuessLimits::new(&Clock::system());
    for _ in 0..1000 {
        limits.begin("ada", ip(HERE)).unwrap().succeeded();
    }
    assert!((0..9).all(|_| guess(&limits, "ada", HERE)));
    limits.begin("ada", ip(HERE)).unwrap().succeeded();
    assert!(guess(&limits, "ada", HERE));
    assert!(
        !guess(&limits, "ada", HERE),
        "a right one does not wipe the slate"
    );
}

#[test]
fn one_address_can_try_sixty_accounts() {
    let clock = Clock::system();
    let limits = GuessLimits::new(&clock);
    assert!((0..60).all(|n| guess(&limits, &format!("user{n}"), HERE)));
    assert!(!guess(&limits, "ada", HERE));
    assert!(limits.begin_from(ip(HERE)).is_err());
    clock.advance(TimeDelta::seconds(1));
    assert!(guess(&limits, "ada", HERE));
    // The refused guesses have spent nothing of the account's own budget.
    clock.advance(TimeDelta::seconds(60));
    assert!((0..10).all(|_| guess(&limits, "ada", HERE)));
}

#[test]
fn a_flood_of_refusals_is_not_kept() {
    let clock = Clock::system();
    let limits = GuessLimits::new(&clock);
    assert!((0..60).all(|_| limits.may_keep_refusal(ip(HERE))));
    assert!(!limits.may_keep_refusal(ip(HERE)));
    let crowd = (0..5000).map(|n| Ipv4Addr::from_bits(n).into());
    let kept = crowd.filter(|from| limits.may_keep_refusal(*from));
    assert_eq!(kept.count(), 1000 - 60);
    clock.advance(TimeDelta::seconds(10));
    assert!(limits.may_keep_refusal(ip(HERE)));
}

#[test]
fn a_flood_of_reports_is_not_believed() {
    let limits = GuessLimits::new(&Clock::system());
    assert!((0..10).all(|_| limits.begin_report(ip(HERE)).is_ok()));
    assert!(limits.begin_report(ip(HERE)).is_err());
    let crowd = (0..500).map(|n| Ipv4Addr::from_bits(n).into());
    let kept = crowd.filter(|from| limits.begin_report(*from).is_ok());
    assert!((50..60).contains(&kept.count()));
}

#[test]
fn an_ipv6_network_is_one_address() {
    let limits = GuessLimits::new(&Clock::system());
    let tried = (0..20).filter(|n| guess(&limits, "ada", &format!("2001:db8:1:2::{n}")));
    assert_eq!(tried.count(), 10);
    assert!(guess(&limits, "ada", "2001:db8:1:3::1"));
    assert_eq!(network(ip("::ffff:192.0.2.1")), ip(HERE));
}

#[test]
fn a_crowd_cannot_lock_the_owner_out_of_a_familiar_place() {
    let limits = GuessLimits::new(&Clock::system());
    limits.begin("ada", ip(HERE)).unwrap().succeeded();
    let crowd = (0..100).flat_map(|n| [format!("198.51.100.{n}"), format!("203.0.113.{n}")]);
    let tried = crowd.filter(|from| (0..2).any(|_| guess(&limits, "ada", from)));
    assert!(tried.count() <= 201);
    assert!(!guess(&limits, "ada", "192.0.2.99"), "a new place waits");
    assert!(guess(&limits, "ada", HERE));
}

#[test]
fn what_is_full_again_is_forgotten() {
    let clock = Clock::system();
    let limits = GuessLimits::new(&clock);
    for round in 0..20 {
        for n in 0..500 {
            let from = Ipv4Addr::from_bits(round * 1000 + n);
            assert!(limits.begin("ada", from.into()).is_ok() || n >= 200);
        }
        clock.advance(TimeDelta::minutes(10));
    }
    assert!(limits.pairs.len() < 2_100, "{}", limits.pairs.len());
    assert!(limits.addresses.len() < 2_100);
}

#[test]
fn codes_that_are_accepted_or_not_judged_do_not_count() {
    let clock = Clock::system();
    clock.stop();
    let limits = GuessLimits::new(&clock);
    for _ in 0..100 {
        limits.begin_code(ip(HERE)).unwrap().does_not_count();
    }
    assert!((0..60).all(|_| limits.begin_code(ip(HERE)).is_ok()));
    assert!(limits.begin_code(ip(HERE)).is_err());
}

#[test]
fn ten_thousand_places_stay_familiar_and_the_oldest_goes_first() {
    let limits = GuessLimits::new(&Clock::system());
    for pair in 0..10_000 {
        limits.remember(pair);
    }
    assert!(limits.is_familiar(0));
    // One that signs in again is the newest, and none is forgotten for it.
    limits.remember(0);
    assert!(limits.is_familiar(1));
    limits.remember(10_000);
    assert!(!limits.is_familiar(1));
    assert!(limits.is_familiar(0) && limits.is_familiar(2));
}
