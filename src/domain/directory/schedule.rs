//! Decides when a source is due by its schedule.

use chrono::{DateTime, TimeDelta, Utc};

use super::Schedule;

/// How far the clocks of several servers may be apart.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

impl Schedule {
    /// Whether a run is due after these moments: when the last run began and when the source was
    /// saved, because saving a source does not start a run. A moment that was recorded while the
    /// clock was ahead does not count.
    pub fn is_due_after(
        self,
        moments: impl IntoIterator<Item = DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> bool {
        let known = moments.into_iter().filter(|at| *at <= now + CLOCKS_DIFFER);
        self.is_due(known.max().unwrap_or(DateTime::UNIX_EPOCH), now)
    }

    /// Whether a run is due when the last of these moments was this one.
    fn is_due(self, last: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        match self {
            Self::Off => false,
            Self::Every { hours } => now - last >= TimeDelta::hours(i64::from(hours)),
            Self::Daily { at } => {
                let today = now.date_naive().and_time(at).and_utc();
                let latest = if today <= now {
                    today
                } else {
                    today - TimeDelta::days(1)
                };
                last < latest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_daily_run_is_due_once_after_its_time() {
        let daily = Schedule::Daily {
            at: "03:17:00".parse().unwrap(),
        };
        let saved = at("2026-11-27T10:00:00Z");
        assert!(!daily.is_due(saved, at("2026-11-27T23:59:59Z")));
        assert!(!daily.is_due(saved, at("2026-11-28T03:16:59Z")));
        assert!(daily.is_due(saved, at("2026-11-28T03:17:00Z")));
        let ran = at("2026-11-28T03:17:05Z");
        assert!(!daily.is_due(ran, at("2026-11-28T12:00:00Z")));
        // A server that was off during the night runs when it is on again.
        assert!(daily.is_due(ran, at("2026-11-29T09:00:00Z")));
    }

    #[test]
    fn a_daily_run_that_began_at_its_very_moment_is_not_repeated() {
        let daily = Schedule::Daily {
            at: "00:00:00".parse().unwrap(),
        };
        let ran = at("2026-11-28T00:00:00Z");
        assert!(!daily.is_due(ran, ran));
        assert!(!daily.is_due(ran, at("2026-11-28T23:59:59Z")));
        assert!(daily.is_due(ran, at("2026-11-29T00:00:00Z")));
    }

    #[test]
    fn hours_count_from_the_last_run() {
        let every = Schedule::Every { hours: 6 };
        let last = at("2026-11-27T10:00:00Z");
        assert!(!every.is_due(last, at("2026-11-27T15:59:59Z")));
        assert!(every.is_due(last, at("2026-11-27T16:00:00Z")));
        assert!(!Schedule::Off.is_due(last, at("2030-01-01T00:00:00Z")));
    }

    #[test]
    fn what_was_recorded_while_the_clock_was_ahead_holds_up_no_run() {
        let daily = Schedule::Daily {
            at: "03:17:00".parse().unwrap(),
        };
        let now = at("2026-11-27T10:00:00Z");
        let ahead = at("2027-11-27T10:00:00Z");
        for schedule in [daily, Schedule::Every { hours: 6 }] {
            let is_due = |moments: &[&str]| {
                let moments = moments.iter().map(|moment| at(moment));
                schedule.is_due_after(moments.chain([ahead]), now)
            };
            assert!(is_due(&[]));
            assert!(is_due(&["2026-11-26T10:00:00Z"]));
            assert!(!is_due(&["2026-11-27T09:00:00Z"]));
            // The clock of another server, which may be a little ahead.
            assert!(!is_due(&["2026-11-27T10:00:05Z"]));
        }
        assert!(!Schedule::Off.is_due_after([ahead], now));
    }
}
