//! Receives what comes over one open connection. Events are acknowledged after they are stored.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::event::Transport;
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{Status, Wanted};
use crate::chain::Chain;
use crate::domain::directory::keep_all;
use crate::domain::events::{Event, EventConnection, Incoming, Receipt, StreamError};
use crate::state::AppState;

/// The most events that are stored together. Meanwhile nothing is read from the connection.
const BATCH: usize = 64;
/// The interval at which the connection is checked for silence.
const LOOK: Duration = Duration::from_secs(1);
/// When nothing has arrived for this long, a ping is sent.
const QUIET: Duration = Duration::from_secs(25);
/// When nothing has arrived for this long, not even the answer to the ping, the connection is dead.
const SILENT: Duration = Duration::from_mins(1);
/// The interval at which the database records that the provider was heard.
const RECORD: Duration = Duration::from_secs(15);
/// The time limit for sending.
const SENDING: Duration = Duration::from_secs(10);

/// Why the receiver stopped.
pub enum Stopped {
    /// The provider will close the connection soon, and a new one should be opened before that.
    Disconnect,
    /// The connection failed.
    Broken(StreamError),
    /// Somebody has saved an authenticator: the connection was opened with its old options.
    Changed,
    /// The connection is no longer wanted.
    Unwanted,
}

/// Receives what comes over one connection.
pub struct Receiver {
    connection: Box<dyn EventConnection>,
    wanted: watch::Receiver<Arc<Wanted>>,
    /// When something last arrived, by [`Clock::running`](crate::clock::Clock::running).
    heard: Duration,
    /// Whether a ping was sent since then.
    has_asked: bool,
    heard_at: DateTime<Utc>,
}

impl Receiver {
    /// A receiver for this connection.
    pub fn new(
        app: &AppState,
        connection: Box<dyn EventConnection>,
        wanted: watch::Receiver<Arc<Wanted>>,
    ) -> Self {
        Self {
            connection,
            wanted,
            heard: app.clock.running(),
            has_asked: false,
            heard_at: app.clock.now(),
        }
    }

    /// When the provider was last heard.
    pub fn heard_at(&self) -> DateTime<Utc> {
        self.heard_at
    }

    /// Closes the connection.
    pub async fn close(&mut self) {
        let _ = timeout(SENDING, self.connection.close()).await;
    }

    /// Receives what still comes over a connection that the provider will close, until it has.
    pub async fn drain(mut self, app: Arc<AppState>) {
        while let Stopped::Disconnect = self.receive(&app, None).await {}
    }

    /// Receives events until the connection is of no more use. Meanwhile `status` records that it is open.
    pub async fn receive(
        &mut self,
        app: &AppState,
        mut status: Option<&mut Status<'_>>,
    ) -> Stopped {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut recorded = Instant::now();
        loop {
            let outcome = tokio::select! {
                heard = self.connection.next() => match heard {
                    Ok(heard) => self.take(app, heard).await,
                    Err(error) => Err(error),
                },
                changed = self.wanted.changed() => match changed {
                    Ok(()) => return Stopped::Changed,
                    Err(_) => return Stopped::Unwanted,
                },
                _ = looks.tick() => self.look(app).await.map(|()| false),
            };
            match outcome {
                Ok(false) => {}
                Ok(true) => return Stopped::Disconnect,
                Err(error) => return Stopped::Broken(error),
            }
            if let Some(status) = status.as_deref_mut()
                && recorded.elapsed() >= RECORD
            {
                recorded = Instant::now();
                let authenticators = self.wanted.borrow().authenticators.clone();
                status.connected(&authenticators, self.heard_at).await;
            }
        }
    }

    /// Sends a ping when nothing has arrived for a while, and fails when it was not answered.
    async fn look(&mut self, app: &AppState) -> Result<(), StreamError> {
        let quiet = app.clock.running().saturating_sub(self.heard);
        if quiet >= SILENT && self.has_asked {
            return Err(StreamError::Silent);
        }
        if quiet >= QUIET && !self.has_asked {
            self.has_asked = true;
            self.connection.ping();
            self.flush().await?;
        }
        Ok(())
    }

    /// Processes what has arrived, and whatever else can be read without waiting. True when the provider
    /// announced that it will disconnect.
    async fn take(&mut self, app: &AppState, first: Incoming) -> Result<bool, StreamError> {
        self.heard = app.clock.running();
        self.has_asked = false;
        self.heard_at = app.clock.now();
        let mut events = Vec::new();
        let mut is_disconnect = false;
        let mut next = Ok(first);
        // Events that arrived before an error are stored before it is returned.
        let broken = loop {
            match next {
                Ok(Incoming::Event(event, receipt)) => events.push((event, receipt)),
                Ok(Incoming::Disconnect) => is_disconnect = true,
                Ok(Incoming::Other) => {}
                Err(error) => break Some(error),
            }
            if events.len() >= BATCH {
                break None;
            }
            match self.connection.next().now_or_never() {
                Some(more) => next = more,
                None => break None,
            }
        };
        let (events, receipts): (Vec<Event>, Vec<Receipt>) = events.into_iter().unzip();
        let is_stored = events.is_empty() || {
            let authenticators = self.wanted.borrow().authenticators.clone();
            store(app, &authenticators, &events).await
        };
        if let Some(error) = broken {
            return Err(error);
        }
        for receipt in &receipts {
            self.connection.acknowledge(receipt, is_stored);
        }
        self.flush().await?;
        Ok(is_disconnect)
    }

    async fn flush(&mut self) -> Result<(), StreamError> {
        let sent = timeout(SENDING, self.connection.flush()).await;
        sent.unwrap_or(Err(StreamError::Silent))
    }
}

/// Puts events into the queue of each authenticator. False when they could not be stored.
async fn store(app: &AppState, authenticators: &[i64], events: &[Event]) -> bool {
    for authenticator in authenticators {
        match keep_all(&app.store, *authenticator, Transport::Stream, events).await {
            Ok(kept) => {
                for one in kept {
                    app.metrics.events.received("stream", one.name());
                }
            }
            Err(error) => {
                log::error!(
                    "events could not be stored, and the provider is asked to send them again: {}",
                    Chain(&error)
                );
                return false;
            }
        }
    }
    true
}
