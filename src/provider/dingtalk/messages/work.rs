//! Work notifications: messages in the name of the application's agent.

use async_trait::async_trait;
use entity::user_authenticator;

use super::wire::{OfTask, SendResult, WorkMessage, WorkResult, WorkTask};
use super::work_kinds::written;
use crate::domain::message::{Accepted, Message, MessageOutcome, Messenger, Reason, SendError};
use crate::provider::dingtalk::DingTalk;
use crate::provider::dingtalk::client::DingTalkClient;
use crate::provider::dingtalk::error::DingTalkError;
use crate::provider::dingtalk::options::DingTalkOptions;

/// Receivers of one call.
const MOST_RECEIVERS: usize = 100;

/// Carries work notifications.
pub struct WorkNotifications {
    dingtalk: DingTalk,
    options: DingTalkOptions,
    agent_id: i64,
}

impl WorkNotifications {
    /// Those of this application, where the options name its agent.
    pub fn new(dingtalk: DingTalk, options: DingTalkOptions) -> Option<Self> {
        let agent_id = options.agent_id()?.parse().ok()?;
        Some(Self {
            dingtalk,
            options,
            agent_id,
        })
    }
}

#[async_trait]
impl Messenger for WorkNotifications {
    fn most_receivers(&self) -> usize {
        MOST_RECEIVERS
    }

    fn drops_repetitions(&self) -> bool {
        true
    }

    async fn receiver(
        &self,
        binding: &user_authenticator::Model,
    ) -> Result<Option<String>, SendError> {
        super::receiver(&self.dingtalk, &self.options, binding).await
    }

    async fn turn(&self, receivers: usize) -> Result<(), SendError> {
        super::turn(&self.dingtalk, &self.options, receivers).await
    }

    async fn send(
        &self,
        message: &Message,
        repetition: usize,
        receivers: &[String],
    ) -> Result<Accepted, SendError> {
        let msg = written(message, repetition).ok_or_else(super::too_long)?;
        let body = WorkMessage {
            agent_id: self.agent_id,
            userid_list: receivers.join(","),
            msg: &msg,
        };
        let (client, body) = (&self.dingtalk.client, &body);
        let call = |token: std::sync::Arc<str>| async move {
            let url = client.oapi(
                ["topapi", "message", "corpconversation", "asyncsend_v2"],
                &token,
            )?;
            client.answer_beside::<WorkTask>(url, body).await
        };
        let task = self
            .dingtalk
            .with_app_token_uncounted(&self.options, call)
            .await?;
        // DingTalk names a task of each message that it has taken.
        let task = task.task_id;
        let task = task.ok_or(DingTalkError::Unexpected("an answer without a task".into()))?;
        Ok(Accepted {
            task: Some(task),
            undelivered: Vec::new(),
        })
    }

    async fn ready(&self) -> Result<(), SendError> {
        let agent_id = self.agent_id.to_string();
        let (client, agent_id) = (&self.dingtalk.client, agent_id.as_str());
        let call =
            |token: std::sync::Arc<str>| async move { knows_agent(client, &token, agent_id).await };
        let options = &self.options;
        let known = self.dingtalk.with_app_token_uncounted(options, call).await;
        known.map_err(SendError::from)
    }

    async fn outcome(&self, task: &str) -> Result<MessageOutcome, SendError> {
        let unreadable = || DingTalkError::Unexpected("a task that is no number".into());
        let body = OfTask {
            agent_id: self.agent_id,
            task_id: task.parse().map_err(|_| unreadable())?,
        };
        let limiter = &self.dingtalk.limiter;
        limiter.turn_of_result(&self.options.client_id).await;
        let (client, body) = (&self.dingtalk.client, &body);
        let call = |token: std::sync::Arc<str>| async move {
            let url = client.oapi(
                ["topapi", "message", "corpconversation", "getsendresult"],
                &token,
            )?;
            client.answer_beside::<WorkResult>(url, body).await
        };
        let told = self
            .dingtalk
            .with_app_token_uncounted(&self.options, call)
            .await?;
        Ok(outcome(told.send_result))
    }
}

/// What DingTalk says when it is asked for a task that there is not: it says first when the agent is not that of
/// the application.
pub async fn knows_agent(
    client: &DingTalkClient,
    app_token: &str,
    agent_id: &str,
) -> Result<(), DingTalkError> {
    let agent_id = agent_id
        .parse()
        .map_err(|_| DingTalkError::Agent("not a number".to_owned()))?;
    let body = OfTask {
        agent_id,
        task_id: 1,
    };
    let path = ["topapi", "message", "corpconversation", "getsendprogress"];
    let url = client.oapi(path, app_token)?;
    match client
        .answer_beside::<serde::de::IgnoredAny>(url, &body)
        .await
    {
        Ok(_) | Err(DingTalkError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Who got a notification, and who did not and why. The codes are those of the page on results.
fn outcome(told: SendResult) -> MessageOutcome {
    let mut undelivered = Vec::new();
    for forbidden in told.forbidden_list {
        let why = match forbidden.code.as_deref() {
            Some("143103" | "143104") => Reason::TooManyInAMinute,
            Some("143105") => Reason::TooManyToday,
            Some("143106") => Reason::Repeated,
            _ => Reason::Refused,
        };
        undelivered.extend(forbidden.userid.map(|userid| (userid, why)));
    }
    let unknown = told.invalid_user_id_list.into_iter();
    undelivered.extend(unknown.map(|userid| (userid, Reason::UnknownReceiver)));
    let refused = told.forbidden_user_id_list.into_iter();
    for userid in refused.chain(told.failed_user_id_list) {
        if undelivered.iter().all(|(known, _)| *known != userid) {
            undelivered.push((userid, Reason::Refused));
        }
    }
    let mut delivered = told.read_user_id_list;
    delivered.extend(told.unread_user_id_list);
    MessageOutcome {
        delivered,
        undelivered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whoever_is_named_twice_keeps_the_reason() {
        let told: SendResult = serde_json::from_value(json!({
            "forbidden_user_id_list": ["a", "b"],
            "forbidden_list": [{"code": "143106", "count": 1, "userid": "a"}],
            "unread_user_id_list": ["c"],
        }))
        .unwrap();
        let outcome = outcome(told);
        assert_eq!(outcome.delivered, ["c"]);
        let expected = [
            ("a".to_owned(), Reason::Repeated),
            ("b".to_owned(), Reason::Refused),
        ];
        assert_eq!(outcome.undelivered, expected);
    }
}
