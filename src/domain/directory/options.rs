//! What an administrator sets for a source.

use std::collections::BTreeMap;

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

/// What a source copies, and what becomes of people who are gone. Keys that are not here mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, Validate)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that an administrator ticks or not"
)]
pub struct SourceOptions {
    /// Which departments, with all below them, in the organisation's words. None: all that the
    /// application may see.
    #[validate(length(max = 1000))]
    pub departments: Vec<String>,
    /// Whether people without an account get one.
    pub create_accounts: bool,
    /// Whether people get the existing account that has their phone number or mailbox, by the rules of
    /// the authenticator.
    pub link_accounts: bool,
    /// What is copied to accounts.
    pub fields: FieldRules,
    /// What is copied to columns that an administrator has added to the table of accounts.
    #[validate(nested)]
    pub columns: BTreeMap<ExtraField, Column>,
    /// What becomes of accounts of people who are gone.
    pub leavers: Leavers,
    /// Whether departments are made, renamed, moved and removed, and people put into them.
    pub follow_departments: bool,
    /// Whether whoever leads a department owns it here.
    pub follow_owners: bool,
    /// Whether people's main department follows.
    pub follow_main_department: bool,
    /// When it runs by itself.
    pub schedule: Schedule,
    /// Of a hundred managed people or departments, how many may go in one run before somebody is asked.
    #[validate(range(min = 1, max = 100))]
    pub safety_limit_percent: u8,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            departments: Vec::new(),
            create_accounts: true,
            link_accounts: true,
            fields: FieldRules::default(),
            columns: BTreeMap::new(),
            leavers: Leavers::default(),
            follow_departments: true,
            follow_owners: true,
            follow_main_department: true,
            schedule: Schedule::Off,
            safety_limit_percent: 10,
        }
    }
}

/// Options that cannot be used. The text names what is wrong, and no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the options of the source are wrong: {0}")]
pub struct SourceOptionsError(String);

impl SourceOptions {
    /// Reads and checks stored or sent options. Those that are not there have their defaults.
    pub fn parse(options: &Value) -> Result<Self, SourceOptionsError> {
        let options = Self::deserialize(options);
        let options = options.map_err(|error| SourceOptionsError(error.to_string()))?;
        match options.validate() {
            Ok(()) => Ok(options),
            Err(errors) => {
                let mut names: Vec<_> = errors.errors().keys().map(AsRef::as_ref).collect();
                names.sort_unstable();
                Err(SourceOptionsError(names.join(", ")))
            }
        }
    }
}

/// When a value of the organisation takes the place of the account's. An empty one never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldRule {
    /// Whenever it differs.
    Always,
    /// When the account has none.
    WhenEmpty,
    /// Never, not even in new accounts.
    Never,
}

/// What is copied to accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldRules {
    /// The name, to the display name.
    pub nickname: FieldRule,
    /// The phone number.
    pub phone: FieldRule,
    /// The organisation's mailbox.
    pub email: FieldRule,
    /// The picture, which is kept with the binding.
    pub avatar: FieldRule,
}

impl Default for FieldRules {
    fn default() -> Self {
        Self {
            nickname: FieldRule::Always,
            phone: FieldRule::WhenEmpty,
            email: FieldRule::WhenEmpty,
            avatar: FieldRule::Always,
        }
    }
}

/// What accounts have no column of their own for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExtraField {
    /// What the person does.
    JobTitle,
    /// The number under which the organisation keeps the person.
    JobNumber,
    /// Where the person works.
    WorkPlace,
}

/// A column that an administrator has added to the table of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, Validate)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its name.
    #[validate(length(min = 1, max = 63))]
    pub name: String,
    /// When it is written.
    #[serde(default = "always")]
    pub rule: FieldRule,
}

fn always() -> FieldRule {
    FieldRule::Always
}

/// What becomes of accounts of people who are gone. Root, the account that the source acts as, and
/// accounts that the source neither made nor bound stay as they are in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Leavers {
    /// They lose all access, and what they have made stays theirs.
    #[default]
    Disable,
    /// Their binding is removed, so that nobody signs in to them through the provider, and they leave
    /// their departments.
    Unbind,
    /// Nothing: they stay as they are, in their departments too.
    Nothing,
    /// They are removed, and nobody gets them back.
    Delete,
}

/// When a source runs by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", try_from = "UncheckedSchedule")]
pub enum Schedule {
    /// Only when somebody asks for it.
    #[default]
    Off,
    /// So many hours after the last run began, at most a week.
    Every {
        /// How many.
        hours: u8,
    },
    /// Once a day.
    Daily {
        /// When, in UTC, such as `03:17`.
        #[serde(serialize_with = "hours_and_minutes")]
        at: NaiveTime,
    },
}

/// The longest time between two runs, in hours.
const A_WEEK: u8 = 168;

/// As it is sent.
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
    reason = "serde hands over a reference"
)]
fn hours_and_minutes<S: serde::Serializer>(at: &NaiveTime, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&at.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_source_without_options_is_careful() {
        let options = SourceOptions::parse(&json!({})).unwrap();
        assert_eq!(options, SourceOptions::default());
        assert_eq!(options.leavers, Leavers::Disable);
        assert_eq!(options.fields.phone, FieldRule::WhenEmpty);
        assert_eq!(options.schedule, Schedule::Off);
        assert_eq!(options.safety_limit_percent, 10);
    }

    #[test]
    fn options_are_read_as_they_were_written() {
        let sent = json!({
            "departments": ["2"],
            "fields": {"email": "never"},
            "columns": {"jobNumber": {"name": "job_no"}},
            "leavers": "delete",
            "schedule": {"kind": "daily", "at": "03:17"},
            "safetyLimitPercent": 25,
        });
        let options = SourceOptions::parse(&sent).unwrap();
        assert_eq!(options.fields.email, FieldRule::Never);
        assert_eq!(
            options.columns[&ExtraField::JobNumber].rule,
            FieldRule::Always
        );
        let written = serde_json::to_value(&options).unwrap();
        assert_eq!(written["schedule"], json!({"kind": "daily", "at": "03:17"}));
        assert_eq!(SourceOptions::parse(&written).unwrap(), options);
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in [
            json!({"safetyLimitPercent": 0}),
            json!({"safetyLimitPercent": 101}),
            json!({"leavers": "forget"}),
            json!({"columns": {"jobNumber": {"name": ""}}}),
            json!({"schedule": {"kind": "every", "hours": 0}}),
            json!({"schedule": {"kind": "every", "hours": 169}}),
            json!({"schedule": {"kind": "daily", "at": "25:00"}}),
            json!("all"),
        ] {
            assert!(SourceOptions::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
