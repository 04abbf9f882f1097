//! Messages of an application's robot to single people (DingTalk's page "Chatbots send one-on-one
//! chat messages in batches", and those on reading the status and on recalling).

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest,
    web::{Bytes, Data, Json},
};
use serde::Serialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{app_call, fields::Fields, refusal::Refusal};
use crate::state::{
    app::App,
    endpoint::Endpoint,
    messages::{Letter, Way},
    platform::Platform,
};

/// The most receivers in a call.
const MOST_PEOPLE: usize = 20;

/// The types of messages, each with its required fields.
const KINDS: [(&str, &[&str]); 9] = [
    ("sampleText", &["content"]),
    ("sampleMarkdown", &["title", "text"]),
    ("sampleImageMsg", &["photoURL"]),
    ("sampleLink", &["text", "title", "picUrl", "messageUrl"]),
    (
        "sampleActionCard",
        &["title", "text", "singleTitle", "singleURL"],
    ),
    ("sampleActionCard2", &["title", "text"]),
    ("sampleAudio", &["mediaId", "duration"]),
    ("sampleFile", &["mediaId", "fileName", "fileType"]),
    ("sampleVideo", &["videoMediaId", "videoType", "duration"]),
];

/// The receivers who got nothing, and the key for further questions about the send.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    process_query_key: String,
    invalid_staff_id_list: Vec<String>,
    flow_controlled_staff_id_list: Vec<String>,
}

/// `POST /v1.0/robot/oToMessages/batchSend`.
pub async fn send(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<Json<Batch>, Refusal> {
    let fields = Fields::read(&request, &body)?;
    let state = &mut *platform.lock();
    let app = app_call::admit(state, &request, Endpoint::RobotSend)?;
    let robot_code = fields.text("robotCode")?;
    refuse_foreign(app, robot_code)?;
    let userids: Vec<String> = fields.list("userIds")?;
    match userids.len() {
        0 => return Err(refused("userIds.empty")),
        1..=MOST_PEOPLE => {}
        _ => return Err(refused("userIds.overMax")),
    }
    let content = message(fields.text("msgKey")?, fields.text("msgParam")?)?;
    let people = state.directory.people();
    let (receivers, invalid) = userids.into_iter().partition(|userid| {
        let person = people.by_userid(&app.corp_id, userid);
        person.is_some_and(|person| person.is_employee_of(&app.corp_id))
    });
    let letter = Letter {
        way: Way::Robot,
        client_id: app.client_id.clone(),
        corp_id: app.corp_id.clone(),
        content,
        receivers,
        invalid,
        invalid_departments: Vec::new(),
    };
    let now = state.clock.now();
    let sent = state.messages.send(letter, now);
    let dropped = sent.dropped.into_iter();
    Ok(Json(Batch {
        process_query_key: sent.query_key,
        invalid_staff_id_list: sent.invalid,
        flow_controlled_staff_id_list: dropped.map(|dropped| dropped.userid).collect(),
    }))
}

/// The people who have read the message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadStatus {
    send_status: &'static str,
    message_read_info_list: Vec<ReadInfo>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadInfo {
    name: String,
    user_id: String,
    read_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_timestamp: Option<i64>,
}

/// `GET /v1.0/robot/oToMessages/readStatus`.
pub async fn read_status(
    platform: Data<Platform>,
    request: HttpRequest,
) -> Result<Json<ReadStatus>, Refusal> {
    let query: BTreeMap<_, _> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let required = |name| query.get(name).ok_or(Refusal::MissingField(name));
    let (robot_code, key) = (required("robotCode")?, required("processQueryKey")?);
    let state = platform.lock();
    let app = app_call::admit(&state, &request, Endpoint::RobotReadStatus)?;
    refuse_foreign(app, robot_code)?;
    let sent = state.messages.keyed(&app.client_id, key);
    let sent = sent.ok_or_else(|| refused("processQueryKey.invalid"))?;
    let people = state.directory.people();
    let messages: Vec<_> = state.messages.of(sent).collect();
    let is_recalled = messages.iter().any(|message| message.recalled);
    let infos = messages.into_iter().map(|message| {
        let person = people.by_userid(&message.corp_id, &message.userid);
        ReadInfo {
            name: person.map(|person| person.name.clone()).unwrap_or_default(),
            user_id: message.userid.clone(),
            read_status: if message.read_at.is_some() {
                "READ"
            } else {
                "UNREAD"
            },
            read_timestamp: message.read_at.map(|at| at.saturating_mul(1000)),
        }
    });
    Ok(Json(ReadStatus {
        send_status: if is_recalled { "RECALLED" } else { "SUCCESS" },
        message_read_info_list: infos.collect(),
    }))
}

/// The sends that were recalled, and those that were not.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recalled {
    success_result: Vec<String>,
    failed_result: BTreeMap<String, &'static str>,
}

/// `POST /v1.0/robot/otoMessages/batchRecall`.
pub async fn recall(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<Json<Recalled>, Refusal> {
    let fields = Fields::read(&request, &body)?;
    let state = &mut *platform.lock();
    let app = app_call::admit(state, &request, Endpoint::RobotRecall)?;
    refuse_foreign(app, fields.text("robotCode")?)?;
    let client_id = app.client_id.clone();
    let mut recalled = Recalled {
        success_result: Vec::new(),
        failed_result: BTreeMap::new(),
    };
    for key in fields.list::<String>("processQueryKeys")? {
        let task = state.messages.keyed(&client_id, &key);
        if let Some(task_id) = task.map(|sent| sent.task_id) {
            state.messages.recall(task_id);
            recalled.success_result.push(key);
        } else {
            recalled
                .failed_result
                .insert(key, "processQueryKey.invalid");
        }
    }
    Ok(Json(recalled))
}

/// The robot's code is the client ID of its application.
fn refuse_foreign(app: &App, robot_code: &str) -> Result<(), Refusal> {
    match robot_code {
        "" => Err(refused("robotCode.empty")),
        // DingTalk spells this name in this way.
        code if code != app.client_id => Err(refused("robotCode.notExsit")),
        _ => Ok(()),
    }
}

fn message(key: &str, parameters: &str) -> Result<Value, Refusal> {
    let kind = KINDS.iter().find(|(name, _)| {
        // Cards with two to six buttons differ in the names of their fields only.
        *name == key || (*name == "sampleActionCard2" && is_card_with_buttons(key))
    });
    let (_, required) = kind.ok_or_else(|| refused("msgKey.invalid"))?;
    let invalid = || refused("msgParam.invalid");
    let values: Value = serde_json::from_str(parameters).map_err(|_no_json| invalid())?;
    let given = |name: &&str| values.get(name).is_some_and(|value| !value.is_null());
    if !required.iter().all(given) {
        return Err(invalid());
    }
    Ok(json!({"msgKey": key, "msgParam": values}))
}

fn is_card_with_buttons(key: &str) -> bool {
    let number = key.strip_prefix("sampleActionCard");
    number.is_some_and(|number| ["2", "3", "4", "5", "6"].contains(&number))
}

fn refused(what: &str) -> Refusal {
    Refusal::Other(format!("invalidParameter.{what}"))
}
