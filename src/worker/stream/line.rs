//! The connection of one application, kept open by whoever has its lease.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::backoff::Backoff;
use super::listening::{Listening, Over};
use super::{Status, Wanted};
use crate::chain::Chain;
use crate::domain::directory::keep;
use crate::domain::directory::lease::{SHORT, hold_named};
use crate::domain::events::{Concerns, Event, EventConnection, StreamError, digest};
use crate::state::AppState;
use crate::store::StoreError;
use crate::worker::report;

/// What holders of leases are called that listen.
const KIND: &str = "stream:";
/// How often a process without the lease asks for it. It is free 12 seconds after its holder died.
const ASK: Duration = Duration::from_secs(3);
/// How long opening a connection may take.
const OPENING: Duration = Duration::from_secs(20);
/// How long a connection that the provider ends is listened to. DingTalk ends it after about ten seconds.
const GOODBYE: Duration = Duration::from_secs(15);
/// What was told in a gap as long as this may be lost, so all is read again.
const GAP: TimeDelta = TimeDelta::minutes(1);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum LineError {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it took too long to open a connection")]
    Slow,
}

/// Keeps the connection of an application open while this process has the lease, until nobody wants it any more.
pub async fn keep_open(
    app: Arc<AppState>,
    application: String,
    mut wanted: watch::Receiver<Arc<Wanted>>,
) {
    let name = format!("stream:{}", digest(&application));
    while wanted.has_changed().is_ok() {
        match hold_named(&app.store, name.clone(), KIND, SHORT).await {
            Ok(Some(held)) => {
                let mut line = Line {
                    app: &app,
                    wanted: wanted.clone(),
                    status: Status::new(&app),
                    backoff: Backoff::default(),
                    leaving: JoinSet::new(),
                };
                tokio::select! {
                    () = line.keep() => {}
                    () = held.lost() => log::warn!("another process listens to a provider's events now"),
                }
                drop(line);
                held.release().await;
            }
            Ok(None) => {}
            Err(error) => report(
                &app,
                "who listens to a provider's events is not known",
                &error,
            ),
        }
        pause(&mut wanted, ASK).await;
    }
}

/// Waits, unless nobody wants the connection any more or something about it is changed.
async fn pause(wanted: &mut watch::Receiver<Arc<Wanted>>, long: Duration) {
    tokio::select! {
        () = sleep(long) => {}
        _ = wanted.changed() => {}
    }
}

struct Line<'a> {
    app: &'a Arc<AppState>,
    wanted: watch::Receiver<Arc<Wanted>>,
    status: Status<'a>,
    backoff: Backoff,
    /// Connections that the provider ends, and that are listened to until then.
    leaving: JoinSet<()>,
}

impl Line<'_> {
    /// One connection after the other, until nobody wants one.
    async fn keep(&mut self) {
        loop {
            let wanted = self.wanted.borrow_and_update().clone();
            self.status.connecting(&wanted.authenticators).await;
            let pause_for = match self.open(&wanted).await {
                Ok(connection) => match self.listen(&wanted, connection).await {
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

    async fn open(&mut self, wanted: &Wanted) -> Result<Box<dyn EventConnection>, LineError> {
        let opened = timeout(OPENING, wanted.provider.open_events());
        let connection = opened.await.map_err(|_| LineError::Slow)??;
        let now = self.app.clock.now();
        for authenticator in &wanted.authenticators {
            note_gap(self.app, *authenticator, now).await?;
        }
        self.status.connected(&wanted.authenticators, now).await;
        log::info!("listening to a provider's events");
        Ok(connection)
    }

    /// Listens until the connection is over. Gives the pause before the next; nothing when nobody wants one.
    async fn listen(
        &mut self,
        wanted: &Wanted,
        connection: Box<dyn EventConnection>,
    ) -> Option<Duration> {
        let begun = Instant::now();
        let _counted = self.app.metrics.events.stream_opened();
        let mut listening = Listening::new(self.app, connection, self.wanted.clone());
        let over = listening.until_over(self.app, Some(&mut self.status)).await;
        let heard_at = listening.heard_at();
        match over {
            Over::Unwanted => {
                listening.close().await;
                None
            }
            Over::Goodbye => {
                let app = self.app.clone();
                self.leaving.spawn(async move {
                    let _ = timeout(GOODBYE, listening.drain(app)).await;
                });
                while self.leaving.try_join_next().is_some() {}
                Some(self.backoff.replaced(begun.elapsed()))
            }
            Over::Broken(error) => {
                self.backoff.ended(begun.elapsed());
                let why = Chain(&error).to_string();
                log::warn!("a connection for events ended: {why}");
                self.status
                    .away(&wanted.authenticators, false, Some(heard_at), why)
                    .await;
                Some(self.backoff.failed())
            }
        }
    }

    /// No connection could be opened. Gives the pause before the next attempt.
    async fn failed(&mut self, wanted: &Wanted, error: LineError) -> Duration {
        let is_refused = matches!(
            &error,
            LineError::Stream(StreamError::Misconfigured(_) | StreamError::Unsupported)
        );
        let why = Chain(&error).to_string();
        log::warn!("no connection for events: {why}");
        self.status
            .away(&wanted.authenticators, is_refused, None, why)
            .await;
        if is_refused {
            self.backoff.refused()
        } else {
            self.backoff.failed()
        }
    }
}

/// Has all read again when nobody listened for long: what was told meanwhile may be lost.
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
    log::info!("nobody listened to a provider's events since {heard_at}: all is read again");
    let event = Event {
        id: format!("gap:{}", heard_at.timestamp_millis()),
        kind: "stream_gap".to_owned(),
        concerns: Concerns::Everything,
        born: Some(heard_at),
    };
    let kept = keep(&app.store, authenticator, "stream", event).await?;
    app.metrics.events.received("stream", kept.name());
    Ok(())
}
