//! Keeps the connection of one application open, in the process that holds its lease.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::event::Transport;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::backoff::Backoff;
use super::receiver::{Receiver, Stopped};
use super::{Status, Wanted};
use crate::chain::Chain;
use crate::domain::directory::keep;
use crate::domain::events::{Concerns, Event, EventConnection, StreamError, digest};
use crate::domain::lease::{SHORT, STREAM, hold_named};
use crate::state::AppState;
use crate::store::{StoreError, redacted};
use crate::worker::report;

/// The interval at which a process without the lease tries to take it. The lease is free 12 seconds
/// after its holder died.
const ASK: Duration = Duration::from_secs(3);
/// The time limit for opening a connection.
const OPENING: Duration = Duration::from_secs(20);
/// How long a connection is still read after the provider announced that it will disconnect. DingTalk
/// does so after about ten seconds.
const DRAINING: Duration = Duration::from_secs(15);
/// After a gap as long as this, events may be lost, so a run reads everything again.
const GAP: TimeDelta = TimeDelta::minutes(1);

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it took too long to open a connection")]
    Slow,
}

/// Keeps the connection of an application open while this process holds the lease, until the
/// connection is no longer wanted.
pub async fn keep_open(
    app: Arc<AppState>,
    application: String,
    mut wanted: watch::Receiver<Arc<Wanted>>,
) {
    let name = format!("stream:{}", digest(&application));
    while wanted.has_changed().is_ok() {
        match hold_named(&app.store, name.clone(), STREAM, SHORT).await {
            Ok(Some(held)) => {
                let mut connector = Connector {
                    app: &app,
                    wanted: wanted.clone(),
                    status: Status::new(&app),
                    backoff: Backoff::default(),
                    draining: JoinSet::new(),
                };
                tokio::select! {
                    () = connector.keep_connected() => {}
                    () = held.renew_until_lost() => log::warn!("another process has taken over the connection for events"),
                }
                drop(connector);
                held.release().await;
            }
            Ok(None) => {}
            Err(error) => report(
                &app,
                "the lease of the connection for events cannot be taken",
                &error,
            ),
        }
        pause(&mut wanted, ASK).await;
    }
}

/// Waits for this long, or until the connection is changed or no longer wanted.
async fn pause(wanted: &mut watch::Receiver<Arc<Wanted>>, long: Duration) {
    tokio::select! {
        () = sleep(long) => {}
        _ = wanted.changed() => {}
    }
}

/// Opens one connection after the other.
struct Connector<'a> {
    app: &'a Arc<AppState>,
    wanted: watch::Receiver<Arc<Wanted>>,
    status: Status<'a>,
    backoff: Backoff,
    /// Receivers of connections that the provider will close.
    draining: JoinSet<()>,
}

impl Connector<'_> {
    /// Keeps a connection open until it is no longer wanted.
    async fn keep_connected(&mut self) {
        loop {
            let wanted = self.wanted.borrow_and_update().clone();
            self.status.connecting(&wanted.authenticators).await;
            let pause_for = match self.open(&wanted).await {
                Ok(connection) => match self.receive(&wanted, connection).await {
                    Some(pause) => pause,
                    None => return,
                },
                Err(error) => self.failed(&wanted, error).await,
            };
            if !pause_for.is_zero() {
                pause(&mut self.wanted, pause_for).await;
            }
            if self.wanted.has_changed().is_err() {
                return;
            }
        }
    }

    async fn open(&mut self, wanted: &Wanted) -> Result<Box<dyn EventConnection>, ConnectError> {
        let opened = timeout(OPENING, wanted.provider.open_events());
        let connection = opened.await.map_err(|_| ConnectError::Slow)??;
        let now = self.app.clock.now();
        for authenticator in &wanted.authenticators {
            note_gap(self.app, *authenticator, now).await?;
        }
        self.status.connected(&wanted.authenticators, now).await;
        log::info!("the connection for events is open");
        Ok(connection)
    }

    /// Receives events until the connection ends. Returns the pause before the next connection, or none
    /// when no other is wanted.
    async fn receive(
        &mut self,
        wanted: &Wanted,
        connection: Box<dyn EventConnection>,
    ) -> Option<Duration> {
        let begun = Instant::now();
        let _counted = self.app.metrics.events.stream_opened();
        let mut receiver = Receiver::new(self.app, connection, self.wanted.clone());
        let stopped = receiver.receive(self.app, Some(&mut self.status)).await;
        let heard_at = receiver.heard_at();
        match stopped {
            Stopped::Unwanted => {
                receiver.close().await;
                None
            }
            Stopped::Changed => {
                receiver.close().await;
                Some(self.backoff.replaced(begun.elapsed()))
            }
            Stopped::Disconnect => {
                let app = self.app.clone();
                self.draining.spawn(async move {
                    let _ = timeout(DRAINING, receiver.drain(app)).await;
                });
                while self.draining.try_join_next().is_some() {}
                Some(self.backoff.replaced(begun.elapsed()))
            }
            Stopped::Broken(error) => {
                self.backoff.ended(begun.elapsed());
                log::warn!("a connection for events ended: {}", Chain(&error));
                let why = redacted(&error);
                self.status
                    .waiting(&wanted.authenticators, Some(heard_at), why)
                    .await;
                Some(self.backoff.failed())
            }
        }
    }

    /// Records that no connection could be opened. Returns the pause before the next attempt.
    async fn failed(&mut self, wanted: &Wanted, error: ConnectError) -> Duration {
        let is_refused = matches!(
            &error,
            ConnectError::Stream(StreamError::Misconfigured(_) | StreamError::Unsupported)
        );
        log::warn!("no connection for events: {}", Chain(&error));
        let (authenticators, why) = (&wanted.authenticators, redacted(&error));
        if is_refused {
            self.status.refused(authenticators, why).await;
            self.backoff.refused()
        } else {
            self.status.waiting(authenticators, None, why).await;
            self.backoff.failed()
        }
    }
}

/// Queues a run when there was no connection for long, because events may be lost.
async fn note_gap(
    app: &AppState,
    authenticator: i64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let known = app.store.event_stream(authenticator).await?;
    let Some(heard_at) = known.and_then(|known| known.heard_at) else {
        return Ok(());
    };
    if now - heard_at <= GAP {
        return Ok(());
    }
    log::info!("there was no connection for events since {heard_at}: a run reads everything again");
    let event = Event {
        id: format!("gap:{}", heard_at.timestamp_millis()),
        kind: "stream_gap".to_owned(),
        concerns: Concerns::Everything,
        born: Some(heard_at),
    };
    let kept = keep(&app.store, authenticator, Transport::Stream, event).await?;
    app.metrics.events.received("stream", kept.name());
    Ok(())
}
