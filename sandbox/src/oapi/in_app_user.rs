//! Sign-in inside DingTalk: the page gets a code from the client, and the server asks whose code it
//! is.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{call::Call, refusal::Refusal};
use crate::state::{endpoint::Endpoint, platform::Platform};

/// The answer, from DingTalk's page on getting the userid for sign-in without a login page.
#[derive(Serialize)]
struct InAppUser<'a> {
    userid: &'a str,
    unionid: &'a str,
    associated_unionid: &'a str,
    device_id: &'static str,
    name: &'a str,
    /// Whether the person administers the organization.
    sys: bool,
    /// The kind of administrator: 1 for the main administrator, 0 for none.
    sys_level: u8,
}

/// `POST /topapi/v2/user/getuserinfo`. A code of the login page is refused like an unknown one.
pub async fn exchange(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let mut state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::InAppUser)?;
    let code = call.required("code")?;
    let now = state.clock.now();
    let id = state
        .codes
        .redeem_in_app(code, &call.app, now)
        .ok_or(Refusal::UnknownCode)?;
    let person = state.person(&id).ok_or(Refusal::UnknownUser)?;
    call.answer(InAppUser {
        userid: &person.userid,
        unionid: &person.unionid,
        associated_unionid: &person.unionid,
        device_id: "sandbox-device",
        name: &person.name,
        sys: person.admin,
        sys_level: u8::from(person.admin),
    })
}
