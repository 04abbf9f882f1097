//! The application's robot, which writes to people one by one.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use entity::user_authenticator;
use serde_json::{Map, Value, json};

use super::fit::fit;
use super::link;
use super::wire::{RobotBatch, RobotMessage};
use crate::domain::message::{
    Accepted, Button, Content, Message, MessageOutcome, Messenger, Reason, Row, SendError, unlinked,
};
use crate::provider::dingtalk::DingTalk;
use crate::provider::dingtalk::options::DingTalkOptions;

/// Receivers of one call.
const MOST_RECEIVERS: usize = 20;

/// Carries the messages of the application's robot.
pub struct Robot {
    dingtalk: DingTalk,
    options: DingTalkOptions,
}

impl Robot {
    /// The robot of this application, whose code is the Client ID.
    pub fn new(dingtalk: DingTalk, options: DingTalkOptions) -> Self {
        Self { dingtalk, options }
    }
}

#[async_trait]
impl Messenger for Robot {
    fn most_receivers(&self) -> usize {
        MOST_RECEIVERS
    }

    fn drops_repetitions(&self) -> bool {
        false
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
        _repetition: usize,
        receivers: &[String],
    ) -> Result<Accepted, SendError> {
        let (msg_key, parameters) = written(message).ok_or_else(super::too_long)?;
        let body = RobotMessage {
            robot_code: &self.options.client_id,
            user_ids: receivers,
            msg_key,
            msg_param: parameters.to_string(),
        };
        let (client, body) = (&self.dingtalk.client, &body);
        let call = |token: Arc<str>| async move {
            let url = client.api(["v1.0", "robot", "oToMessages", "batchSend"])?;
            client.new_with_token::<RobotBatch>(url, &token, body).await
        };
        let told = self
            .dingtalk
            .with_app_token_uncounted(&self.options, call)
            .await?;
        let all = |userids: Vec<String>, why| userids.into_iter().map(move |userid| (userid, why));
        let unknown = all(told.invalid_staff_id_list, Reason::UnknownReceiver);
        let slowed = all(told.flow_controlled_staff_id_list, Reason::TooManyInAMinute);
        let refused = all(told.filtered_staff_id_list, Reason::Refused);
        Ok(Accepted {
            task: None,
            undelivered: unknown.chain(slowed).chain(refused).collect(),
        })
    }

    /// DingTalk does not say without a message whether the application has a robot.
    async fn ready(&self) -> Result<(), SendError> {
        let call = |_: Arc<str>| async { Ok(()) };
        let options = &self.options;
        let known = self.dingtalk.with_app_token_uncounted(options, call).await;
        known.map_err(SendError::from)
    }

    async fn outcome(&self, _task: &str) -> Result<MessageOutcome, SendError> {
        Ok(MessageOutcome::default())
    }
}

/// A message as the robot says it: the name of its kind, and its values. It is kept as short as a work notification.
fn written(message: &Message) -> Option<(&'static str, Value)> {
    let lead = |url: &str| link(url, message.open_in);
    let card = |title: &str, text: &str, button: &str, url: &str| {
        let url = lead(url);
        let heading = unlinked(title);
        let made = fit(
            text,
            |text| json!({"title": title, "text": format!("### {heading}\n\n{text}"), "singleTitle": button, "singleURL": url}),
        );
        made.map(|made| ("sampleActionCard", made))
    };
    match &message.content {
        Content::Text { text } => {
            let made = fit(text, |text| json!({"content": text}))?;
            Some(("sampleText", made))
        }
        Content::Markdown { title, text } => {
            let made = fit(text, |text| json!({"title": title, "text": text}))?;
            Some(("sampleMarkdown", made))
        }
        Content::Card {
            title,
            text,
            button,
            url,
        } => card(title, text, button, url),
        Content::Buttons {
            title,
            text,
            buttons,
            in_a_row,
        } => match buttons.as_slice() {
            [one] => card(title, text, &one.title, &one.url),
            several => {
                let (key, names) = kind(several.len(), *in_a_row);
                let links = links(several, names, lead);
                let made = fit(text, |text| {
                    let mut made = links.clone();
                    made.insert("title".to_owned(), json!(title));
                    let text = format!("### {}\n\n{text}", unlinked(title));
                    made.insert("text".to_owned(), json!(text));
                    Value::Object(made)
                })?;
                Some((key, made))
            }
        },
        // There is no kind with rows.
        Content::Form {
            title,
            text,
            rows,
            url,
        } => card(title, &listed(rows, text), title, url),
    }
}

/// The kind of card with so many links, and what its links' titles and addresses are called.
fn kind(count: usize, in_a_row: bool) -> (&'static str, [&'static str; 2]) {
    match (count, in_a_row) {
        (2, true) => ("sampleActionCard6", ["buttonTitle", "buttonUrl"]),
        (2, false) => ("sampleActionCard2", ["actionTitle", "actionURL"]),
        (3, _) => ("sampleActionCard3", ["actionTitle", "actionURL"]),
        (4, _) => ("sampleActionCard4", ["actionTitle", "actionURL"]),
        _ => ("sampleActionCard5", ["actionTitle", "actionURL"]),
    }
}

fn links(
    buttons: &[Button],
    [title, address]: [&str; 2],
    lead: impl Fn(&str) -> String,
) -> Map<String, Value> {
    let mut links = Map::new();
    for (number, button) in (1..).zip(buttons) {
        links.insert(format!("{title}{number}"), json!(button.title));
        links.insert(format!("{address}{number}"), json!(lead(&button.url)));
    }
    links
}

/// Rows as a text, a line each.
fn listed(rows: &[Row], text: &str) -> String {
    let mut listed = String::new();
    for row in rows {
        let (label, value) = (unlinked(&row.label), unlinked(&row.value));
        let _ = writeln!(listed, "- {label}: {value}");
    }
    format!("{listed}\n{text}").trim_end().to_owned()
}
