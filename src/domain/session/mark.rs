//! What ties something that takes a while to the session in which it began.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Claims, Sessions};
use crate::domain::token_policy::TokenPolicy;
use crate::store::{Connection, Store, StoreError};

/// A session, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionMark {
    /// The account.
    pub user_id: i64,
    /// Name of its newest token.
    jti: Uuid,
}

impl Sessions {
    /// What a token of ours says.
    pub fn read(&self, token: &str) -> Option<Claims> {
        self.key.read(token)
    }

    /// How long ago a session began; nothing of an API key.
    pub fn age(&self, claims: &Claims) -> Option<TimeDelta> {
        let began = claims.sign_in_time.filter(|_| claims.is_session())?;
        let now = self.clock.now().timestamp_millis();
        TimeDelta::try_milliseconds(now.saturating_sub(began))
    }

    /// Marks the session of a token; nothing of an API key.
    pub fn mark(&self, token: &str) -> Option<SessionMark> {
        let claims = self.read(token).filter(Claims::is_session)?;
        Some(SessionMark {
            user_id: claims.user_id?,
            jti: Uuid::try_parse(claims.jti.as_deref()?).ok()?,
        })
    }

    /// Whether that session goes on and nobody renewed it since: who signs out in the meantime ends
    /// what they began, whichever token they show for it.
    pub async fn stands<C: Connection>(
        &self,
        store: &Store<C>,
        mark: &SessionMark,
        policy: &TokenPolicy,
    ) -> Result<bool, StoreError> {
        let Some(row) = store.issued_token(mark.jti).await? else {
            return Ok(false);
        };
        let Some(user) = store.user(mark.user_id).await? else {
            return Ok(false);
        };
        let now = self.clock.now().timestamp_millis();
        let age = now.saturating_sub(row.sign_in_time);
        // Tokens say when they were issued in whole seconds.
        let issued = row.issued_time.div_euclid(1000) * 1000;
        let outdated = user
            .password_change_tz
            .is_some_and(|changed| issued < changed);
        Ok(row.user_id == mark.user_id
            && age <= policy.session.num_milliseconds()
            && !outdated
            && !store.is_blacklisted(&mark.jti.to_string()).await?)
    }
}
