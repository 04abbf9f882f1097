//! What NocoBase told pages over `/ws`, and what we tell them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Socket, TestApp};

/// A connection as it was recorded.
#[derive(Deserialize)]
pub struct Recorded {
    pub name: String,
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
struct Frame {
    from: Side,
    text: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Side {
    Client,
    Server,
}

/// The plugin that was switched, and the one that is switched here.
const THEIRS: &str = "departments";
const OURS: &str = "auth-dingtalk";

impl Recorded {
    /// What the page heard, as far as it depends on the request: NocoBase tells of every step of its
    /// loading, and begins a command by repeating what it said last.
    pub fn heard(&self) -> Vec<Value> {
        let frames = self
            .frames
            .iter()
            .filter(|frame| frame.from == Side::Server);
        let frames = frames.map(|frame| {
            let text = frame.text.replace(THEIRS, OURS);
            serde_json::from_str::<Value>(&text).unwrap()
        });
        frames.filter(says_something).map(without_reason).collect()
    }

    /// The command that ran meanwhile: its name, and for which plugin.
    fn command(&self) -> Option<(&'static str, &'static str)> {
        match self.name.as_str() {
            "ws-during-enable" | "ws-during-enable-again" => Some(("enable", OURS)),
            "ws-during-disable" | "ws-during-disable-again" => Some(("disable", OURS)),
            "ws-during-enable-unknown" => Some(("enable", "nope-xyz")),
            _ => None,
        }
    }
}

fn says_something(frame: &Value) -> bool {
    let payload = &frame["payload"];
    let message = payload["message"].as_str().unwrap_or_default();
    match (
        payload["code"].as_str(),
        payload["command"]["name"].as_str(),
    ) {
        (Some("APP_RUNNING"), _) => message == "application main is running",
        (_, Some("pm.enable")) => message.starts_with("enabling plugin "),
        (_, Some("pm.disable")) => message.starts_with("disabling plugin "),
        _ => true,
    }
}

/// Why something failed is told in words of our own.
fn without_reason(mut frame: Value) -> Value {
    if frame["type"] == "notification" {
        let message = frame["payload"]["message"].as_str().unwrap();
        frame["payload"]["message"] = json!(message.split(':').next());
    }
    frame
}

/// Every recorded connection, and what a page of ours hears.
pub async fn all() -> Vec<(Recorded, Vec<Value>)> {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let token = app.root_token().await;
    // As in the recording, it is off before the first of them.
    let off = format!("/api/pm:disable?filterByTk={OURS}&awaitResponse=1");
    assert_eq!(browser.get_as(&token, &off).await.status, 200);
    let mut compared = Vec::new();
    for line in include_str!("../../contract/websocket.jsonl").lines() {
        let recorded: Recorded = serde_json::from_str(line).unwrap();
        let mut page = Socket::open(&app).await;
        let mut heard = Vec::new();
        for frame in &recorded.frames {
            if frame.from == Side::Client {
                page.say(&frame.text.replace("<jwt>", &token)).await;
            }
        }
        if recorded.heard().first() == Some(&json!({"type": "authorized"})) {
            heard.push(page.hear().await);
        }
        if let Some((command, plugin)) = recorded.command() {
            let path = format!("/api/pm:{command}?filterByTk={plugin}");
            assert_eq!(browser.get_as(&token, &path).await.status, 200);
            while heard
                .last()
                .is_none_or(|frame| frame["payload"]["code"] != "APP_RUNNING")
            {
                heard.push(page.hear().await);
            }
        }
        page.hear_nothing().await;
        let heard = heard.into_iter().map(without_reason).collect();
        compared.push((recorded, heard));
    }
    compared
}
