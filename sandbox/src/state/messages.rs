//! Messages that applications sent to people: work notifications and messages of robots.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The most messages and sends that are kept; the oldest are removed first.
const MOST_KEPT: usize = 100_000;

/// Task ids begin at this number, to have a realistic size.
const FIRST_TASK: i64 = 256_271_000_001;

/// DingTalk's limits and delays. Messages beyond a limit are dropped silently.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// The most work notifications that one person receives in a day, from all applications
    /// together.
    pub per_person_and_day: u32,
    /// The most receivers of one application in a minute.
    pub per_minute: u32,
    /// How many seconds pass until a task is done.
    pub takes_seconds: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_person_and_day: 500,
            per_minute: 5_000,
            takes_seconds: 0,
        }
    }
}

/// How a message was sent.
#[derive(Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// A work notification, sent with `asyncsend_v2`.
    WorkNotification,
    /// A direct message of the application's robot.
    Robot,
}

/// A message to one person.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The id.
    pub number: u64,
    /// How the message was sent.
    pub way: Way,
    /// The application.
    pub client_id: String,
    /// The organization of the application and the person.
    pub corp_id: String,
    /// The receiver.
    pub userid: String,
    /// The content: `msg` of a work notification, or `msgKey` and `msgParam` (as an object) of a
    /// robot's message.
    pub content: Value,
    /// The time of sending, in seconds since 1970.
    pub sent_at: i64,
    /// The time of reading.
    pub read_at: Option<i64>,
    /// Whether the message was recalled.
    pub recalled: bool,
}

/// A receiver who got nothing, with the error number from DingTalk's page on results.
#[derive(Clone)]
pub struct Dropped {
    /// The receiver.
    pub userid: String,
    /// The reason: 143103 for too many receivers in a minute, 143105 for too many messages in a
    /// day, 143106 for the same text again.
    pub code: &'static str,
}

/// Everything that one call has sent.
#[derive(Clone)]
pub struct Sent {
    /// The application.
    pub client_id: String,
    /// The task id of a work notification.
    pub task_id: i64,
    /// The process query key of a robot's message.
    pub query_key: String,
    /// The time of the call, in seconds since 1970.
    pub at: i64,
    /// Receivers who do not exist.
    pub invalid: Vec<String>,
    /// Departments that do not exist.
    pub invalid_departments: Vec<i64>,
    /// Receivers who got nothing.
    pub dropped: Vec<Dropped>,
    /// The ids of the messages.
    pub messages: Vec<u64>,
}

/// A call to send messages.
pub struct Letter {
    /// How they are sent.
    pub way: Way,
    /// The application that sends them.
    pub client_id: String,
    /// The organization.
    pub corp_id: String,
    /// The content.
    pub content: Value,
    /// The receivers.
    pub receivers: Vec<String>,
    /// Receivers who do not exist.
    pub invalid: Vec<String>,
    /// Departments that do not exist.
    pub invalid_departments: Vec<i64>,
}

/// All messages and sends.
#[derive(Default)]
pub struct Messages {
    /// The limits and delays.
    pub limits: Limits,
    by_number: BTreeMap<u64, Message>,
    sends: BTreeMap<i64, Sent>,
    next: u64,
    today: Today,
    /// The current minute, and the number of receivers of each application in it.
    minute: (i64, HashMap<String, u32>),
}

/// The day for daily limits, which is China's.
#[derive(Default)]
struct Today {
    day: i64,
    counts: HashMap<(String, String), u32>,
    contents: HashSet<(String, String, String)>,
}

