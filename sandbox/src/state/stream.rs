//! The Stream: tickets, open connections, and frames that wait for acknowledgement.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::{
    Notify,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot,
};
use uuid::Uuid;

use crate::state::{
    chance::Chance,
    event::{Event, EventForm},
};

/// How long a ticket is valid (developerpedia, "Stream protocol").
const TICKET_SECONDS: i64 = 90;

/// A kind of message to which an application subscribes on a connection.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
pub struct Topic {
    /// `EVENT`, `CALLBACK` or `SYSTEM`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `*` for events.
    pub topic: String,
}

struct Ticket {
    client_id: String,
    topics: Vec<Topic>,
    expires_at: i64,
}

/// An instruction to the socket of a connection.
pub enum Outgoing {
    /// Send this text.
    Frame(String),
    /// Close the connection without warning.
    Break,
}

/// An open connection.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The id, which frames contain.
    pub id: String,
    /// The application that opened it.
    pub client_id: String,
    topics: Vec<Topic>,
    /// The number of acknowledged frames and answered pings.
    acknowledged: u64,
    pongs: u64,
    /// The number of pings of the WebSocket that the application has sent.
    asked: u64,
    /// Whether the connection was asked to disconnect, so that it receives nothing more.
    leaving: bool,
    #[serde(skip)]
    outgoing: UnboundedSender<Outgoing>,
}

/// An application's answer to a frame.
#[derive(Deserialize)]
pub struct Acknowledgement {
    code: i64,
    #[serde(default)]
    headers: HashMap<String, Value>,
    #[serde(default)]
    data: Value,
}

/// All tickets, connections and waiting frames.
pub struct Stream {
    tickets: HashMap<String, Ticket>,
    connections: Vec<Connection>,
    waiting: HashMap<String, oneshot::Sender<bool>>,
    chance: Chance,
    /// Notified whenever a connection opens.
    pub arrival: Arc<Notify>,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            tickets: HashMap::new(),
            connections: Vec::new(),
            waiting: HashMap::new(),
            chance: Chance::of_seed(0),
            arrival: Arc::new(Notify::new()),
        }
    }
}

impl Stream {
    /// Issues a ticket for one connection.
    pub fn issue_ticket(&mut self, client_id: &str, topics: Vec<Topic>, now: i64) -> String {
        self.tickets.retain(|_, ticket| ticket.expires_at > now);
        let value = Uuid::new_v4().to_string();
        let ticket = Ticket {
            client_id: client_id.to_owned(),
            topics,
            expires_at: now.saturating_add(TICKET_SECONDS),
        };
        self.tickets.insert(value.clone(), ticket);
        value
    }

    /// Opens a connection with a ticket, which is used up. Returns its id and the receiver of its
    /// instructions.
    pub fn open(
        &mut self,
        ticket: &str,
        now: i64,
    ) -> Option<(String, UnboundedReceiver<Outgoing>)> {
        let ticket = self.tickets.remove(ticket)?;
        if ticket.expires_at <= now {
            return None;
        }
        let (outgoing, receiver) = unbounded_channel();
        let id = Uuid::new_v4().to_string();
        self.connections.push(Connection {
            id: id.clone(),
            client_id: ticket.client_id,
            topics: ticket.topics,
            acknowledged: 0,
            pongs: 0,
            asked: 0,
            leaving: false,
            outgoing,
        });
        self.arrival.notify_waiters();
        Some((id, receiver))
    }

    /// Removes a connection that has ended.
    pub fn close(&mut self, id: &str) {
        self.connections.retain(|connection| connection.id != id);
    }

