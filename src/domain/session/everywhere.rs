//! Ending all sessions of an account, in all processes, and in a NocoBase that shares the database.
//!
//! A moment is stored before which tokens do not count, as for a change of the password. A list of
//! tokens would miss older tokens of the same sessions, which stay valid until they expire. The
//! records that could renew older tokens are removed in the same transaction, so a process that
//! does not know of it yet cannot renew any.

use chrono::{DateTime, SubsecRound, TimeDelta};
use uuid::Uuid;

use super::{Claims, SessionError, Sessions};
use crate::store::Store;

/// The token of the one session that goes on after all others of the account were ended.
#[derive(Clone, Debug)]
pub struct RenewedToken {
    /// The token, signed anew.
    pub token: String,
    /// How long the session may last.
    pub life: TimeDelta,
}

impl Sessions {
    /// Ends all sessions of an account. The session of the token `except` goes on with a new token,
    /// if it has a record.
    pub async fn end_all(
        &self,
        store: &Store,
        user_id: i64,
        except: Option<&Claims>,
    ) -> Result<Option<RenewedToken>, SessionError> {
        let policy = self.policy(store).await?;
        let kept = except.filter(|claims| claims.is_session());
        let kept = kept.and_then(|claims| {
            let jti = Uuid::try_parse(claims.jti.as_deref()?).ok()?;
            Some((jti, claims.sign_in_time?))
        });
        let transaction = store.begin().await?;
        transaction.lock_user(user_id).await?;
        let ended = transaction
            .end_sessions(user_id, kept.map(|(jti, _)| jti))
            .await?;
        let mut renewed = None;
        if let Some((old, sign_in_ms)) = kept {
            let new = Uuid::new_v4();
            // Tokens have their time of issue in whole seconds, so the new one gets the first
            // second that does not look older than the end of the others.
            let at: DateTime<_> = ended.trunc_subsecs(0) + TimeDelta::seconds(1);
            if transaction
                .rotate_issued_token(old, new, at.timestamp_millis())
                .await?
            {
                let token = self.token(user_id, sign_in_ms, at, policy.token, new)?;
                let life = policy.session;
                renewed = Some(RenewedToken { token, life });
            }
        }
        transaction.commit().await?;
        Ok(renewed)
    }

    /// A session token that is valid for one minute, for a request that this server makes in the
    /// name of an account.
    pub fn short_lived_token(&self, user_id: i64) -> Result<String, SessionError> {
        let now = self.clock.now();
        let life = TimeDelta::minutes(1);
        self.token(user_id, now.timestamp_millis(), now, life, Uuid::new_v4())
    }
}
