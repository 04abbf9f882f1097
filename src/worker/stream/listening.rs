//! Receives what comes over one open connection. Events are acknowledged after they are stored.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{Status, Wanted};
use crate::chain::Chain;
use crate::domain::directory::keep_all;
use crate::domain::events::{Event, EventConnection, Heard, Receipt, StreamError};
use crate::state::AppState;

/// Most events that are stored together. While they are, nothing more is read from the connection.
const BATCH: usize = 64;
/// How often is looked whether the provider is still there.
const LOOK: Duration = Duration::from_secs(5);
/// When nothing came for so long, the provider is asked for a sign.
const QUIET: Duration = Duration::from_secs(25);
/// When nothing came for so long, not even that sign, the connection is dead.
const SILENT: Duration = Duration::from_mins(1);
/// How often is recorded that the provider was heard.
const RECORD: Duration = Duration::from_secs(15);
/// How long sending may take.
const SENDING: Duration = Duration::from_secs(10);

/// How listening to a connection ended.
pub enum Over {
    /// The provider ends it soon, and a new one should be opened before that.
    Goodbye,
    /// It is dead.
    Broken(StreamError),
    /// Nobody wants it any more.
    Unwanted,
}

/// Somebody who listens to a connection.
pub struct Listening {
    connection: Box<dyn EventConnection>,
    wanted: watch::Receiver<Arc<Wanted>>,
    heard: Instant,
    heard_at: DateTime<Utc>,
}

impl Listening {
    /// Begins to listen.
    pub fn new(
        app: &AppState,
        connection: Box<dyn EventConnection>,
        wanted: watch::Receiver<Arc<Wanted>>,
    ) -> Self {
        Self {
            connection,
            wanted,
            heard: Instant::now(),
            heard_at: app.clock.now(),
        }
    }

    /// When the provider was last heard.
    pub fn heard_at(&self) -> DateTime<Utc> {
        self.heard_at
    }

    /// Ends the connection.
    pub async fn close(&mut self) {
        let _ = timeout(SENDING, self.connection.close()).await;
    }

    /// Listens to a connection that the provider ends, until it has.
    pub async fn drain(mut self, app: Arc<AppState>) {
        while let Over::Goodbye = self.until_over(&app, None).await {}
    }

    /// Listens until the connection is over, and records in `status` that it is not.
    pub async fn until_over(
        &mut self,
        app: &AppState,
        mut status: Option<&mut Status<'_>>,
    ) -> Over {
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
                    Ok(()) => Ok(false),
                    Err(_) => return Over::Unwanted,
                },
                _ = looks.tick() => self.look().await.map(|()| false),
            };
            match outcome {
                Ok(false) => {}
                Ok(true) => return Over::Goodbye,
                Err(error) => return Over::Broken(error),
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

    /// Whether the provider is still there.
    async fn look(&mut self) -> Result<(), StreamError> {
        let quiet = self.heard.elapsed();
        if quiet >= SILENT {
            return Err(StreamError::Silent);
        }
        if quiet >= QUIET {
            self.connection.ask();
            self.flush().await?;
        }
        Ok(())
    }

    /// Takes what came, and whatever else is there already. True when the provider said goodbye.
    async fn take(&mut self, app: &AppState, first: Heard) -> Result<bool, StreamError> {
        self.heard = Instant::now();
        self.heard_at = app.clock.now();
        let mut events = Vec::new();
        let mut is_goodbye = false;
        let mut next = Ok(first);
        // What breaks the connection is told after what came before it is stored.
        let broken = loop {
            match next {
                Ok(Heard::Event(event, receipt)) => events.push((event, receipt)),
                Ok(Heard::Goodbye) => is_goodbye = true,
                Ok(Heard::Sign) => {}
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
        Ok(is_goodbye)
    }

    async fn flush(&mut self) -> Result<(), StreamError> {
        let sent = timeout(SENDING, self.connection.flush()).await;
        sent.unwrap_or(Err(StreamError::Silent))
    }
}

/// Puts events into the queue. False when they could not be stored.
async fn store(app: &AppState, authenticators: &[i64], events: &[Event]) -> bool {
    for authenticator in authenticators {
        match keep_all(&app.store, *authenticator, "stream", events).await {
            Ok(kept) => {
                for one in kept {
                    app.metrics.events.received("stream", one.name());
                }
            }
            Err(error) => {
                let error = Chain(&error);
                log::error!("events are not stored, and are asked for once more: {error}");
                return false;
            }
        }
    }
    true
}
