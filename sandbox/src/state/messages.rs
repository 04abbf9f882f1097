//! The messages that applications sent to people: work notifications, and those of robots.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Messages and sends that are kept; the oldest is forgotten first.
const MOST_KEPT: usize = 100_000;

/// Numbers of tasks are of this size.
const FIRST_TASK: i64 = 256_271_000_001;

/// What DingTalk allows, and how long it takes. What exceeds it is dropped without a word.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Work notifications that one person gets in a day, from all applications together.
    pub per_person_and_day: u32,
    /// Receivers of one application in a minute.
    pub per_minute: u32,
    /// Seconds until a task is done.
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
    /// `asyncsend_v2`.
    WorkNotification,
    /// The application's robot, one to one.
    Robot,
}

/// A message to one person.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its number.
    pub number: u64,
    /// How it was sent.
    pub way: Way,
    /// The application.
    pub client_id: String,
    /// The organisation of both.
    pub corp_id: String,
    /// The person.
    pub userid: String,
    /// What was sent: `msg` of a work notification; `msgKey`, and `msgParam` as an object, of a robot.
    pub content: Value,
    /// When, in seconds since 1970.
    pub sent_at: i64,
    /// When it was read.
    pub read_at: Option<i64>,
    /// Whether it was taken back.
    pub recalled: bool,
}

/// Somebody who got nothing, with the number of DingTalk's page on results.
#[derive(Clone)]
pub struct Dropped {
    /// Who.
    pub userid: String,
    /// Why: 143103 too many receivers in a minute, 143105 too many messages in a day, 143106 the same text again.
    pub code: &'static str,
}

/// What one call has sent.
#[derive(Clone)]
pub struct Sent {
    /// The application.
    pub client_id: String,
    /// Number of the task of a work notification.
    pub task_id: i64,
    /// The same for a robot.
    pub query_key: String,
    /// When, in seconds since 1970.
    pub at: i64,
    /// Receivers that are nobody.
    pub invalid: Vec<String>,
    /// Departments that are none.
    pub invalid_departments: Vec<i64>,
    /// Receivers that got nothing.
    pub dropped: Vec<Dropped>,
    /// Numbers of the messages.
    pub messages: Vec<u64>,
}

/// What is to be sent.
pub struct Letter {
    /// How.
    pub way: Way,
    /// By which application.
    pub client_id: String,
    /// In which organisation.
    pub corp_id: String,
    /// What.
    pub content: Value,
    /// To whom.
    pub receivers: Vec<String>,
    /// Receivers that are nobody.
    pub invalid: Vec<String>,
    /// Departments that are none.
    pub invalid_departments: Vec<i64>,
}

/// All of them.
#[derive(Default)]
pub struct Messages {
    /// What is allowed.
    pub limits: Limits,
    by_number: BTreeMap<u64, Message>,
    sends: BTreeMap<i64, Sent>,
    next: u64,
    today: Today,
    /// The minute, and how many receivers each application had in it.
    minute: (i64, HashMap<String, u32>),
}

/// What counts by the day, which is China's.
#[derive(Default)]
struct Today {
    day: i64,
    counts: HashMap<(String, String), u32>,
    contents: HashSet<(String, String, String)>,
}

impl Messages {
    /// Sends to everybody who may get it; gives what became of it.
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

    /// Why somebody gets nothing; whoever gets something is counted.
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

    /// What an application has sent under a task's number.
    pub fn task(&self, client_id: &str, task_id: i64) -> Option<&Sent> {
        let sent = self.sends.get(&task_id)?;
        (sent.client_id == client_id).then_some(sent)
    }

    /// What an application's robot has sent under a key.
    pub fn keyed(&self, client_id: &str, query_key: &str) -> Option<&Sent> {
        let mut sends = self.sends.values().rev();
        sends.find(|sent| sent.query_key == query_key && sent.client_id == client_id)
    }

    /// How much of a task is done, of a hundred.
    pub fn progress(&self, sent: &Sent, now: i64) -> i64 {
        match self.limits.takes_seconds {
            ..=0 => 100,
            takes => (now.saturating_sub(sent.at).saturating_mul(100) / takes).clamp(0, 100),
        }
    }

    /// The messages of a send that are kept.
    pub fn of<'a>(&'a self, sent: &'a Sent) -> impl Iterator<Item = &'a Message> {
        let numbers = sent.messages.iter();
        numbers.filter_map(|number| self.by_number.get(number))
    }

    /// Takes a send back from everybody.
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

    /// Notes that a message was read.
    pub fn read(&mut self, number: u64, now: i64) -> bool {
        let message = self.by_number.get_mut(&number);
        message.is_some_and(|message| {
            message.read_at.get_or_insert(now);
            true
        })
    }

    /// All that are kept, the oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.by_number.values()
    }
}
