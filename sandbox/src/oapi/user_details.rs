//! The organisation's record of an employee.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{Refusal, call::Call};
use crate::{
    app::App,
    endpoint::Endpoint,
    person::{Person, Standing},
    platform::Platform,
};

/// The record as the service sends it, which the samples on DingTalk's page "Query user details" do not
/// show faithfully. Some empty values are empty texts, others are absent.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the shape is DingTalk's")]
struct Details<'a> {
    active: bool,
    admin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<&'a str>,
    boss: bool,
    create_time: &'static str,
    dept_id_list: Vec<i64>,
    dept_order_list: Vec<DepartmentOrder>,
    /// With the permission for personal information only; then empty if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    exclusive_account: bool,
    hide_mobile: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hired_date: Option<i64>,
    job_number: &'a str,
    leader_in_dept: Vec<DepartmentLeader>,
    /// With the permission for phone numbers only, like the country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_email: Option<&'a str>,
    real_authed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    role_list: Vec<Role>,
    senior: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_code: Option<&'a str>,
    telephone: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    union_emp_ext: LinkedOrganisations,
    unionid: &'a str,
    userid: &'a str,
}

#[derive(Serialize)]
struct DepartmentOrder {
    dept_id: i64,
    order: i64,
}

#[derive(Serialize)]
struct DepartmentLeader {
    dept_id: i64,
    leader: bool,
}

#[derive(Serialize)]
struct Role {
    group_name: &'static str,
    id: i64,
    name: &'static str,
}

const ADMINISTRATOR: Role = Role {
    group_name: "默认",
    id: 4_065_300_001,
    name: "主管理员",
};

/// Nothing: the seeded organisation is linked with no other.
#[derive(Serialize)]
struct LinkedOrganisations {}

impl<'a> Details<'a> {
    fn of(person: &'a Person, app: &App) -> Self {
        let shows_phone = app.may("fieldMobile");
        let shows_personal = app.may("fieldEmail");
        let departments = &person.departments;
        Self {
            active: person.active,
            admin: person.admin,
            avatar: person.avatar.as_deref(),
            boss: false,
            create_time: "2024-07-15T07:05:43.000Z",
            dept_id_list: departments.iter().map(|department| department.id).collect(),
            dept_order_list: departments
                .iter()
                .map(|department| DepartmentOrder {
                    dept_id: department.id,
                    order: department.order,
                })
                .collect(),
            email: shows_personal.then(|| person.email.as_deref().unwrap_or_default()),
            exclusive_account: false,
            hide_mobile: person.hide_mobile,
            hired_date: person.hired_date,
            job_number: person.job_number.as_deref().unwrap_or_default(),
            leader_in_dept: departments
                .iter()
                .map(|department| DepartmentLeader {
                    dept_id: department.id,
                    leader: department.leader,
                })
                .collect(),
            mobile: person.mobile.as_deref().filter(|_| shows_phone),
            name: &person.name,
            org_email: person.org_email.as_deref(),
            real_authed: person.active,
            remark: shows_personal.then_some(""),
            role_list: person.admin.then_some(ADMINISTRATOR).into_iter().collect(),
            senior: false,
            state_code: person.state_code.as_deref().filter(|_| shows_phone),
            telephone: "",
            title: person.title.as_deref(),
            union_emp_ext: LinkedOrganisations {},
            unionid: &person.unionid,
            userid: &person.userid,
        }
    }
}

/// `POST /topapi/v2/user/get`. An external contact has a userid, yet is no user here.
pub async fn show(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::UserDetails)?;
    let userid = call
        .parameter("userid")
        .filter(|userid| is_user_id(userid))
        .ok_or(Refusal::InvalidUserId)?;
    let corp_id = &call.app.corp_id;
    let person = state
        .record(corp_id, |person| {
            person.is_employee_of(corp_id) && person.userid == userid
        })
        .ok_or(Refusal::UnknownUser)?;
    if person.standing == Standing::OutOfScope {
        return Err(Refusal::OutOfScope);
    }
    call.answer(Details::of(person, &call.app))
}

/// One to 64 letters, digits or `-_.@` (DingTalk's page on creating a user).
fn is_user_id(text: &str) -> bool {
    text.len() <= 64
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_.@".contains(character))
}
