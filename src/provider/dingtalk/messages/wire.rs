//! Requests and answers of messages, exactly as DingTalk sends them.
//!
//! Sources: DingTalk's pages "Asynchronous sending of enterprise session messages", "Obtain the sending result" and
//! "Chatbots send one-on-one chat messages in batches".

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::provider::dingtalk::wire::text;

/// Body of `POST /topapi/message/corpconversation/asyncsend_v2`.
#[derive(Serialize)]
pub struct WorkMessage<'a> {
    pub agent_id: i64,
    pub userid_list: String,
    pub msg: &'a Value,
}

/// Answer to it.
#[derive(Deserialize)]
pub struct WorkTask {
    #[serde(default, deserialize_with = "text")]
    pub task_id: Option<String>,
}

/// Body of `POST /topapi/message/corpconversation/getsendresult` and of `getsendprogress`.
#[derive(Serialize)]
pub struct OfTask {
    pub agent_id: i64,
    pub task_id: i64,
}

/// Answer of the former.
#[derive(Deserialize)]
pub struct WorkResult {
    pub send_result: SendResult,
}

/// What became of a work notification. Lists may be missing.
#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are DingTalk's")]
pub struct SendResult {
    pub invalid_user_id_list: Vec<String>,
    pub forbidden_user_id_list: Vec<String>,
    pub failed_user_id_list: Vec<String>,
    pub read_user_id_list: Vec<String>,
    pub unread_user_id_list: Vec<String>,
    pub forbidden_list: Vec<Forbidden>,
}

/// Somebody who gets nothing, and the code for it.
#[derive(Deserialize)]
pub struct Forbidden {
    #[serde(default, deserialize_with = "text")]
    pub code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub userid: Option<String>,
}

/// Body of `POST /v1.0/robot/oToMessages/batchSend`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RobotMessage<'a> {
    pub robot_code: &'a str,
    pub user_ids: &'a [String],
    pub msg_key: &'static str,
    pub msg_param: String,
}

/// Answer to it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are DingTalk's")]
pub struct RobotBatch {
    pub invalid_staff_id_list: Vec<String>,
    pub flow_controlled_staff_id_list: Vec<String>,
    pub filtered_staff_id_list: Vec<String>,
}
