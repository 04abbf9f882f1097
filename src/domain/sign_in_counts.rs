//! The numbers of sign-ins through providers on each of the last days.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::audit::Action;
use crate::store::{IN_USE, Store, StoreError, hour_of};

/// How many days are shown.
pub const DAYS: i64 = 30;
/// Hours that ended this long ago are counted for good, because all transactions with rows of that
/// hour have committed by then.
const SETTLED: TimeDelta = TimeDelta::hours(1);
/// How many hours are kept: enough for these days in every time zone.
const KEPT_HOURS: i64 = (DAYS + 2) * 24;

/// The actions that are sign-ins through a provider.
const ACTIONS: [Action; 2] = [Action::SignIn, Action::InAppSignIn];

/// The sign-ins of one day at one authenticator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// How many succeeded.
    pub success: u64,
    /// How many were refused.
    pub refused: u64,
}

/// Days by authenticator. The empty name has sign-ins for which no authenticator is known.
pub type Days = BTreeMap<String, BTreeMap<NaiveDate, Day>>;

fn actions() -> [&'static str; 2] {
    ACTIONS.map(Action::name)
}

/// Counts the hours that have ended, and removes those that are no longer shown, and those that lie in the future because
/// the clock was ahead when they were counted. While the clock may be ahead, nothing that is old is removed.
pub async fn settle(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (from, until) = (hour_of(now) - KEPT_HOURS, settled_until(now));
    let newest = store.count_hours(&actions(), from, until).await?;
    let is_in_use = newest.is_some_and(|newest| newest >= until - IN_USE.num_hours());
    // No hour is before the first one.
    let from = if is_in_use { from } else { 0 };
    store.forget_hours(from, until).await
}

/// The first hour that is still counted on each request.
fn settled_until(now: DateTime<Utc>) -> i64 {
    hour_of(now - SETTLED)
}

/// The last days, including today, in a time zone that is `ahead` of UTC.
pub async fn days(
    store: &Store,
    now: DateTime<Utc>,
    ahead: TimeDelta,
) -> Result<(NaiveDate, Days), StoreError> {
    settle(store, now).await?;
    let first = (now + ahead).date_naive() - TimeDelta::days(DAYS - 1);
    let mut hours = store.counted_hours(hour_of(now) - KEPT_HOURS).await?;
    for hour in settled_until(now)..=hour_of(now) {
        hours.extend(store.hour(&actions(), hour).await?);
    }
    let mut days = Days::new();
    for row in hours {
        let begin = DateTime::from_timestamp(row.hour.saturating_mul(3600), 0);
        let day = (begin.unwrap_or_default() + ahead).date_naive();
        if day < first || row.sign_ins == 0 {
            continue;
        }
        let of_authenticator = days.entry(row.authenticator).or_default();
        let day = of_authenticator.entry(day).or_default();
        let sign_ins = row.sign_ins.unsigned_abs();
        if row.result == "success" {
            day.success += sign_ins;
        } else {
            day.refused += sign_ins;
        }
    }
    Ok((first, days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::NewAuditRow;

    async fn add(store: &Store, result: &'static str) {
        let row = NewAuditRow {
            action: Action::SignIn.name(),
            result,
            reason: None,
            user_id: None,
            person_id: None,
            person_name: None,
            actor_id: None,
            authenticator: Some("company".to_owned()),
            address: "192.0.2.1".to_owned(),
            user_agent: None,
            request_id: None,
        };
        store.add_audit_row(row).await.unwrap();
    }

    #[tokio::test]
    async fn an_hour_is_counted_for_good_when_it_has_ended() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let clock = store.clock();
        clock.stop();
        add(store, "success").await;
        settle(store, clock.now()).await.unwrap();
        assert_eq!(store.counted_hours(0).await.unwrap(), []);
        add(store, "success").await;
        clock.advance(TimeDelta::hours(2));
        settle(store, clock.now()).await.unwrap();
        // What is removed from the audit trail later is still counted.
        store.remove_audit_rows(clock.now()).await.unwrap();
        let counted = store.counted_hours(0).await.unwrap();
        let sign_ins: i64 = counted.iter().map(|row| row.sign_ins).sum();
        assert_eq!(sign_ins, 2);
    }

    /// How many sign-ins of the last days succeeded.
    async fn successes(store: &Store) -> u64 {
        let now = store.clock().now();
        let (_, days) = days(store, now, TimeDelta::zero()).await.unwrap();
        let days = days.values().flat_map(BTreeMap::values);
        days.map(|day| day.success).sum()
    }

    #[tokio::test]
    async fn sign_ins_after_a_clock_that_was_ahead_are_counted() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let (clock, ahead, hours) = (store.clock(), TimeDelta::days(90), TimeDelta::hours(2));
        clock.stop();
        add(store, "success").await;
        clock.advance(hours);
        assert_eq!(successes(store).await, 1);

        clock.advance(ahead);
        assert_eq!(successes(store).await, 0);
        clock.advance(-ahead);
        assert_eq!(successes(store).await, 1, "nothing was removed");

        clock.advance(TimeDelta::days(5));
        add(store, "success").await;
        clock.advance(hours);
        assert_eq!(successes(store).await, 2);
        clock.advance(TimeDelta::days(-5));
        add(store, "success").await;
        add(store, "success").await;
        clock.advance(hours);
        assert_eq!(successes(store).await, 3, "without the one of the future");
    }

    #[tokio::test]
    async fn a_sign_in_is_of_the_day_that_it_is_where_somebody_looks() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        store.clock().stop();
        let now = store.clock().now();
        add(store, "success").await;
        add(store, "refused").await;
        for ahead in [TimeDelta::hours(14), TimeDelta::hours(-12)] {
            let (first, days) = days(store, now, ahead).await.unwrap();
            let today = (now + ahead).date_naive();
            assert_eq!(today - first, TimeDelta::days(29));
            let day = Day {
                success: 1,
                refused: 1,
            };
            let expected = BTreeMap::from([(today, day)]);
            assert_eq!(days, Days::from([("company".to_owned(), expected)]));
        }
    }
}
