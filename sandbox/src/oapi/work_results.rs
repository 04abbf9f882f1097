//! The outcome of a work notification (DingTalk's pages "Obtain the sending progress", "Obtain the
//! sending result" and "Recall a work notification").

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{call::Call, refusal::Refusal, work_messages::refuse_foreign_agent};
use crate::state::{
    endpoint::Endpoint,
    messages::Sent,
    platform::{Platform, State},
};

/// Results can be read, and messages recalled, for one day.
const DAY_SECONDS: i64 = 24 * 3600;

#[derive(Serialize)]
struct ProgressAnswer {
    progress: Progress,
}

#[derive(Serialize)]
struct Progress {
    progress_in_percent: i64,
    /// 0 stands for waiting, 1 for sending, 2 for done.
    status: u8,
}

#[derive(Serialize)]
struct ResultAnswer<'a> {
    send_result: SendResult<'a>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are DingTalk's")]
struct SendResult<'a> {
    invalid_user_id_list: &'a [String],
    forbidden_user_id_list: Vec<&'a str>,
    failed_user_id_list: [&'a str; 0],
    read_user_id_list: Vec<&'a str>,
    unread_user_id_list: Vec<&'a str>,
    invalid_dept_id_list: &'a [i64],
    forbidden_list: Vec<Forbidden<'a>>,
}

#[derive(Serialize)]
struct Forbidden<'a> {
    code: &'a str,
    count: u8,
    userid: &'a str,
}

#[derive(Serialize)]
struct Nothing {}

/// `POST /topapi/message/corpconversation/getsendprogress`.
pub async fn progress(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::WorkProgress)?;
    let sent = sent(&state, &call, "task_id")?;
    let done = state.messages.progress(sent, state.clock.now());
    call.answer_beside(ProgressAnswer {
        progress: Progress {
            progress_in_percent: done,
            status: match done {
                ..=0 => 0,
                1..=99 => 1,
                _ => 2,
            },
        },
    })
}

/// `POST /topapi/message/corpconversation/getsendresult`.
pub async fn result(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::WorkResult)?;
    let sent = sent(&state, &call, "task_id")?;
    let dropped = sent.dropped.iter();
    let received = |read: bool| {
        let messages = state.messages.of(sent);
        let wanted = messages.filter(move |message| message.read_at.is_some() == read);
        wanted.map(|message| message.userid.as_str()).collect()
    };
    call.answer_beside(ResultAnswer {
        send_result: SendResult {
            invalid_user_id_list: &sent.invalid,
            forbidden_user_id_list: dropped.clone().map(|it| it.userid.as_str()).collect(),
            failed_user_id_list: [],
            read_user_id_list: received(true),
            unread_user_id_list: received(false),
            invalid_dept_id_list: &sent.invalid_departments,
            forbidden_list: dropped
                .map(|dropped| Forbidden {
                    code: dropped.code,
                    count: 1,
                    userid: &dropped.userid,
                })
                .collect(),
        },
    })
}

/// `POST /topapi/message/corpconversation/recall`.
pub async fn recall(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let mut state = platform.lock();
    let call = Call::admit(&state, &request, &body, Endpoint::WorkRecall)?;
    let task_id = sent(&state, &call, "msg_task_id")?.task_id;
    state.messages.recall(task_id);
    call.answer_beside(Nothing {})
}

/// The task that a call names. An unknown task, or one older than a day, is refused as a wrong
/// parameter; this is an assumption.
fn sent<'a>(state: &'a State, call: &Call, name: &'static str) -> Result<&'a Sent, Refusal> {
    refuse_foreign_agent(call)?;
    let task_id = call.required_number(name)?;
    let sent = state.messages.task(&call.app.client_id, task_id);
    let is_fresh = |sent: &&Sent| sent.at.saturating_add(DAY_SECONDS) > state.clock.now();
    sent.filter(is_fresh).ok_or(Refusal::InvalidParameter)
}