impl Messages {
    /// Sends to everybody who may receive the message, and returns the outcome.
    pub fn send(&mut self, letter: Letter, now: i64) -> Sent {
        let task_id = self
            .sends
            .last_key_value()
            .map_or(FIRST_TASK, |it| *it.0 + 7);
        let mut sent = Sent {
            client_id: letter.client_id.clone(),
            task_id,
            query_key: Uuid::new_v4().simple().to_string(),
            at: now,
            invalid: letter.invalid,
            invalid_departments: letter.invalid_departments,
            dropped: Vec::new(),
            messages: Vec::new(),
        };
        let text = letter.content.to_string();
        for userid in letter.receivers {
            let to = (letter.corp_id.clone(), userid);
            if let Some(code) = self.refusal(letter.way, &letter.client_id, &to, &text, now) {
                let (_, userid) = to;
                sent.dropped.push(Dropped { userid, code });
                continue;
            }
            let (corp_id, userid) = to;
            self.next += 1;
            let message = Message {
                number: self.next,
                way: letter.way,
                client_id: letter.client_id.clone(),
                corp_id,
                userid,
                content: letter.content.clone(),
                sent_at: now,
                read_at: None,
                recalled: false,
            };
            sent.messages.push(message.number);
            self.by_number.insert(message.number, message);
        }
        self.sends.insert(task_id, sent.clone());
        while self.by_number.len() > MOST_KEPT {
            self.by_number.pop_first();
        }
        while self.sends.len() > MOST_KEPT {
            self.sends.pop_first();
        }
        sent
    }

    /// Why a person may not receive the message. Whoever may is counted for the limits.
    fn refusal(
        &mut self,
        way: Way,
        client_id: &str,
        to: &(String, String),
        text: &str,
        now: i64,
    ) -> Option<&'static str> {
        let minute = now.div_euclid(60);
        if self.minute.0 != minute {
            self.minute = (minute, HashMap::new());
        }
        let receivers = self.minute.1.entry(client_id.to_owned()).or_default();
        if *receivers >= self.limits.per_minute {
            return Some("143103");
        }
        *receivers += 1;
        if way == Way::Robot {
            return None;
        }
        let day = (now + 8 * 3600).div_euclid(24 * 3600);
        if self.today.day != day {
            self.today = Today {
                day,
                ..Today::default()
            };
        }
        let content = (to.0.clone(), to.1.clone(), text.to_owned());
        if self.today.contents.contains(&content) {
            return Some("143106");
        }
        let count = self.today.counts.entry(to.clone()).or_default();
        if *count >= self.limits.per_person_and_day {
            return Some("143105");
        }
        *count += 1;
        self.today.contents.insert(content);
        None
    }

    /// The send of an application with this task id.
    pub fn task(&self, client_id: &str, task_id: i64) -> Option<&Sent> {
        let sent = self.sends.get(&task_id)?;
        (sent.client_id == client_id).then_some(sent)
    }

    /// The send of an application's robot with this key.
    pub fn keyed(&self, client_id: &str, query_key: &str) -> Option<&Sent> {
        let mut sends = self.sends.values().rev();
        sends.find(|sent| sent.query_key == query_key && sent.client_id == client_id)
    }

    /// The progress of a task in percent.
    pub fn progress(&self, sent: &Sent, now: i64) -> i64 {
        match self.limits.takes_seconds {
            ..=0 => 100,
            takes => (now.saturating_sub(sent.at).saturating_mul(100) / takes).clamp(0, 100),
        }
    }

    /// The messages of a send that are still kept.
    pub fn of<'a>(&'a self, sent: &'a Sent) -> impl Iterator<Item = &'a Message> {
        let numbers = sent.messages.iter();
        numbers.filter_map(|number| self.by_number.get(number))
    }

    /// Recalls a send from all its receivers.
    pub fn recall(&mut self, task_id: i64) {
        let Some(sent) = self.sends.get(&task_id) else {
            return;
        };
        for number in &sent.messages {
            if let Some(message) = self.by_number.get_mut(number) {
                message.recalled = true;
            }
        }
    }

    /// Marks a message as read.
    pub fn read(&mut self, number: u64, now: i64) -> bool {
        let message = self.by_number.get_mut(&number);
        message.is_some_and(|message| {
            message.read_at.get_or_insert(now);
            true
        })
    }

    /// All kept messages, the oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.by_number.values()
    }
}
