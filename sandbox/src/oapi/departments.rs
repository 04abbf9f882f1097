//! Departments (DingTalk's pages "Obtain the department list", "Obtain the list of sub-department IDs" and
//! "Obtain department details").

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{call::Call, refusal::Refusal};
use crate::state::{
    directory::{Department, Departments, ROOT},
    endpoint::Endpoint,
    platform::{Platform, State},
};

/// A department in the list of those below another.
#[derive(Serialize)]
struct Listed<'a> {
    auto_add_user: bool,
    create_dept_group: bool,
    dept_id: i64,
    name: &'a str,
    parent_id: Option<i64>,
}

#[derive(Serialize)]
struct Ids {
    dept_id_list: Vec<i64>,
}

/// The details of a department. The root has no `parent_id`.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the shape is DingTalk's")]
struct Details<'a> {
    dept_id: i64,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<i64>,
    order: i64,
    create_dept_group: bool,
    auto_add_user: bool,
    auto_approve_apply: bool,
    from_union_org: bool,
    group_contain_sub_dept: bool,
    dept_manager_userid_list: Vec<&'a str>,
    outer_dept: bool,
    outer_permit_depts: [i64; 0],
    outer_permit_users: [&'a str; 0],
    hide_dept: bool,
    user_permits: [&'a str; 0],
    dept_permits: [i64; 0],
    member_count: usize,
}

/// `POST /topapi/v2/department/listsub`: the departments directly below one, which is department 1
/// by default.
pub async fn list(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::DepartmentList)?;
    let id = call.number("dept_id")?.unwrap_or(ROOT);
    let tree = tree(&state, &call)?;
    known(tree, id)?;
    refuse_out_of_scope(&state, &call, id)?;
    let below = tree.below(id).into_iter();
    let listed = below.map(|department| Listed {
        auto_add_user: true,
        create_dept_group: true,
        dept_id: department.id,
        name: &department.name,
        parent_id: department.parent_id,
    });
    call.answer(listed.collect::<Vec<_>>())
}

/// `POST /topapi/v2/department/listsubid`. The contact scope does not matter.
pub async fn list_ids(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::DepartmentIds)?;
    let id = call.required_number("dept_id")?;
    let tree = tree(&state, &call)?;
    known(tree, id)?;
    let below = tree.below(id).into_iter();
    call.answer(Ids {
        dept_id_list: below.map(|department| department.id).collect(),
    })
}

/// `POST /topapi/v2/department/get`. `member_count` counts the direct members; no recording of the
/// real value exists.
pub async fn show(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::DepartmentDetails)?;
    let id = call.required_number("dept_id")?;
    let department = known(tree(&state, &call)?, id)?;
    refuse_out_of_scope(&state, &call, id)?;
    let people = state.directory.people();
    let leads = |person: &crate::state::person::Person| {
        let mut memberships = person.departments.iter();
        memberships.any(|membership| membership.id == id && membership.leader)
    };
    let members = people.members(&call.app.corp_id, id);
    let leaders = members.filter(|member| leads(member.person));
    call.answer(Details {
        dept_id: id,
        name: &department.name,
        parent_id: department.parent_id,
        order: department.order,
        create_dept_group: true,
        auto_add_user: true,
        auto_approve_apply: false,
        from_union_org: false,
        group_contain_sub_dept: false,
        dept_manager_userid_list: leaders
            .map(|member| member.person.userid.as_str())
            .collect(),
        outer_dept: false,
        outer_permit_depts: [],
        outer_permit_users: [],
        hide_dept: false,
        user_permits: [],
        dept_permits: [],
        member_count: people.members(&call.app.corp_id, id).count(),
    })
}

/// The departments of the app's organization.
pub fn tree<'a>(state: &'a State, call: &Call) -> Result<&'a Departments, Refusal> {
    let tree = state.directory.departments(&call.app.corp_id);
    tree.ok_or(Refusal::UnknownDepartment)
}

/// A department that must exist.
pub fn known(tree: &Departments, id: i64) -> Result<&Department, Refusal> {
    tree.get(id).ok_or(Refusal::UnknownDepartment)
}

/// Refuses a department outside the app's contact scope.
pub fn refuse_out_of_scope(state: &State, call: &Call, id: i64) -> Result<(), Refusal> {
    let (scope, corp_id) = (&call.app.contact_scope, &call.app.corp_id);
    if scope.has_department(&state.directory, corp_id, id) {
        Ok(())
    } else {
        Err(Refusal::DepartmentOutOfScope)
    }
}
