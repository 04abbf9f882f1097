//! Ending all sessions of an account, in all processes, also in a NocoBase that shares the
//! database.
//!
//! It is the moment after which tokens count, the one that a change of the password sets: a list of
//! tokens would miss those that were replaced and live on until their end. What could renew an older
//! token goes in the same transaction, so a process that has not heard of it yet renews none.

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
    /// Ends all sessions of an account. The one that `except` belongs to goes on with another token,
    /// if there is a record of it.
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
            // Tokens say when they were issued in whole seconds, so the next one is the first that
            // does not look older than the end of the others.
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

    /// A session token that is valid for one minute, for a request that this server makes in the name of an account.
    pub fn short_lived_token(&self, user_id: i64) -> Result<String, SessionError> {
        let now = self.clock.now();
        let life = TimeDelta::minutes(1);
        self.token(user_id, now.timestamp_millis(), now, life, Uuid::new_v4())
    }
}
