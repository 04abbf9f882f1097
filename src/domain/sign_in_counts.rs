//! The numbers of sign-ins through providers on each of the last days.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::audit::Action;
use crate::store::{Store, StoreError, hour_of};

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

/// Counts the hours that have ended, and removes those that are no longer shown.
pub async fn settle(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    let from = hour_of(now) - KEPT_HOURS;
    store
        .count_hours(&actions(), from, settled_until(now))
        .await?;
    store.forget_hours(from).await
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
