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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::session::SigningKey;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::NewUser;

    /// An installation whose clock can be moved, and sessions that follow the same clock.
    async fn office() -> (TestInstallation, Sessions, Clock) {
        let installation = TestInstallation::new().await;
        let clock = installation.store.clock().clone();
        let sessions = Sessions::new(SigningKey::new(b"a secret of a test"), clock.clone());
        (installation, sessions, clock)
    }

    #[tokio::test]
    async fn a_mark_stands_for_its_own_account_and_as_long_as_the_session() {
        let (installation, sessions, clock) = office().await;
        let store = &installation.store;
        let lina = installation.account(NewUser::default()).await;
        let omar = installation.account(NewUser::default()).await;
        let policy = sessions.policy(store).await.unwrap();
        let (token, _) = sessions.issue(store, lina.id, "basic").await.unwrap();
        let mark = sessions.mark(&token).unwrap();
        assert_eq!(mark.user_id, lina.id);
        assert!(sessions.stands(store, &mark, &policy).await.unwrap());

        let user_id = omar.id;
        let of_another = SessionMark {
            user_id,
            ..mark.clone()
        };
        assert!(!sessions.stands(store, &of_another, &policy).await.unwrap());
        let jti = Uuid::from_u128(1);
        let of_no_token = SessionMark {
            jti,
            ..mark.clone()
        };
        assert!(!sessions.stands(store, &of_no_token, &policy).await.unwrap());

        clock.advance(policy.session - TimeDelta::minutes(1));
        assert!(sessions.stands(store, &mark, &policy).await.unwrap());
        clock.advance(TimeDelta::minutes(2));
        assert!(!sessions.stands(store, &mark, &policy).await.unwrap());
    }

    #[tokio::test]
    async fn a_mark_ends_with_the_sign_out_and_with_another_password() {
        let (installation, sessions, clock) = office().await;
        let store = &installation.store;
        let lina = installation.account(NewUser::default()).await;
        let policy = sessions.policy(store).await.unwrap();
        let (token, _) = sessions.issue(store, lina.id, "basic").await.unwrap();
        let mark = sessions.mark(&token).unwrap();
        let claims = sessions.read(&token).unwrap();
        sessions.end(store, &token, &claims).await.unwrap();
        assert!(!sessions.stands(store, &mark, &policy).await.unwrap());

        let (token, _) = sessions.issue(store, lina.id, "basic").await.unwrap();
        let mark = sessions.mark(&token).unwrap();
        let now = clock.now().timestamp_millis();
        store.note_password_change(lina.id, now - 5_000).await;
        assert!(sessions.stands(store, &mark, &policy).await.unwrap());
        store.note_password_change(lina.id, now + 5_000).await;
        assert!(!sessions.stands(store, &mark, &policy).await.unwrap());
    }

    #[tokio::test]
    async fn a_mark_stands_until_the_last_moment_of_its_session() {
        let (installation, sessions, clock) = office().await;
        clock.stop();
        let store = &installation.store;
        let lina = installation.account(NewUser::default()).await;
        let policy = sessions.policy(store).await.unwrap();
        let (token, _) = sessions.issue(store, lina.id, "basic").await.unwrap();
        let mark = sessions.mark(&token).unwrap();
        clock.advance(policy.session);
        assert!(sessions.stands(store, &mark, &policy).await.unwrap());
        clock.advance(TimeDelta::milliseconds(1));
        assert!(!sessions.stands(store, &mark, &policy).await.unwrap());
    }
}
