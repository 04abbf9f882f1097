//! The members of a department (DingTalk's pages "Obtain the details of users in a department", "Obtain the
//! basic information ...", "Obtain the list of userids in a department" and "Obtain the number of employees").

use std::cmp::Reverse;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{
    call::Call,
    departments::{known, refuse_out_of_scope, tree},
    employee::Employee,
    refusal::Refusal,
};
use crate::{
    paging::{Page, StuckCursor},
    state::{
        directory::Listed,
        endpoint::Endpoint,
        person::Membership,
        platform::{Platform, State},
    },
};

/// The most rows that a page may have.
const LARGEST_PAGE: i64 = 100;

/// A page. The next cursor is present only if there is a next page.
#[derive(Serialize)]
struct Answer<T> {
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<usize>,
    list: Vec<T>,
}

/// A member with their record. Leadership and position are those in the requested department.
#[derive(Serialize)]
struct Member<'a> {
    #[serde(flatten)]
    employee: Employee<'a>,
    dept_order: i64,
    leader: bool,
}

#[derive(Serialize)]
struct Name<'a> {
    userid: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Ids<'a> {
    userid_list: Vec<&'a str>,
}

#[derive(Serialize)]
struct Count {
    count: usize,
}

/// `POST /topapi/v2/user/list`.
pub async fn list(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::Members)?;
    let (id, page) = page(&state, &call, &request)?;
    let members = page.rows.into_iter().map(|member| {
        let own = membership(member, id);
        Member {
            employee: Employee::of(member.person, &call.app),
            dept_order: own.map_or(0, |own| own.order),
            leader: own.is_some_and(|own| own.leader),
        }
    });
    call.answer(Answer {
        has_more: page.next.is_some(),
        next_cursor: page.next,
        list: members.collect::<Vec<_>>(),
    })
}

/// `POST /topapi/user/listsimple`.
pub async fn list_names(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::MemberNames)?;
    let (_, page) = page(&state, &call, &request)?;
    let names = page.rows.into_iter().map(|member| Name {
        userid: &member.person.userid,
        name: &member.person.name,
    });
    call.answer(Answer {
        has_more: page.next.is_some(),
        next_cursor: page.next,
        list: names.collect::<Vec<_>>(),
    })
}

/// `POST /topapi/user/listid`: all members at once, regardless of the contact scope.
pub async fn list_ids(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::MemberIds)?;
    let id = call.required_number("dept_id")?;
    known(tree(&state, &call)?, id)?;
    let members = state.directory.people().members(&call.app.corp_id, id);
    call.answer(Ids {
        userid_list: members
            .map(|member| member.person.userid.as_str())
            .collect(),
    })
}

/// `POST /topapi/user/count`: counts the whole organization, regardless of the contact scope.
pub async fn count(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::UserCount)?;
    let only_active = call.required_truth("only_active")?;
    let people = state.directory.people().all().iter();
    let counted = people.filter(|person| {
        person.is_employee_of(&call.app.corp_id) && (person.active || !only_active)
    });
    call.answer(Count {
        count: counted.count(),
    })
}

/// The requested page of a department that the app may see. Members outside the contact scope are
/// left out silently.
fn page<'a>(
    state: &'a State,
    call: &Call,
    request: &HttpRequest,
) -> Result<(i64, Page<Listed<'a>>), Refusal> {
    let id = call.required_number("dept_id")?;
    let cursor = call.required_number("cursor")?;
    let size = call.required_number("size")?;
    let (Ok(cursor), 1..=LARGEST_PAGE) = (usize::try_from(cursor), size) else {
        return Err(Refusal::InvalidParameter);
    };
    let size = usize::try_from(size).map_err(|_too_large| Refusal::InvalidParameter)?;
    known(tree(state, call)?, id)?;
    refuse_out_of_scope(state, call, id)?;
    let members = state.directory.people().members(&call.app.corp_id, id);
    let mut members: Vec<_> = members
        .filter(|member| {
            let scope = &call.app.contact_scope;
            scope.has_person(&state.directory, member.person)
        })
        .collect();
    match call.parameter("order_field").unwrap_or("custom") {
        "entry_asc" => {}
        "entry_desc" => members.reverse(),
        "modify_asc" => members.sort_by_key(|member| member.touched),
        "modify_desc" => members.sort_by_key(|member| Reverse(member.touched)),
        "custom" => members
            .sort_by_key(|member| Reverse(membership(*member, id).map_or(0, |own| own.order))),
        _ => return Err(Refusal::InvalidParameter),
    }
    let stuck = request.extensions().get::<StuckCursor>().is_some();
    Ok((id, Page::of(members.into_iter(), cursor, size, stuck)))
}

fn membership(member: Listed<'_>, id: i64) -> Option<&Membership> {
    let mut memberships = member.person.departments.iter();
    memberships.find(|membership| membership.id == id)
}
