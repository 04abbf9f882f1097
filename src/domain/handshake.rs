//! A sign-in that went to a provider's page and is expected back.
//!
//! What was begun is remembered in the browser that began it (the API keeps each in an encrypted
//! cookie): a state that comes back in another browser is refused. A cookie alone could be
//! replayed, so a used state is also remembered by the store until it would have expired.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::session::SessionMark;
use crate::store::{Store, StoreError};

/// How long a person has to sign in at the provider, in minutes.
pub const LIFETIME_MINUTES: i64 = 10;
/// Sign-ins that one browser may have in flight, one a tab; more drop the oldest.
const AT_ONCE: usize = 5;
/// Bytes of names and targets that one browser is given to keep. Encrypted they come back with each
/// request, and servers in between take some kB of cookies at most.
const ROOM: usize = 1500;
/// What the mark of a session takes of that.
const MARK: usize = 100;
/// Longest target that is remembered after it was used, for a reload.
const LONGEST_REMEMBERED: usize = 256;
/// Random bytes of a state.
const STATE_BYTES: usize = 24;

/// One sign-in on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// What the provider must bring back.
    pub state: String,
    /// The authenticator that it was begun with.
    pub authenticator: String,
    /// The page to go to afterwards, checked.
    pub target: String,
    /// The session that began it to bind its account; nothing where somebody signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binds: Option<SessionMark>,
    /// When it began, seconds since the epoch.
    began_at: i64,
    /// Whether it came back already.
    used: bool,
}

/// The sign-ins that one browser has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PendingSignIns(Vec<PendingSignIn>);

/// Why a sign-in that came back is not believed.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// It has no state.
    #[error("the provider brought no state back")]
    Missing,
    /// This browser did not begin it, or forgot.
    #[error("this browser began no sign-in with this state")]
    Unknown,
    /// It took too long.
    #[error("the sign-in took longer than {LIFETIME_MINUTES} minutes")]
    Expired,
    /// It came back before, in this browser: a reload, or the back button.
    #[error("the sign-in came back a second time")]
    Repeated {
        /// The page that the first return led to.
        target: String,
    },
    /// It came back before, and this browser does not remember: somebody replays a cookie.
    #[error("the state was used before")]
    Replayed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// In the order in which they began, however the browser keeps them.
impl FromIterator<PendingSignIn> for PendingSignIns {
    fn from_iter<I: IntoIterator<Item = PendingSignIn>>(all: I) -> Self {
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|pending| pending.began_at);
        Self(all)
    }
}

impl PendingSignIns {
    /// All of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &PendingSignIn> {
        self.0.iter()
    }

    /// Begins a sign-in and gives its state.
    pub fn begin(&mut self, authenticator: &str, target: &str, now: DateTime<Utc>) -> String {
        self.add(authenticator, target, None, now)
    }

    /// Begins one after which the account of a session is bound, and gives its state.
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

    /// The sign-in with this state, used or not, for a message that leads back.
    pub fn find(&self, state: &str) -> Option<&PendingSignIn> {
        self.0.iter().find(|pending| pending.state == state)
    }

    /// Uses the state up and gives the sign-in that it belongs to. Nothing has been asked of the
    /// provider yet, and whatever happens next, the state is spent.
    pub async fn take(
        &mut self,
        state: Option<&str>,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<PendingSignIn, HandshakeError> {
        let state = state
            .filter(|state| !state.is_empty())
            .ok_or(HandshakeError::Missing)?;
        let pending = self.0.iter_mut().find(|pending| pending.state == state);
        let pending = pending.ok_or(HandshakeError::Unknown)?;
        if pending.used {
            return Err(HandshakeError::Repeated {
                target: pending.target.clone(),
            });
        }
        if pending.is_expired(now) {
            return Err(HandshakeError::Expired);
        }
        let taken = pending.clone();
        pending.use_up();
        let digest = hex_digest(state);
        if !store
            .consume_state(&digest, pending.expires_at().timestamp())
            .await?
        {
            return Err(HandshakeError::Replayed);
        }
        Ok(taken)
    }
}

impl PendingSignIn {
    /// A name for it that says nothing of its state.
    pub fn name(&self) -> String {
        hex_digest(&self.state).chars().take(16).collect()
    }

    /// It came back. Of a long target no more than the page is remembered: the answer to the return
    /// may hold it once already, and proxies take 4 kB of headers.
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

/// What is kept of a used state: its digest, so that the table is of no use to a thief.
fn hex_digest(state: &str) -> String {
    hex::encode(Sha256::digest(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_keeps_the_newest_few() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut pending = PendingSignIns::default();
        let states: Vec<_> = (0..9)
            .map(|_| pending.begin("corp", "/admin", now))
            .collect();
        assert_eq!(pending.0.len(), AT_ONCE);
        assert!(pending.find(&states[3]).is_none());
        assert!(
            states[4..]
                .iter()
                .all(|state| pending.find(state).is_some())
        );
        pending.begin("corp", "/admin", now + TimeDelta::minutes(LIFETIME_MINUTES));
        assert_eq!(pending.0.len(), 1, "expired ones go first");
    }

    #[test]
    fn long_targets_leave_room_for_fewer() {
        let now = DateTime::UNIX_EPOCH;
        let mut pending = PendingSignIns::default();
        for _ in 0..3 {
            pending.begin("corp", &"/a".repeat(500), now);
        }
        assert_eq!(pending.0.len(), 1);
        pending.begin("corp", "/admin", now);
        assert_eq!(pending.0.len(), 2);
    }

    #[test]
    fn states_are_long_and_never_the_same() {
        let mut pending = PendingSignIns::default();
        let now = DateTime::UNIX_EPOCH;
        let (one, two) = (pending.begin("a", "/", now), pending.begin("a", "/", now));
        assert_ne!(one, two);
        assert_eq!(
            BASE64_URL_SAFE_NO_PAD.decode(one).unwrap().len(),
            STATE_BYTES
        );
    }
}
