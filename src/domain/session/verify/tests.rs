//! Tests of the last moments at which tokens are accepted, renewed and found again.

use super::*;
use crate::clock::Clock;
use crate::domain::account::FIRST;
use crate::domain::session::SigningKey;
use crate::domain::test_installation::TestInstallation;
use crate::store::NewUser;

/// An installation whose clock stands still, and sessions that follow the same clock.
async fn office() -> (TestInstallation, Sessions, Clock) {
    let installation = TestInstallation::new().await;
    let clock = installation.store.clock().clone();
    clock.stop();
    let sessions = Sessions::new(SigningKey::new(b"a secret of a test"), clock.clone());
    (installation, sessions, clock)
}

#[tokio::test]
async fn a_token_without_a_session_ends_on_the_second() {
    let (installation, sessions, clock) = office().await;
    let store = &installation.store;
    let life = TimeDelta::seconds(60);
    let token = sessions.issue_api_key(FIRST, "member", life).unwrap();
    clock.advance(TimeDelta::seconds(59));
    let valid = sessions.verify(store, &token, Renewal::Impossible).await;
    assert!(valid.is_ok(), "{valid:?}");
    clock.advance(TimeDelta::seconds(1));
    let ended = sessions.verify(store, &token, Renewal::Impossible).await;
    assert!(matches!(ended, Err(TokenError::Invalid)), "{ended:?}");
}

#[tokio::test]
async fn a_token_begins_on_the_second() {
    let (installation, sessions, clock) = office().await;
    let store = &installation.store;
    let life = TimeDelta::seconds(60);
    let token = sessions.issue_api_key(FIRST, "member", life).unwrap();
    let mut claims = sessions.read(&token).unwrap();
    let now = clock.now().timestamp();
    for (begins, is_valid) in [(now, true), (now + 1, false)] {
        claims.nbf = Some(begins);
        let token = sessions.key.sign(&claims).unwrap();
        let verified = sessions.verify(store, &token, Renewal::Impossible).await;
        assert_eq!(verified.is_ok(), is_valid, "{verified:?}");
    }
}

#[tokio::test]
async fn a_password_that_was_changed_just_when_a_token_was_issued_leaves_it_valid() {
    let (installation, sessions, _) = office().await;
    let store = &installation.store;
    for (after, is_valid) in [(0, true), (1, false)] {
        let user = installation.account(NewUser::default()).await;
        let (token, _) = sessions.issue(store, user.id, "basic").await.unwrap();
        let claims = sessions.read(&token).unwrap();
        let changed = claims.iat.unwrap() * 1000 + after;
        store.note_password_change(user.id, changed).await;
        let mark = sessions.mark(&token).unwrap();
        let policy = sessions.policy(store).await.unwrap();
        let stands = sessions.stands(store, &mark, &policy).await.unwrap();
        assert_eq!(stands, is_valid);
        let verified = sessions.verify(store, &token, Renewal::Impossible).await;
        assert_eq!(verified.is_ok(), is_valid, "{verified:?}");
    }
}

#[test]
fn the_last_moment_of_each_age_still_counts() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let policy = TokenPolicy::default();
    let ms = TimeDelta::milliseconds(1);
    let claims = Claims {
        user_id: Some(FIRST),
        temp: Some(true),
        role_name: None,
        iat: Some(now.timestamp()),
        sign_in_time: Some(now.timestamp_millis()),
        exp: Some((now + policy.token).timestamp()),
        nbf: None,
        jti: None,
    };
    let age = |claims: &Claims, policy: &TokenPolicy, at, past_end| {
        check_age(claims, policy, at, past_end).ok()
    };
    // The session.
    let of_session = Claims {
        iat: None,
        exp: None,
        ..claims.clone()
    };
    let end = now + policy.session;
    assert_eq!(age(&of_session, &policy, end, false), Some(false));
    assert_eq!(age(&of_session, &policy, end + ms, false), None);
    // The token.
    let end = now + policy.token;
    assert_eq!(age(&claims, &policy, end, false), Some(false));
    assert_eq!(age(&claims, &policy, end + ms, false), Some(true));
    // Its renewal.
    let end = end + policy.renewal;
    assert_eq!(age(&claims, &policy, end, true), Some(true));
    assert_eq!(age(&claims, &policy, end + ms, true), None);
    // Without a limit it is renewed as long as the session lasts.
    let unlimited = TokenPolicy {
        renewal: TimeDelta::zero(),
        ..policy
    };
    assert_eq!(age(&claims, &unlimited, end + ms, true), Some(true));
}

#[tokio::test]
async fn a_renewed_token_leads_to_the_new_one_for_ten_seconds() {
    let (installation, _, clock) = office().await;
    let store = &installation.store;
    let (jti, issued) = (Uuid::from_u128(1), clock.now());
    let ms = issued.timestamp_millis();
    store
        .record_issued_token(FIRST, jti, ms, "basic")
        .await
        .unwrap();
    let last = issued + TimeDelta::seconds(10);
    assert!(renewed_at(store, jti, last).await.is_ok());
    let late = last + TimeDelta::milliseconds(1);
    assert!(renewed_at(store, jti, late).await.is_err());
}

#[tokio::test]
async fn records_are_removed_when_their_session_and_their_revocation_have_ended() {
    let (installation, sessions, clock) = office().await;
    let store = &installation.store;
    let (token, life) = sessions.issue(store, FIRST, "basic").await.unwrap();
    let claims = sessions.read(&token).unwrap();
    let end = sessions.end_of(&token).map(|end| end.timestamp());
    assert_eq!((end, end.is_some()), (claims.exp, true));
    sessions.end(store, &token, &claims).await.unwrap();
    sessions.issue(store, FIRST, "basic").await.unwrap();
    assert_eq!(sessions.forget_old(store).await.unwrap(), 0);
    clock.advance(life + TimeDelta::days(8));
    // Nobody has signed in or out for days, so the clock may be ahead.
    assert_eq!(sessions.forget_old(store).await.unwrap(), 0);
    let (token, _) = sessions.issue(store, FIRST, "basic").await.unwrap();
    let claims = sessions.read(&token).unwrap();
    sessions.end(store, &token, &claims).await.unwrap();
    sessions.issue(store, FIRST, "basic").await.unwrap();
    // One session, and one revocation.
    assert_eq!(sessions.forget_old(store).await.unwrap(), 2);
}
