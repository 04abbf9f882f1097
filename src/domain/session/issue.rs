//! Starting and ending sessions.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Claims, SessionError, Sessions};
use crate::store::Store;

impl Sessions {
    /// Starts a session for an account whose owner has proved who they are. Returns its token, and
    /// how long it may last.
    pub async fn issue(
        &self,
        store: &Store,
        user_id: i64,
        authenticator: &str,
    ) -> Result<(String, TimeDelta), SessionError> {
        let policy = self.policy(store).await?;
        let now = self.clock.now();
        let jti = Uuid::new_v4();
        let token = self.token(user_id, now.timestamp_millis(), now, policy.token, jti)?;
        store
            .record_issued_token(user_id, jti, now.timestamp_millis(), authenticator)
            .await?;
        Ok((token, policy.session))
    }

    /// A token with which a program acts for an account, with one role. In NocoBase 2.2.15 it has
    /// neither an id nor a session.
    pub fn issue_api_key(
        &self,
        user_id: i64,
        role_name: &str,
        life: TimeDelta,
    ) -> Result<String, SessionError> {
        let now = self.clock.now();
        let claims = Claims {
            user_id: Some(user_id),
            temp: None,
            role_name: Some(role_name.to_owned()),
            iat: Some(now.timestamp()),
            sign_in_time: None,
            exp: Some((now + life).timestamp()),
            nbf: None,
            jti: None,
        };
        self.key.sign(&claims).ok_or(SessionError::Signing)
    }

    /// A token for testing whether another server has the same secret. It belongs to no account,
    /// and is valid for a minute.
    pub fn probe(&self) -> Result<String, SessionError> {
        let now = self.clock.now();
        let life = TimeDelta::minutes(1);
        self.token(0, now.timestamp_millis(), now, life, Uuid::new_v4())
    }

    /// When a token of this server expires.
    pub fn end_of(&self, token: &str) -> Option<DateTime<Utc>> {
        let end = self.key.read(token)?.exp?;
        DateTime::from_timestamp(end, 0)
    }

    /// Ends the session of a token, so that nobody can use it any more.
    pub async fn end(
        &self,
        store: &Store,
        token: &str,
        claims: &Claims,
    ) -> Result<(), SessionError> {
        // A token that never expires is revoked without an end.
        let until = claims.exp.and_then(|exp| DateTime::from_timestamp(exp, 0));
        let transaction = store.begin().await?;
        // After its expiry the entry is not needed, because the record that could renew the token
        // is removed, too.
        if let Some(jti) = claims
            .jti
            .as_deref()
            .and_then(|jti| Uuid::try_parse(jti).ok())
        {
            transaction.forget_issued_token(jti).await?;
        }
        let named = claims.jti.as_deref().unwrap_or(token);
        transaction.blacklist(named, until).await?;
        Ok(transaction.commit().await?)
    }

    /// A signed token of a session.
    pub(super) fn token(
        &self,
        user_id: i64,
        sign_in_ms: i64,
        now: DateTime<Utc>,
        life: TimeDelta,
        jti: Uuid,
    ) -> Result<String, SessionError> {
        let claims = Claims {
            user_id: Some(user_id),
            temp: Some(true),
            role_name: None,
            iat: Some(now.timestamp()),
            sign_in_time: Some(sign_in_ms),
            exp: Some((now + life).timestamp()),
            nbf: None,
            jti: Some(jti.to_string()),
        };
        self.key.sign(&claims).ok_or(SessionError::Signing)
    }
}
