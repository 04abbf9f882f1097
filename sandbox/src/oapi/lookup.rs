//! Finds the userid in the app's organization by a unionid or a phone number.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{call::Call, refusal::Refusal};
use crate::state::{
    endpoint::Endpoint,
    person::{Person, Standing},
    platform::Platform,
};

#[derive(Serialize)]
struct Contact<'a> {
    /// 0 stands for an employee, 1 for an external contact.
    contact_type: u8,
    userid: &'a str,
}

#[derive(Serialize)]
struct Found<'a> {
    userid: &'a str,
}

/// `POST /topapi/user/getbyunionid` (DingTalk's page "Query a user by the union ID"). It also finds
/// external contacts, but nobody of another organization. The contact scope does not matter, as far
/// as is known.
pub async fn by_union_id(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::UserByUnionId)?;
    let unionid = call.required("unionid")?;
    if !is_union_id(unionid) {
        return Err(Refusal::InvalidParameter);
    }
    let person = state
        .directory
        .people()
        .by_unionid(&call.app.corp_id, unionid)
        .ok_or(Refusal::UnknownUser)?;
    call.answer(Contact {
        contact_type: u8::from(person.standing == Standing::ExternalContact),
        userid: &person.userid,
    })
}

/// `POST /topapi/v2/user/getbymobile` (DingTalk's page "Query users by phone number") finds active
/// employees only. Somebody outside the contact scope is refused as in the call for details; no
/// recording of this case exists.
pub async fn by_mobile(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::UserByMobile)?;
    let mobile = call.required("mobile")?;
    if !is_mobile(mobile) {
        return Err(Refusal::InvalidMobile);
    }
    let corp_id = &call.app.corp_id;
    let person = state
        .directory
        .people()
        .all()
        .iter()
        .find(|person| {
            person.active && person.is_employee_of(corp_id) && has_mobile(person, mobile)
        })
        .ok_or(Refusal::UnknownUser)?;
    if !call.app.contact_scope.has_person(&state.directory, person) {
        return Err(Refusal::OutOfScope);
    }
    call.answer(Found {
        userid: &person.userid,
    })
}

/// The real alphabet is not known. What is refused here cannot be an identifier of any kind.
fn is_union_id(text: &str) -> bool {
    text.len() <= 128 && text.chars().all(|character| character.is_ascii_graphic())
}

fn is_mobile(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let rest_is_punctuation = text
        .chars()
        .all(|character| character.is_ascii_digit() || matches!(character, '+' | '-'));
    rest_is_punctuation && (5..=15).contains(&digits)
}

/// A foreign number may include its country code, as in `+65-80000005`.
fn has_mobile(person: &Person, wanted: &str) -> bool {
    let Some(mobile) = person.mobile.as_deref() else {
        return false;
    };
    let code = person.state_code.as_deref().unwrap_or("86");
    mobile == wanted || format!("+{code}-{mobile}") == wanted
}
