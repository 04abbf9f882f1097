//! Work notifications (DingTalk's page "Asynchronous sending of enterprise session messages").

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;
use serde_json::Value;

use super::{call::Call, refusal::Refusal};
use crate::state::{
    directory::ROOT,
    endpoint::Endpoint,
    messages::{Letter, Way},
    platform::{Platform, State},
};

/// The most people and departments that a call may name, and the most bytes in a message.
const MOST_PEOPLE: usize = 100;
const MOST_DEPARTMENTS: usize = 20;
const LONGEST_MESSAGE: usize = 2048;

#[derive(Serialize)]
struct Answer {
    task_id: i64,
}

/// `POST /topapi/message/corpconversation/asyncsend_v2`. Only the result tells who received nothing
/// because of a limit or because they received the same text today. Two details are assumptions: a
/// list of people of whom none exists is refused with 33012, and people outside the contact scope
/// are treated as if they did not exist.
pub async fn send(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = &mut *platform.lock();
    let call = Call::admit(state, &request, &body, Endpoint::WorkMessage)?;
    refuse_foreign_agent(&call)?;
    let content = message(call.required("msg")?)?;
    let (mut receivers, mut invalid, mut invalid_departments) =
        (Vec::new(), Vec::new(), Vec::new());
    let people = listed(&call, "userid_list", MOST_PEOPLE)?;
    let departments = listed(&call, "dept_id_list", MOST_DEPARTMENTS)?;
    let everybody = call.parameter("to_all_user") == Some("true");
    if people.is_empty() && departments.is_empty() && !everybody {
        return Err(Refusal::InvalidParameter);
    }
    for userid in &people {
        let list = if sees(state, &call, userid) {
            &mut receivers
        } else {
            &mut invalid
        };
        list.push((*userid).to_owned());
    }
    if !people.is_empty() && receivers.is_empty() {
        return Err(Refusal::InvalidUserId);
    }
    let mut reached: Vec<i64> = everybody.then_some(ROOT).into_iter().collect();
    for id in departments {
        let id = id.parse().map_err(|_no_number| Refusal::InvalidParameter)?;
        match state.directory.department(&call.app.corp_id, id) {
            Some(_) => reached.push(id),
            None => invalid_departments.push(id),
        }
    }
    receivers.extend(members_below(state, &call, reached));
    receivers.sort_unstable();
    receivers.dedup();
    let letter = Letter {
        way: Way::WorkNotification,
        client_id: call.app.client_id.clone(),
        corp_id: call.app.corp_id.clone(),
        content,
        receivers,
        invalid,
        invalid_departments,
    };
    let now = state.clock.now();
    let sent = state.messages.send(letter, now);
    call.answer_beside(Answer {
        task_id: sent.task_id,
    })
}

/// Refuses the agent ID of another application.
pub fn refuse_foreign_agent(call: &Call) -> Result<(), Refusal> {
    match call.required("agent_id")?.parse::<i64>() {
        Ok(agent_id) if call.app.agent_id == agent_id => Ok(()),
        _ => Err(Refusal::InvalidAgent),
    }
}

/// Splits a list at its commas.
fn listed<'a>(call: &'a Call, name: &str, most: usize) -> Result<Vec<&'a str>, Refusal> {
    let text = call.parameter(name).unwrap_or_default();
    let parts = text.split(',').map(str::trim);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    if parts.len() > most {
        return Err(Refusal::InvalidParameter);
    }
    Ok(parts)
}

fn sees(state: &State, call: &Call, userid: &str) -> bool {
    let corp_id = &call.app.corp_id;
    let person = state.directory.people().by_userid(corp_id, userid);
    person.is_some_and(|person| {
        person.is_employee_of(corp_id)
            && call.app.contact_scope.has_person(&state.directory, person)
    })
}

/// The members of departments and of all departments below them.
fn members_below(state: &State, call: &Call, mut departments: Vec<i64>) -> Vec<String> {
    let corp_id = &call.app.corp_id;
    let mut userids = Vec::new();
    while let Some(id) = departments.pop() {
        let tree = state.directory.departments(corp_id);
        let below = tree.into_iter().flat_map(|tree| tree.below(id));
        departments.extend(below.map(|department| department.id));
        let members = state.directory.people().members(corp_id, id);
        let seen = members.filter(|member| {
            let scope = &call.app.contact_scope;
            scope.has_person(&state.directory, member.person)
        });
        userids.extend(seen.map(|member| member.person.userid.clone()));
    }
    userids
}

/// Checks that DingTalk knows the type of the message, and that the message has the fields of that
/// type (page "Message types and data format").
fn message(text: &str) -> Result<Value, Refusal> {
    let message: Value = serde_json::from_str(text).map_err(|_no_json| Refusal::InvalidMessage)?;
    let kind = message.get("msgtype").and_then(Value::as_str);
    let required: &[&str] = match kind {
        Some("text") => &["content"],
        Some("link") => &["messageUrl", "picUrl", "title", "text"],
        Some("markdown") => &["title", "text"],
        Some("action_card") => &["title", "markdown"],
        Some("oa") => &["message_url", "head", "body"],
        Some("image" | "file") => &["media_id"],
        Some("voice") => &["media_id", "duration"],
        _ => return Err(Refusal::InvalidMessage),
    };
    let content = kind.and_then(|kind| message.get(kind));
    let content = content.ok_or(Refusal::InvalidMessage)?;
    let given = |name: &&str| match content.get(name) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(value) => !value.is_null(),
        None => false,
    };
    let leads_somewhere = kind != Some("action_card")
        || given(&"btn_json_list")
        || (given(&"single_title") && given(&"single_url"));
    if text.len() > LONGEST_MESSAGE || !required.iter().all(given) || !leads_somewhere {
        return Err(Refusal::InvalidMessage);
    }
    Ok(message)
}
