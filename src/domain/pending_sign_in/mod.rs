//! Pending sign-ins, for which a browser was sent to a provider and is expected back.
//!
//! A pending sign-in is stored in the browser that began it (the API encrypts each in a cookie), so
//! a state that comes back in another browser is refused. A cookie alone could be replayed, so the
//! store also remembers a used state until it would have expired.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::guess_limits::TooManyAttempts;
use super::session::SessionMark;
use crate::store::{Store, StoreError};

/// How long a person may take to sign in at the provider, in minutes.
pub const LIFETIME_MINUTES: i64 = 10;
/// How many pending sign-ins one browser may have, one for each tab. More of them replace the
/// oldest.
const AT_ONCE: usize = 5;
/// How many bytes of names and targets one browser stores. They are sent encrypted with each
/// request, and proxies accept only a few kB of cookies.
const ROOM: usize = 1500;
/// How many of these bytes the mark of a session takes.
const MARK: usize = 100;
/// The longest target that is remembered after its sign-in was used, so that a reload can lead
/// there.
const LONGEST_REMEMBERED: usize = 256;
/// How many random bytes a state has.
const STATE_BYTES: usize = 24;

/// A pending sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The state, which the provider must send back.
    pub state: String,
    /// The authenticator at which it was begun.
    pub authenticator: String,
    /// The page to go to afterwards; it has been checked.
    pub target: String,
    /// The session whose account is to be bound; none for a sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binds: Option<SessionMark>,
    /// When it was begun, in seconds since the epoch.
    began_at: i64,
    /// Whether the browser has already come back.
    used: bool,
}

/// The pending sign-ins of one browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingSignIns(Vec<PendingSignIn>);

/// Why a returning sign-in is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ReturnError {
    /// It has no state.
    #[error("the provider brought no state back")]
    Missing,
    /// This browser did not begin it, or has lost the cookie.
    #[error("this browser began no attempt with this state")]
    Unknown,
    /// It took too long.
    #[error("the attempt took longer than {LIFETIME_MINUTES} minutes")]
    Expired,
    /// It already came back in this browser: the page was reloaded, or somebody used the back
    /// button.
    #[error("the attempt came back a second time")]
    Repeated {
        /// The page to which the first return led.
        target: String,
    },
    /// It was already used, and this browser does not know: somebody replays a cookie.
    #[error("the state was used before")]
    Replayed,
    /// Too many came back from this address without a code that could be checked.
    #[error(transparent)]
    TooMany(#[from] TooManyAttempts),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// They are sorted by the time when they were begun, because the browser's order is arbitrary.
impl FromIterator<PendingSignIn> for PendingSignIns {
    fn from_iter<I: IntoIterator<Item = PendingSignIn>>(all: I) -> Self {
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|pending| pending.began_at);
        Self(all)
    }
}

impl PendingSignIns {
    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &PendingSignIn> {
        self.0.iter()
    }

    /// Begins a sign-in and returns its state.
    pub fn begin(&mut self, authenticator: &str, target: &str, now: DateTime<Utc>) -> String {
        self.add(authenticator, target, None, now)
    }

    /// Begins to bind the account of a session and returns the state.
    pub fn begin_binding(
        &mut self,
        authenticator: &str,
        target: &str,
        session: SessionMark,
        now: DateTime<Utc>,
    ) -> String {
        self.add(authenticator, target, Some(session), now)
    }

    fn add(
        &mut self,
        authenticator: &str,
        target: &str,
        binds: Option<SessionMark>,
        now: DateTime<Utc>,
    ) -> String {
        let state = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; STATE_BYTES]>());
        self.0.push(PendingSignIn {
            state: state.clone(),
            authenticator: authenticator.to_owned(),
            target: target.to_owned(),
            binds,
            began_at: now.timestamp(),
            used: false,
        });
        self.drop_oldest(now);
        state
    }

    fn drop_oldest(&mut self, now: DateTime<Utc>) {
        self.0.retain(|pending| !pending.is_expired(now));
        let mut room = ROOM;
        let kept = self
            .0
            .iter()
            .rev()
            .take(AT_ONCE)
            .enumerate()
            .take_while(|(age, pending)| {
                let mark = pending.binds.as_ref().map_or(0, |_| MARK);
                let size = pending.authenticator.len() + pending.target.len() + mark;
                let fits = *age == 0 || size <= room;
                room = room.saturating_sub(size);
                fits
            });
        let dropped = self.0.len() - kept.count();
        self.0.drain(..dropped);
    }

    /// The sign-in with this state, used or not, for a message that leads back to where it began.
    pub fn find(&self, state: &str) -> Option<&PendingSignIn> {
        self.0.iter().find(|pending| pending.state == state)
    }

    /// Marks the state as used and returns its sign-in. This happens before the provider is asked,
    /// so whatever comes next, the state cannot be used again.
    pub async fn take(
        &mut self,
        state: Option<&str>,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<PendingSignIn, ReturnError> {
        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(ReturnError::Missing)?;
        let pending = self.0.iter_mut().find(|pending| pending.state == state);
        let pending = pending.ok_or(ReturnError::Unknown)?;
        if pending.used {
            return Err(ReturnError::Repeated {
                target: pending.target.clone(),
            });
        }
        if pending.is_expired(now) {
            return Err(ReturnError::Expired);
        }
        let taken = pending.clone();
        pending.use_up();
        let digest = hex_digest(state);
        if !store
            .consume_state(&digest, pending.expires_at().timestamp())
            .await?
        {
            return Err(ReturnError::Replayed);
        }
        Ok(taken)
    }
}

impl PendingSignIn {
    /// A name for the sign-in that reveals nothing about its state.
    pub fn name(&self) -> String {
        hex_digest(&self.state).chars().take(16).collect()
    }

    /// Marks the sign-in as used. Of a long target only the page is kept, because the answer to the
    /// return may already contain it once, and proxies accept only 4 kB of headers.
    fn use_up(&mut self) {
        self.used = true;
        if self.target.len() > LONGEST_REMEMBERED {
            let page = self.target.split(['?', '#']).next().unwrap_or_default();
            let page = Some(page).filter(|page| page.len() <= LONGEST_REMEMBERED);
            self.target = page.unwrap_or_default().to_owned();
        }
    }

    fn expires_at(&self) -> DateTime<Utc> {
        let began = DateTime::from_timestamp(self.began_at, 0).unwrap_or_default();
        began + TimeDelta::minutes(LIFETIME_MINUTES)
    }

    fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at() <= now
    }
}

/// The digest of a used state. Only that is stored, so that a stolen table is useless.
fn hex_digest(state: &str) -> String {
    hex::encode(Sha256::digest(state))
}

#[cfg(test)]
mod tests;
