//! A person with a DingTalk account, as the platform knows them.

use serde::{Deserialize, Serialize};

/// What somebody is to the organisation they are listed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// An employee, whom an app sees if its contact scope says so.
    #[default]
    Employee,
    /// An employee whom no app sees, whatever its contact scope.
    OutOfScope,
    /// A customer or supplier in the organisation's address book: no employee.
    ExternalContact,
    /// Somebody who has left: the account is there, the organisation does not know it.
    Former,
}

/// That somebody belongs to a department.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Membership {
    /// Number of the department; 1 is the whole organisation.
    pub id: i64,
    /// Position of the person within it; real values exceed what a JavaScript number can hold.
    pub order: i64,
    /// Whether the person leads it.
    pub leader: bool,
}

/// The account's own profile, which belongs to the person and not to any organisation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Personal {
    /// Nickname, chosen by the person.
    pub nick: String,
    /// Address of the picture.
    pub avatar_url: Option<String>,
    /// The person's own phone number, without country code.
    pub mobile: Option<String>,
    /// Country code of that phone, without plus sign.
    pub state_code: Option<String>,
    /// The person's own mailbox.
    pub email: Option<String>,
}

/// A person. The upper part is the organisation's record, `personal` the account's own profile.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the record is DingTalk's")]
pub struct Person {
    /// Short name by which tests and the login page call this person; it never changes.
    pub id: String,
    /// Which situation this person exists for.
    pub situation: String,
    /// The organisation that this record belongs to.
    pub corp_id: String,
    /// What the person is to that organisation.
    pub standing: Standing,
    /// Identifier within the organisation.
    pub userid: String,
    /// Identifier for all apps of one developer.
    pub unionid: String,
    /// Stem of the identifier for one app; the app's client ID is added to it.
    pub openid: String,
    /// Name in the organisation.
    pub name: String,
    /// Job title.
    pub title: Option<String>,
    /// Number on the staff list.
    pub job_number: Option<String>,
    /// Phone in the organisation's record, without country code.
    pub mobile: Option<String>,
    /// Country code of that phone, without plus sign.
    pub state_code: Option<String>,
    /// Whether colleagues are not shown the phone.
    pub hide_mobile: bool,
    /// Whether the person has activated DingTalk; an inactive one is still an employee.
    pub active: bool,
    /// Whether the person administers the organisation.
    pub admin: bool,
    /// Address of the picture.
    pub avatar: Option<String>,
    /// Mailbox in the organisation's record.
    pub email: Option<String>,
    /// Mailbox that the organisation gave out.
    pub org_email: Option<String>,
    /// Day of joining, in milliseconds since 1970.
    pub hired_date: Option<i64>,
    /// Where the desk is.
    #[serde(default)]
    pub work_place: Option<String>,
    /// Phone on the desk.
    #[serde(default)]
    pub telephone: Option<String>,
    /// A note.
    #[serde(default)]
    pub remark: Option<String>,
    /// Whether the organisation marked the person as its boss.
    #[serde(default)]
    pub boss: bool,
    /// Userid of the person's superior.
    #[serde(default)]
    pub manager: Option<String>,
    /// Fields that the organisation invented, as the text of a JSON object.
    #[serde(default)]
    pub extension: Option<String>,
    /// Departments, with position and leadership.
    pub departments: Vec<Membership>,
    /// The account's own profile.
    pub personal: Personal,
}

impl Person {
    /// Whether this person is an employee of an organisation, visible to its apps or not.
    pub fn is_employee_of(&self, corp_id: &str) -> bool {
        self.corp_id == corp_id
            && matches!(self.standing, Standing::Employee | Standing::OutOfScope)
    }

    /// The identifier of this person for one app.
    pub fn open_id_for(&self, client_id: &str) -> String {
        format!("{}.{client_id}", self.openid)
    }

    /// What is unusual about this person, seen from an organisation, in a few words each.
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
