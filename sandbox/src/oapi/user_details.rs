//! The organization's record of an employee.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{call::Call, employee::Employee, refusal::Refusal};
use crate::state::{app::App, endpoint::Endpoint, person::Person, platform::Platform};

/// The record in the types that the service really sends; the samples on DingTalk's page "Query
/// user details" differ.
#[derive(Serialize)]
struct Details<'a> {
    #[serde(flatten)]
    employee: Employee<'a>,
    create_time: &'static str,
    dept_order_list: Vec<DepartmentOrder>,
    leader_in_dept: Vec<DepartmentLeader>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager_userid: Option<&'a str>,
    real_authed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    role_list: Vec<Role>,
    senior: bool,
    union_emp_ext: LinkedOrganizations,
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

/// It is empty, because the seeded organization is not linked with another.
#[derive(Serialize)]
struct LinkedOrganizations {}

impl<'a> Details<'a> {
    fn of(person: &'a Person, app: &App) -> Self {
        let departments = person.departments.iter();
        Self {
            employee: Employee::of(person, app),
            create_time: "2024-07-15T07:05:43.000Z",
            dept_order_list: departments
                .clone()
                .map(|membership| DepartmentOrder {
                    dept_id: membership.id,
                    order: membership.order,
                })
                .collect(),
            leader_in_dept: departments
                .map(|membership| DepartmentLeader {
                    dept_id: membership.id,
                    leader: membership.leader,
                })
                .collect(),
            manager_userid: person.manager.as_deref(),
            real_authed: person.active,
            role_list: person.admin.then_some(ADMINISTRATOR).into_iter().collect(),
            senior: false,
            union_emp_ext: LinkedOrganizations {},
        }
    }
}

/// `POST /topapi/v2/user/get`. An external contact has a userid, but is not found by this call.
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
        .directory
        .people()
        .by_userid(corp_id, userid)
        .filter(|person| person.is_employee_of(corp_id))
        .ok_or(Refusal::UnknownUser)?;
    let scope = &call.app.contact_scope;
    if !scope.has_person(&state.directory, person) {
        return Err(Refusal::OutOfScope);
    }
    call.answer(Details::of(person, &call.app))
}

/// A userid has one to 64 letters, digits or `-_.@` (DingTalk's page on creating a user).
pub fn is_user_id(text: &str) -> bool {
    text.len() <= 64
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "-_.@".contains(character))
}