    /// The open connections.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// Sends an event to a random connection of an application. Returns the receiver of its
    /// acknowledgement. Each frame gets a new id, while the event keeps its own.
    pub fn send(
        &mut self,
        client_id: &str,
        event: &Event,
        form: EventForm,
        now: i64,
    ) -> Option<oneshot::Receiver<bool>> {
        let listens = |it: &&Connection| {
            it.client_id == client_id
                && !it.leaving
                && it.topics.iter().any(|topic| topic.kind == "EVENT")
        };
        let open: Vec<_> = self.connections.iter().filter(listens).collect();
        let connection = open.get(self.chance.below(open.len()))?;
        let message_id = Uuid::new_v4().to_string();
        let happening = &event.happening;
        let frame = json!({
            "specVersion": "1.0",
            "type": "EVENT",
            "headers": {
                "topic": "*",
                "messageId": message_id,
                "contentType": "application/json",
                "time": (now * 1000).to_string(),
                "appId": "sandbox-app",
                "connectionId": connection.id,
                "eventType": happening.event_type,
                "eventId": event.id,
                "eventCorpId": happening.corp_id,
                "eventBornTime": event.born.to_string(),
                "eventUnifiedAppId": "sandbox-unified-app",
            },
            "data": event.stream_data(form),
        });
        let frame = Outgoing::Frame(frame.to_string());
        connection.outgoing.send(frame).ok()?;
        let (said, will_say) = oneshot::channel();
        self.waiting.insert(message_id, said);
        Some(will_say)
    }

    /// Sends a ping frame to a connection.
    pub fn ping(id: &str, now: i64) -> String {
        let data = json!({"opaque": Uuid::new_v4().to_string()});
        system("ping", id, now, &data)
    }

    /// Processes what an application sent on a connection.
    pub fn said(&mut self, id: &str, text: &str) {
        let Ok(said) = serde_json::from_str::<Acknowledgement>(text) else {
            log::warn!("a frame of a Stream connection is no acknowledgement");
            return;
        };
        let message_id = said.headers.get("messageId").and_then(Value::as_str);
        let waiting = message_id.and_then(|id| self.waiting.remove(id));
        let connection = self.connections.iter_mut().find(|it| it.id == id);
        if let Some(connection) = connection {
            match &waiting {
                Some(_) => connection.acknowledged += 1,
                None => connection.pongs += u64::from(said.is_success()),
            }
        }
        if let Some(waiting) = waiting {
            // The sender may have stopped waiting.
            let _lost_patience = waiting.send(said.is_success());
        }
    }

    /// Counts a ping of the WebSocket that an application has sent.
    pub fn asked(&mut self, id: &str) {
        if let Some(connection) = self.connections.iter_mut().find(|it| it.id == id) {
            connection.asked += 1;
        }
    }

    /// Stops waiting for a frame, whose acknowledgement would come too late.
    pub fn forget_impatient(&mut self) {
        self.waiting.retain(|_, waiting| !waiting.is_closed());
    }

    /// Asks connections to disconnect. They receive nothing more and are closed a while later.
    /// Returns their ids.
    pub fn dismiss(&mut self, client_id: Option<&str>, now: i64) -> Vec<String> {
        let mut dismissed = Vec::new();
        for connection in &mut self.connections {
            if client_id.is_none_or(|it| it == connection.client_id) && !connection.leaving {
                connection.leaving = true;
                let data = json!({"reason": "connection is expired"});
                let frame = system("disconnect", &connection.id, now, &data);
                let _ended = connection.outgoing.send(Outgoing::Frame(frame));
                dismissed.push(connection.id.clone());
            }
        }
        dismissed
    }

    /// Closes connections without warning: all of an application, or those with these ids.
    pub fn cut(&self, wanted: impl Fn(&Connection) -> bool) {
        for connection in self.connections.iter().filter(|it| wanted(it)) {
            let _ended = connection.outgoing.send(Outgoing::Break);
        }
    }
}

impl Acknowledgement {
    /// A frame is acknowledged when `code` is 200 and `status` in the data, which is JSON in a
    /// text, is `SUCCESS` or missing. It is missing with DingTalk's Python SDK, which returns the
    /// event's own data.
    fn is_success(&self) -> bool {
        let text = self.data.as_str().unwrap_or_default();
        let data: Value = serde_json::from_str(text).unwrap_or_default();
        let status = data.get("status").and_then(Value::as_str);
        self.code == 200 && status.is_none_or(|status| status == "SUCCESS")
    }
}

fn system(topic: &str, connection: &str, now: i64, data: &Value) -> String {
    json!({
        "specVersion": "1.0",
        "type": "SYSTEM",
        "headers": {
            "topic": topic,
            "messageId": Uuid::new_v4().to_string(),
            "contentType": "application/json",
            "time": (now * 1000).to_string(),
            "connectionId": connection,
            "appId": "sandbox-app",
        },
        "data": data.to_string(),
    })
    .to_string()
}
