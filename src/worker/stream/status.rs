//! How a connection is, for whoever looks: on any server at the database.

use chrono::{DateTime, Utc};

use crate::state::AppState;
use crate::store::{StoreError, StreamState};
use crate::worker::report;

/// How a connection is.
pub struct Status<'a> {
    app: &'a AppState,
    said: Option<StreamState>,
}

impl<'a> Status<'a> {
    /// Of a connection of which nothing was said yet.
    pub fn new(app: &'a AppState) -> Self {
        Self { app, said: None }
    }

    /// It is being opened.
    pub async fn connecting(&mut self, authenticators: &[i64]) {
        self.say(authenticators, "connecting", None, None).await;
    }

    /// It is open, and the provider was heard at this moment.
    pub async fn connected(&mut self, authenticators: &[i64], heard_at: DateTime<Utc>) {
        self.say(authenticators, "connected", Some(heard_at), None)
            .await;
    }

    /// There is none, for this reason. The provider was last heard at this moment, if it was.
    pub async fn away(
        &mut self,
        authenticators: &[i64],
        is_refused: bool,
        heard_at: Option<DateTime<Utc>>,
        why: String,
    ) {
        let state = if is_refused { "refused" } else { "waiting" };
        self.say(authenticators, state, heard_at, Some(why)).await;
    }

    async fn say(
        &mut self,
        authenticators: &[i64],
        state: &'static str,
        heard_at: Option<DateTime<Utc>>,
        error: Option<String>,
    ) {
        let known = self.said.as_ref().filter(|said| said.state == state);
        let new = StreamState {
            state,
            since: known.map_or_else(|| self.app.clock.now(), |said| said.since),
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
        self.said = Some(new);
    }
}

/// Says that an authenticator cannot be used for a connection, unless that was said before.
pub async fn say_unusable(
    app: &AppState,
    authenticator: i64,
    why: String,
) -> Result<(), StoreError> {
    let error = Some(why);
    let known = app.store.event_stream(authenticator).await?;
    if known.is_some_and(|known| known.state == "refused" && known.error == error) {
        return Ok(());
    }
    log::warn!(
        "there is no connection for events: {}",
        error.as_deref().unwrap_or_default()
    );
    let new = StreamState {
        state: "refused",
        since: app.clock.now(),
        heard_at: None,
        error,
    };
    app.store.save_event_stream(authenticator, &new).await
}
