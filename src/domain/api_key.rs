//! API keys: tokens for programs, each with one role of its owner.

use chrono::TimeDelta;
use serde_json::Value;

use super::role::HeldRole;
use super::session::{SessionError, Sessions};
use super::token_policy::parse_span;
use crate::store::{NewApiKey, Store, StoreError, fits_string_column};

/// The values of a new key.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its name.
    pub name: Option<String>,
    /// The role that it acts with.
    pub role: Option<String>,
    /// Its lifetime: a time span as text, seconds as a number, or `never`.
    pub expires_in: Option<Value>,
    /// What is left of the key with which a program makes this one, which lasts no longer; none for a person.
    pub longest: Option<TimeDelta>,
}

/// Why no key was created.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// There is no role, or the person does not have it.
    #[error("the person does not have this role")]
    RoleNotHeld,
    /// The lifetime is not a time span.
    #[error("the lifetime is not a time span")]
    Lifetime,
    /// Signing the token failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The number of days that NocoBase 2.2.15 stores for `never`.
const NEVER_DAYS: i64 = 365_250;

/// Creates a key and returns its token.
pub async fn create(
    store: &Store,
    sessions: &Sessions,
    user_id: i64,
    held: &[HeldRole],
    key: NewKey,
) -> Result<String, ApiKeyError> {
    let role = key.role.ok_or(ApiKeyError::RoleNotHeld)?;
    if !held.iter().any(|(held, _)| held.name == role) {
        return Err(ApiKeyError::RoleNotHeld);
    }
    let asked = lifetime(key.expires_in);
    let granted = asked.and_then(|(life, text)| shortened(life, text, key.longest));
    let (life, expires_in) = granted.ok_or(ApiKeyError::Lifetime)?;
    let token = sessions.issue_api_key(user_id, &role, life)?;
    store
        .create_api_key(NewApiKey {
            name: key.name,
            role_name: role,
            expires_in,
            token: token.clone(),
            created_by_id: user_id,
        })
        .await?;
    Ok(token)
}

/// The lifetime of a key, and the text that is stored for it.
fn lifetime(expires_in: Option<Value>) -> Option<(TimeDelta, String)> {
    let (life, text) = match expires_in? {
        Value::String(text) if text == "never" => (TimeDelta::days(NEVER_DAYS), text),
        Value::String(text) => (parse_span(&text)?, text),
        Value::Number(seconds) => (parse_span(&format!("{seconds}s"))?, seconds.to_string()),
        _ => return None,
    };
    let fits = life > TimeDelta::zero() && fits_string_column(&text);
    fits.then_some((life, text))
}

/// A lifetime with its text, or the longest one if that is less. None when nothing is left of it.
fn shortened(
    life: TimeDelta,
    text: String,
    longest: Option<TimeDelta>,
) -> Option<(TimeDelta, String)> {
    match longest {
        Some(longest) if life > longest => {
            let seconds = longest.num_seconds();
            (seconds > 0).then(|| (TimeDelta::seconds(seconds), format!("{seconds}s")))
        }
        _ => Some((life, text)),
    }
}

/// Removes a key of this person and revokes its token. A program removes only keys of the `role` that its own key has.
/// Returns false when there is no such key.
pub async fn destroy(
    store: &Store,
    sessions: &Sessions,
    user_id: i64,
    role: Option<&str>,
    id: i64,
) -> Result<bool, ApiKeyError> {
    let transaction = store.begin().await?;
    let key = transaction.api_key(id, user_id).await?;
    let key = key.filter(|key| role.is_none_or(|role| key.role_name.as_deref() == Some(role)));
    let Some(key) = key else {
        return Ok(false);
    };
    if let Some(token) = key.token {
        // A token that never expires is revoked without an end.
        transaction
            .blacklist(&token, sessions.end_of(&token))
            .await?;
    }
    transaction.delete_api_key(id).await?;
    transaction.commit().await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::FIRST;
    use crate::domain::session::SigningKey;
    use crate::domain::test_installation::TestInstallation;
    use crate::store::STRING_CHARACTERS;
    use serde_json::json;

    #[tokio::test]
    async fn a_key_that_was_removed_stays_revoked_after_the_daily_cleanup() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        let key = SigningKey::new(b"a secret of a test");
        let sessions = Sessions::new(key, store.clock().clone());
        let issued = sessions.issue_api_key(FIRST, "root", TimeDelta::days(1));
        // The other token says nothing of an end.
        for (id, token) in (1..).zip([issued.unwrap(), "from elsewhere".to_owned()]) {
            let new = NewApiKey {
                name: None,
                role_name: "root".to_owned(),
                expires_in: "1d".to_owned(),
                token: token.clone(),
                created_by_id: FIRST,
            };
            store.create_api_key(new).await.unwrap();
            assert!(destroy(store, &sessions, FIRST, None, id).await.unwrap());
            store.forget_ended_revocations().await.unwrap();
            assert!(store.is_blacklisted(&token).await.unwrap(), "{token}");
        }
    }

    #[test]
    fn a_lifetime_is_shortened_to_what_is_left_in_whole_seconds() {
        let day = || (TimeDelta::days(1), "1d".to_owned());
        let given = |longest| {
            let (life, text) = day();
            shortened(life, text, longest)
        };
        assert_eq!(given(None), Some(day()));
        assert_eq!(given(Some(TimeDelta::days(1))), Some(day()));
        let left = TimeDelta::milliseconds(59_900);
        let expected = (TimeDelta::seconds(59), "59s".to_owned());
        assert_eq!(given(Some(left)), Some(expected));
        for nothing in [TimeDelta::milliseconds(900), TimeDelta::seconds(-5)] {
            assert_eq!(given(Some(nothing)), None);
        }
    }

    /// Spaces around a time span are ignored, and this one has three bytes.
    #[test]
    fn a_lifetime_may_have_as_many_characters_as_its_column_holds() {
        let written = |spaces: usize| json!("\u{3000}".repeat(spaces) + "1d");
        let (life, text) = lifetime(Some(written(STRING_CHARACTERS - 2))).unwrap();
        assert_eq!(life, TimeDelta::days(1));
        assert_eq!(text.chars().count(), STRING_CHARACTERS);
        assert_eq!(lifetime(Some(written(STRING_CHARACTERS - 1))), None);
    }
}
