//! The schedule of a source, as its options hold it.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

/// When runs of a source start automatically.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", try_from = "UncheckedSchedule")]
pub enum Schedule {
    /// Never.
    #[default]
    Off,
    /// This many hours after the last run began, at most a week.
    Every {
        /// The number of hours.
        hours: u8,
    },
    /// Once a day.
    Daily {
        /// The time of day in UTC, such as `03:17`.
        #[serde(serialize_with = "hours_and_minutes")]
        at: NaiveTime,
    },
}

/// The longest time between two runs, in hours.
const A_WEEK: u8 = 168;

/// A schedule before it is validated.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum UncheckedSchedule {
    Off,
    Every { hours: u8 },
    Daily { at: String },
}

impl TryFrom<UncheckedSchedule> for Schedule {
    type Error = &'static str;

    fn try_from(sent: UncheckedSchedule) -> Result<Self, Self::Error> {
        match sent {
            UncheckedSchedule::Off => Ok(Self::Off),
            UncheckedSchedule::Every {
                hours: hours @ 1..=A_WEEK,
            } => Ok(Self::Every { hours }),
            UncheckedSchedule::Every { .. } => Err("schedule.hours"),
            UncheckedSchedule::Daily { at } => NaiveTime::parse_from_str(&at, "%H:%M")
                .map(|at| Self::Daily { at })
                .map_err(|_| "schedule.at"),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde step_executors over a reference"
)]
fn hours_and_minutes<S: serde::Serializer>(at: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&at.format("%H:%M"))
}
