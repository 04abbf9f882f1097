//! The part that the call for one employee and the call for all members of a department have in
//! common.

use serde::Serialize;

use crate::state::{app::App, person::Person};

/// The common part of DingTalk's pages "Query user details" and "Obtain the details of users in a
/// department". Some empty values are empty texts, others are absent.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the shape is DingTalk's")]
pub struct Employee<'a> {
    active: bool,
    admin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<&'a str>,
    boss: bool,
    dept_id_list: Vec<i64>,
    /// This value and the three below need the permission for personal information, and are empty
    /// texts when there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    exclusive_account: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<&'a str>,
    hide_mobile: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hired_date: Option<i64>,
    job_number: &'a str,
    /// This value and the country code need the permission for phone numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_code: Option<&'a str>,
    telephone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    unionid: &'a str,
    userid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    work_place: Option<&'a str>,
}

impl<'a> Employee<'a> {
    /// The part of a person's record that an app may see.
    pub fn of(person: &'a Person, app: &App) -> Self {
        let shows_phone = app.may("fieldMobile");
        let shows_personal = app.may("fieldEmail");
        let departments = person.departments.iter();
        Self {
            active: person.active,
            admin: person.admin,
            avatar: person.avatar.as_deref(),
            boss: person.boss,
            dept_id_list: departments.map(|membership| membership.id).collect(),
            email: shows_personal.then(|| person.email.as_deref().unwrap_or_default()),
            exclusive_account: false,
            extension: person.extension.as_deref().filter(|_| shows_personal),
            hide_mobile: person.hide_mobile,
            hired_date: person.hired_date,
            job_number: person.job_number.as_deref().unwrap_or_default(),
            mobile: person.mobile.as_deref().filter(|_| shows_phone),
            name: &person.name,
            org_email: person.org_email.as_deref(),
            remark: shows_personal.then(|| person.remark.as_deref().unwrap_or_default()),
            state_code: person.state_code.as_deref().filter(|_| shows_phone),
            telephone: person.telephone.as_deref().unwrap_or_default(),
            title: person.title.as_deref(),
            unionid: &person.unionid,
            userid: &person.userid,
            work_place: person.work_place.as_deref().filter(|_| shows_personal),
        }
    }
}
