//! The chain of departments above a department or a person (DingTalk's pages "Obtain all parent
//! departments of a department" and "... of a user"). The contact scope does not matter for either.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{
    call::Call,
    departments::{known, tree},
    refusal::Refusal,
    user_details::is_user_id,
};
use crate::state::{endpoint::Endpoint, platform::Platform};

#[derive(Serialize)]
struct OfDepartment {
    /// The department itself first, the root last.
    parent_id_list: Vec<i64>,
}

#[derive(Serialize)]
struct OfUser {
    parent_list: Vec<Path>,
}

#[derive(Serialize)]
struct Path {
    parent_dept_id_list: Vec<i64>,
}

/// `POST /topapi/v2/department/listparentbydept`.
pub async fn of_department(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::ParentsOfDepartment)?;
    let id = call.required_number("dept_id")?;
    let tree = tree(&state, &call)?;
    known(tree, id)?;
    call.answer(OfDepartment {
        parent_id_list: tree.upwards(id),
    })
}

/// `POST /topapi/v2/department/listparentbyuser`: one chain for each department of the person.
pub async fn of_user(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::ParentsOfUser)?;
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
    let tree = tree(&state, &call)?;
    let departments = person.departments.iter();
    call.answer(OfUser {
        parent_list: departments
            .map(|membership| Path {
                parent_dept_id_list: tree.upwards(membership.id),
            })
            .collect(),
    })
}
