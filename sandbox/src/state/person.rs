//! A person with a DingTalk account, as the platform stores them.

use serde::{Deserialize, Serialize};

/// The standing of a person in an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// An employee. Apps see them if they are in the contact scope.
    #[default]
    Employee,
    /// An employee whom no app sees, whatever its contact scope is.
    OutOfScope,
    /// A customer or supplier in the organization's address book, who is not an employee.
    ExternalContact,
    /// A person who has left: the account still exists, but the organization has no record of it.
    Former,
}

/// The membership of a person in a department.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Membership {
    /// The id of the department; 1 is the whole organization.
    pub id: i64,
    /// The person's position within the department. Real values exceed what a JavaScript number can
    /// hold.
    pub order: i64,
    /// Whether the person leads the department.
    pub leader: bool,
}

/// The profile of the account, which belongs to the person and not to an organization.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Personal {
    /// The nickname, which the person has chosen.
    pub nick: String,
    /// The address of the picture.
    pub avatar_url: Option<String>,
    /// The person's phone number, without country code.
    pub mobile: Option<String>,
    /// The country code of that phone, without plus sign.
    pub state_code: Option<String>,
    /// The person's email address.
    pub email: Option<String>,
}

/// A person. The first fields are the organization's record; `personal` is the account's profile.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the record is DingTalk's")]
pub struct Person {
    /// A short name by which tests and the login page refer to this person. It never changes.
    pub id: String,
    /// The situation that this person stands for.
    pub situation: String,
    /// The organization that this record belongs to.
    pub corp_id: String,
    /// The person's standing in that organization.
    pub standing: Standing,
    /// The identifier within the organization.
    pub userid: String,
    /// The identifier for all apps of one developer.
    pub unionid: String,
    /// The first part of the identifier for one app, to which the app's client ID is added.
    pub openid: String,
    /// The name in the organization.
    pub name: String,
    /// The job title.
    pub title: Option<String>,
    /// The number on the staff list.
    pub job_number: Option<String>,
    /// The phone number in the organization's record, without country code.
    pub mobile: Option<String>,
    /// The country code of that phone, without plus sign.
    pub state_code: Option<String>,
    /// Whether the phone number is hidden from colleagues.
    pub hide_mobile: bool,
    /// Whether the person has activated DingTalk. An inactive person is still an employee.
    pub active: bool,
    /// Whether the person administers the organization.
    pub admin: bool,
    /// The address of the picture.
    pub avatar: Option<String>,
    /// The email address in the organization's record.
    pub email: Option<String>,
    /// The email address that the organization has assigned.
    pub org_email: Option<String>,
    /// The day of joining, in milliseconds since 1970.
    pub hired_date: Option<i64>,
    /// The place of work.
    #[serde(default)]
    pub work_place: Option<String>,
    /// The phone number of the desk.
    #[serde(default)]
    pub telephone: Option<String>,
    /// A remark.
    #[serde(default)]
    pub remark: Option<String>,
    /// Whether the organization has marked the person as its boss.
    #[serde(default)]
    pub boss: bool,
    /// The userid of the person's superior.
    #[serde(default)]
    pub manager: Option<String>,
    /// The organization's custom fields, as the text of a JSON object.
    #[serde(default)]
    pub extension: Option<String>,
    /// The departments, with position and leadership.
    pub departments: Vec<Membership>,
    /// The account's profile.
    pub personal: Personal,
}

impl Person {
    /// Whether this person is an employee of an organization, visible to apps or not.
    pub fn is_employee_of(&self, corp_id: &str) -> bool {
        self.corp_id == corp_id
            && matches!(self.standing, Standing::Employee | Standing::OutOfScope)
    }

    /// The person's identifier for one app.
    pub fn open_id_for(&self, client_id: &str) -> String {
        format!("{}.{client_id}", self.openid)
    }

    /// The special features of this person from the view of an organization, each in a few words.
    pub fn badges(&self, corp_id: &str) -> Vec<&'static str> {
        if self.corp_id != corp_id {
            return vec!["other company"];
        }
        let masked = self
            .mobile
            .as_ref()
            .is_some_and(|mobile| mobile.contains('*'));
        let abroad = self.state_code.as_ref().is_some_and(|code| code != "86");
        [
            (
                self.standing == Standing::ExternalContact,
                "external contact",
            ),
            (self.standing == Standing::OutOfScope, "out of scope"),
            (self.standing == Standing::Former, "has left"),
            (self.admin, "administrator"),
            (!self.active, "inactive"),
            (self.mobile.is_none(), "no phone"),
            (masked, "hidden phone"),
            (abroad, "foreign phone"),
            (self.mobile != self.personal.mobile, "other personal phone"),
            (self.org_email.is_some(), "company mailbox"),
            (self.departments.len() > 1, "two departments"),
        ]
        .into_iter()
        .filter_map(|(applies, badge)| applies.then_some(badge))
        .collect()
    }
}
