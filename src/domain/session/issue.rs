//! Starting and ending sessions.

use std::iter::successors;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Claims, SessionError, Sessions};
use crate::store::Store;

/// How many renewals of a token its sign-out follows. With NocoBase's policy a token that is still accepted was renewed
/// twice at most. With tokens of an hour that can be renewed for a week it is some 170 times.
const REPLACEMENTS: usize = 200;

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

    /// Ends the session of a token, so that nobody can use it any more. If the token was renewed, as by another tab a
    /// moment ago, the one that replaces it ends as well, even if who signs out does not have it.
    pub async fn end(
        &self,
        store: &Store,
        token: &str,
        claims: &Claims,
    ) -> Result<(), SessionError> {
        // A token that never expires is revoked without an end.
        let until = claims.exp.and_then(|exp| DateTime::from_timestamp(exp, 0));
        let policy = self.policy(store).await?;
        let transaction = store.begin().await?;
        // After its expiry the entry is not needed, because the record that could renew the token
        // is removed, too.
        if let Some(jti) = claims
            .jti
            .as_deref()
            .and_then(|jti| Uuid::try_parse(jti).ok())
            && !transaction.forget_issued_token(jti).await?
        {
            // A session has one record, with the newest of its tokens.
            let first = self.key.renewed_jti(jti);
            let replacing = successors(Some(first), |jti| Some(self.key.renewed_jti(*jti)));
            let replacing: Vec<_> = replacing.take(REPLACEMENTS).collect();
            if let Some(newest) = transaction.lock_newest_token(&replacing).await? {
                transaction.forget_issued_token(newest).await?;
                // The token itself is not at hand. No token of a session that has begun is accepted for longer.
                let longest = policy.token.max(policy.session);
                let until = self.clock.now().checked_add_signed(longest);
                transaction.blacklist(&newest.to_string(), until).await?;
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::session::{Renewal, SigningKey, TokenError};
    use crate::domain::test_installation::TestInstallation;

    #[tokio::test]
    async fn a_sign_out_follows_its_token_through_all_renewals() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let clock = store.clock().clone();
        clock.stop();
        let sessions = Sessions::new(SigningKey::new(b"a secret of a test"), clock.clone());
        let (of_another, _) = sessions.issue(store, FIRST, "basic").await.unwrap();
        let (oldest, _) = sessions.issue(store, FIRST, "basic").await.unwrap();
        let mut tokens = vec![oldest.clone()];
        for _ in 0..3 {
            clock.advance(TimeDelta::days(1));
            let newest = tokens.last().unwrap();
            let verified = sessions.verify(store, newest, Renewal::Wanted).await;
            tokens.push(verified.unwrap().renewed.unwrap());
        }
        let claims = sessions.read(&oldest).unwrap();
        sessions.end(store, &oldest, &claims).await.unwrap();
        let newest = tokens.pop().unwrap();
        let ended = sessions.verify(store, &newest, Renewal::Wanted).await;
        assert!(matches!(ended, Err(TokenError::Blocked)), "{ended:?}");
        let older = tokens.pop().unwrap();
        let ended = sessions.verify(store, &older, Renewal::Wanted).await;
        assert!(matches!(ended, Err(TokenError::NotRenewable)), "{ended:?}");
        // Another session of the same account has its record still.
        let jti = sessions.read(&of_another).unwrap().jti.unwrap();
        let record = store.issued_token(Uuid::try_parse(&jti).unwrap()).await;
        assert!(record.unwrap().is_some());
    }
}
