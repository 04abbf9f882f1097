//! The options that an administrator sets for a source.

mod choices;
mod events;
mod form;
mod form_input;
#[cfg(test)]
mod limits;
mod schedule;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::Validate;

pub use choices::{FieldRule, Leavers};
pub use events::{EventMode, EventOptions};
pub use form::form;
pub use schedule::Schedule;

use form_input::{unreadable, without_blanks};

/// The options of a source: what is copied, and what happens to people who are gone. Unknown keys
/// are ignored.
///
/// The form is generated from this type, see [`form()`]. Titles and descriptions are keys of the
/// files in `locale/`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, Validate, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that an administrator ticks or not"
)]
#[schemars(extend("x-groups" = [
    {"name": "people", "title": "People"},
    {"name": "fields", "title": "Copied fields"},
    {"name": "departments", "title": "Departments"},
    {"name": "schedule", "title": "Schedule"},
    {"name": "events", "title": "Changes as they happen"},
]))]
pub struct SourceOptions {
    /// The departments to copy, with all below them, by their identifiers in the organization. When
    /// it is empty, everything that the application may see is copied.
    #[validate(length(max = 1000))]
    #[schemars(
        title = "Departments",
        description = "IDs of departments, with all below them. Without any, everybody in the app's contact scope is copied.",
        extend("x-widget" = "texts", "x-group" = "departments")
    )]
    pub departments: Vec<String>,
    /// Whether accounts are created for people who have none.
    #[schemars(
        title = "Create accounts",
        description = "People without an account get one before they sign in.",
        extend("x-group" = "people")
    )]
    pub create_accounts: bool,
    /// Whether people are linked to an existing account with their phone number or email address,
    /// by the rules of the authenticator.
    #[schemars(
        title = "Link existing accounts",
        description = "By the rules of the authenticator.",
        extend("x-group" = "people")
    )]
    pub link_accounts: bool,
    /// What happens to the accounts of people who are gone.
    #[schemars(
        title = "When somebody leaves",
        description = "A disabled account loses its roles, sessions, password and API keys, and keeps what it has made.",
        extend("x-group" = "people")
    )]
    pub leavers: Leavers,
    /// The percentage of managed people or departments that one run may remove without
    /// confirmation.
    #[validate(range(min = 1, max = 100))]
    #[schemars(
        title = "Safety limit in percent",
        description = "A run that would take away more of the people or departments stops and asks. Five may always go.",
        extend("x-group" = "people")
    )]
    pub safety_limit_percent: u8,
    /// Which fields are copied to accounts.
    pub fields: FieldRules,
    /// Which fields are copied to columns that an administrator has added to the table of accounts.
    #[validate(nested)]
    #[schemars(skip)]
    pub columns: BTreeMap<ExtraField, Column>,
    /// Whether departments and their members are copied.
    #[schemars(title = "Copy departments", description = "-", extend("x-group" = "departments"))]
    pub follow_departments: bool,
    /// Whether the leaders of a department become its owners.
    #[schemars(
        title = "Copy who leads departments",
        description = "-",
        extend("x-group" = "departments", "x-when" = {"followDepartments": [true]})
    )]
    pub follow_owners: bool,
    /// Whether the main department of people is copied.
    #[schemars(
        title = "Copy main departments",
        description = "-",
        extend("x-group" = "departments", "x-when" = {"followDepartments": [true]})
    )]
    pub follow_main_department: bool,
    /// When runs start automatically.
    #[schemars(skip)]
    pub schedule: Schedule,
    /// How the source learns of changes as they happen.
    pub events: EventOptions,
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
            events: EventOptions::default(),
        }
    }
}

/// The options are invalid. The message names the wrong keys, but no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the options of the source are wrong: {0}")]
pub struct SourceOptionsError(String);

impl SourceOptions {
    /// Parses and validates options. Missing keys get their defaults.
    pub fn parse(options: &Value) -> Result<Self, SourceOptionsError> {
        let sent = without_blanks(options.clone());
        let options = Self::deserialize(&sent);
        let options = options.map_err(|_| SourceOptionsError(unreadable(&sent)))?;
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

/// Which fields are copied to accounts, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldRules {
    /// The name, which becomes the nickname.
    #[schemars(title = "Nickname", description = "-", extend("x-group" = "fields"))]
    pub nickname: FieldRule,
    /// The phone number.
    #[schemars(title = "Phone", description = "-", extend("x-group" = "fields"))]
    pub phone: FieldRule,
    /// The email address within the organization.
    #[schemars(title = "Email", description = "-", extend("x-group" = "fields"))]
    pub email: FieldRule,
    /// The picture, which is stored in the binding.
    #[schemars(title = "Avatar", description = "-", extend("x-group" = "fields"))]
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

/// Fields of people for which accounts have no column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ExtraField {
    /// The person's position.
    JobTitle,
    /// The person's number in the organization.
    JobNumber,
    /// The person's place of work.
    WorkPlace,
}

/// A column that an administrator has added to the table of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, Validate)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// The name of the column.
    #[validate(length(min = 1, max = 63))]
    pub name: String,
    /// When the column is written.
    #[serde(default = "always")]
    pub rule: FieldRule,
}

fn always() -> FieldRule {
    FieldRule::Always
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
    fn fields_of_a_form_that_nobody_filled_in_are_not_set() {
        let sent = json!({
            "authenticator": "ding",
            "departments": null,
            "fields": {"phone": null},
            "columns": {"jobNumber": {"name": " ", "rule": "always"}, "jobTitle": {"name": null}, "workPlace": {}},
            "schedule": {"kind": "off", "hours": null, "at": ""},
        });
        assert_eq!(
            SourceOptions::parse(&sent).unwrap(),
            SourceOptions::default()
        );
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in [
            json!({"safetyLimitPercent": 0}),
            json!({"safetyLimitPercent": 101}),
            json!({"leavers": "forget"}),
            json!({"columns": {"jobNumber": {"name": "n".repeat(64)}}}),
            json!({"columns": {"jobNumber": {"rule": "always"}}}),
            json!({"schedule": {"kind": "every", "hours": 0}}),
            json!({"schedule": {"kind": "every", "hours": 169}}),
            json!({"schedule": {"kind": "daily", "at": "25:00"}}),
            json!("all"),
        ] {
            assert!(SourceOptions::parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_names_keys_and_no_value() {
        let wrong = json!({"events": "my secret", "leavers": "forget", "departments": ["2"]});
        let refused = SourceOptions::parse(&wrong).unwrap_err().to_string();
        assert_eq!(
            refused,
            "the options of the source are wrong: events, leavers"
        );
    }
}
