//! The state of a connection, in the database, where every server can show it.

use chrono::{DateTime, Utc};
use entity::event_stream::State;

use crate::state::AppState;
use crate::store::{StoreError, StreamState};
use crate::worker::report;

/// Records the state of a connection.
pub struct Status<'a> {
    app: &'a AppState,
    recorded: Option<StreamState>,
}

impl<'a> Status<'a> {
    /// The status of a connection of which nothing has been recorded yet.
    pub fn new(app: &'a AppState) -> Self {
        Self {
            app,
            recorded: None,
        }
    }

    /// Records that it is being opened.
    pub async fn connecting(&mut self, authenticators: &[i64]) {
        self.record(authenticators, State::Connecting, None, None)
            .await;
    }

    /// Records that it is open, and when the provider was last heard.
    pub async fn connected(&mut self, authenticators: &[i64], heard_at: DateTime<Utc>) {
        self.record(authenticators, State::Connected, Some(heard_at), None)
            .await;
    }

    /// Records that there is none until the next attempt, and why. `heard_at` is when the provider was
    /// last heard over the one before.
    pub async fn waiting(
        &mut self,
        authenticators: &[i64],
        heard_at: Option<DateTime<Utc>>,
        why: String,
    ) {
        self.record(authenticators, State::Waiting, heard_at, Some(why))
            .await;
    }

    /// Records that the provider refuses one until somebody changes something, and why.
    pub async fn refused(&mut self, authenticators: &[i64], why: String) {
        self.record(authenticators, State::Refused, None, Some(why))
            .await;
    }

    async fn record(
        &mut self,
        authenticators: &[i64],
        state: State,
        heard_at: Option<DateTime<Utc>>,
        error: Option<String>,
    ) {
        let known = self.recorded.as_ref().filter(|last| last.state == state);
        let new = StreamState {
            state,
            since: known.map_or_else(|| self.app.clock.now(), |last| last.since),
            heard_at,
            error,
        };
        for authenticator in authenticators {
            let saved = self.app.store.save_event_stream(*authenticator, &new);
            if let Err(error) = saved.await {
                let what = "the state of a connection for events was not recorded";
                report(self.app, what, &error);
            }
        }
        self.recorded = Some(new);
    }
}

/// Records that an authenticator cannot be used for a connection, unless that is recorded already.
pub async fn record_unusable(
    app: &AppState,
    authenticator: i64,
    why: String,
) -> Result<(), StoreError> {
    let error = Some(why);
    let known = app.store.event_stream(authenticator).await?;
    if known.is_some_and(|known| known.state == State::Refused && known.error == error) {
        return Ok(());
    }
    log::warn!(
        "there is no connection for events: {}",
        error.as_deref().unwrap_or_default()
    );
    let new = StreamState {
        state: State::Refused,
        since: app.clock.now(),
        heard_at: None,
        error,
    };
    app.store.save_event_stream(authenticator, &new).await
}
