//! Marks of sessions, for what takes a while and must end in the session in which it began, such as
//! binding an account.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Claims, Sessions};
use crate::domain::token_policy::TokenPolicy;
use crate::store::{Connection, Store, StoreError};

/// A session at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionMark {
    /// The account.
    pub user_id: i64,
    /// The id of its newest token.
    jti: Uuid,
}

impl Sessions {
    /// The claims of a token that this server or its NocoBase has signed.
    pub fn read(&self, token: &str) -> Option<Claims> {
        self.key.read(token)
    }

    /// How long ago a session began; none for an API key.
    pub fn age(&self, claims: &Claims) -> Option<TimeDelta> {
        let began = claims.sign_in_time.filter(|_| claims.is_session())?;
        let now = self.clock.now().timestamp_millis();
        TimeDelta::try_milliseconds(now.saturating_sub(began))
    }

    /// Marks the session of a token; none for an API key.
    pub fn mark(&self, token: &str) -> Option<SessionMark> {
        let claims = self.read(token).filter(Claims::is_session)?;
        Some(SessionMark {
            user_id: claims.user_id?,
            jti: Uuid::try_parse(claims.jti.as_deref()?).ok()?,
        })
    }

    /// Whether the session still exists and its token was not renewed since. Signing out therefore
    /// ends what was begun in the session, whichever token is shown for it.
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
        // Tokens have their time of issue in whole seconds.
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
