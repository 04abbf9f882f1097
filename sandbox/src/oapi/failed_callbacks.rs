//! The list of callbacks that were not answered (DingTalk's page "Obtain the list of failed push
//! events").

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;
use serde_json::Value;

use super::{call::Call, refusal::Refusal};
use crate::state::{endpoint::Endpoint, event::Event, platform::Platform};

/// The most entries in an answer.
const LARGEST_PAGE: usize = 200;

/// The answer. Its values stand beside the code.
#[derive(Serialize)]
struct Answer {
    errcode: i32,
    errmsg: &'static str,
    has_more: bool,
    failed_list: Vec<Value>,
}

/// `GET /call_back/get_call_back_failed_result`: reading an entry removes it. The refusal of an
/// invalid token is not wrapped, because the path is not below `/topapi/`.
pub async fn take(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let mut state = platform.lock();
    let call = match Call::admit(&state, &request, &body, Endpoint::FailedCallbacks) {
        Ok(call) => call,
        Err(refusal) => return Ok(refusal.unwrapped()),
    };
    let (failed, has_more) = state.events.take_failed(&call.app.client_id, LARGEST_PAGE);
    Ok(HttpResponse::Ok().json(Answer {
        errcode: 0,
        errmsg: "ok",
        has_more,
        failed_list: failed.iter().map(Event::failed).collect(),
    }))
}
