//! Verifying a token and finding its account.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Claims, SessionError, Sessions};
use crate::domain::token_policy::TokenPolicy;
use crate::store::{Account, Store, StoreError};

/// For how long a renewed token still leads to the new one, as in NocoBase 2.2.15.
const RENEWAL_GRACE: TimeDelta = TimeDelta::seconds(10);

/// A valid token.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The account of the token.
    pub account: Account,
    /// The claims of the token.
    pub claims: Claims,
    /// The new token, when this one was too old and has been renewed.
    pub renewed: Option<String>,
}

/// What happens to a token that is too old but can still be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It is renewed.
    Wanted,
    /// It cannot be renewed, because the answer could not carry the new token.
    Impossible,
    /// It is not renewed, because the session is about to end.
    Pointless,
    /// NocoBase renews it, if there is a record of the token.
    Elsewhere,
}

/// Why a token is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token has no valid signature of this server, or is not valid at this time.
    #[error("the token is invalid")]
    Invalid,
    /// Its account does not exist.
    #[error("the token's account does not exist")]
    UnknownUser,
    /// The token was revoked.
    #[error("the token was signed out")]
    Blocked,
    /// The session has expired.
    #[error("the session has expired")]
    SessionExpired,
    /// The token is older than the account's password.
    #[error("the password was changed after the token was issued")]
    PasswordChanged,
    /// The token would have to be renewed, and the answer cannot carry a new one.
    #[error("the token needs renewal, which a stream cannot carry")]
    NotRenewedInStream,
    /// The token would have to be renewed, and its session has no record.
    #[error("the token cannot be renewed")]
    NotRenewable,
    /// The session could not be read.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Session(error.into())
    }
}

impl Sessions {
    /// Verifies a token in NocoBase's order: signature, account, revocation, session, policy,
    /// password, renewal.
    pub async fn verify(
        &self,
        store: &Store,
        token: &str,
        renewal: Renewal,
    ) -> Result<Verified, TokenError> {
        let now = self.clock.now();
        let claims = self.key.read(token).ok_or(TokenError::Invalid)?;
        if claims.nbf.is_some_and(|nbf| nbf > now.timestamp()) {
            return Err(TokenError::Invalid);
        }
        let past_end = claims.exp.is_some_and(|exp| exp <= now.timestamp());
        if past_end && !claims.is_session() {
            return Err(TokenError::Invalid);
        }
        let account = match claims.user_id {
            Some(id) => store.account(id).await?,
            None => None,
        };
        let account = account.ok_or(TokenError::UnknownUser)?;
        if store
            .is_revoked(claims.jti.as_deref().unwrap_or(token))
            .await?
        {
            return Err(TokenError::Blocked);
        }
        if !claims.is_session() {
            return Ok(Verified {
                account,
                claims,
                renewed: None,
            });
        }
        let policy = self.policy(store).await?;
        let needs_renewal = check_age(&claims, &policy, now, past_end)?;
        // Tokens of the second in which the password was changed are refused too: `iat` has no
        // milliseconds, so they cannot be distinguished from older ones.
        if let (Some(changed), Some(iat)) = (account.user.password_change_tz, claims.iat)
            && iat.saturating_mul(1000) < changed
        {
            return Err(TokenError::PasswordChanged);
        }
        if !needs_renewal || renewal == Renewal::Pointless {
            return Ok(Verified {
                account,
                claims,
                renewed: None,
            });
        }
        if renewal == Renewal::Elsewhere {
            let jti = claims.jti.as_deref().ok_or(TokenError::Invalid)?;
            let jti = Uuid::try_parse(jti).map_err(|_| TokenError::NotRenewable)?;
            if store.issued_token(jti).await?.is_none() {
                return Err(TokenError::NotRenewable);
            }
            return Ok(Verified {
                account,
                claims,
                renewed: None,
            });
        }
        if renewal == Renewal::Impossible {
            return Err(TokenError::NotRenewedInStream);
        }
        let renewed = self
            .renew(store, &claims, account.user.id, &policy, now)
            .await?;
        Ok(Verified {
            account,
            claims,
            renewed: Some(renewed),
        })
    }

    /// Whether a token is valid, or would be after a renewal by somebody else.
    pub async fn would_accept(&self, store: &Store, token: &str) -> bool {
        let outcome = self.verify(store, token, Renewal::Impossible).await;
        matches!(outcome, Ok(_) | Err(TokenError::NotRenewedInStream))
    }

    async fn renew(
        &self,
        store: &Store,
        claims: &Claims,
        user_id: i64,
        policy: &TokenPolicy,
        now: DateTime<Utc>,
    ) -> Result<String, TokenError> {
        let old = claims.jti.as_deref().ok_or(TokenError::Invalid)?;
        let old = Uuid::try_parse(old).map_err(|_| TokenError::NotRenewable)?;
        let jti = self.key.renewed_jti(old);
        // A page sends several requests at once, which may reach different servers: one of them
        // renews the token, and the others find the result in the database.
        let is_newest = store.issued_token(old).await?.is_some();
        let renewed = is_newest
            && store
                .rotate_issued_token(old, jti, now.timestamp_millis())
                .await?;
        let issued = if renewed {
            now
        } else {
            renewed_at(store, jti, now).await?
        };
        let sign_in_ms = claims
            .sign_in_time
            .unwrap_or_else(|| issued.timestamp_millis());
        Ok(self.token(user_id, sign_in_ms, issued, policy.token, jti)?)
    }
}

/// When the token with this `jti` replaced an older one, which must have been a moment ago.
async fn renewed_at(
    store: &Store,
    jti: Uuid,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, TokenError> {
    let row = store.issued_token(jti).await?;
    let issued = row.and_then(|row| DateTime::from_timestamp_millis(row.issued_time));
    let issued = issued.filter(|issued| now - *issued <= RENEWAL_GRACE);
    let issued = issued.ok_or(TokenError::NotRenewable)?;
    // The new token may have been revoked since.
    if store.is_revoked(&jti.to_string()).await? {
        return Err(TokenError::NotRenewable);
    }
    Ok(issued)
}

/// Whether the token of a session has to be renewed; an error when it can no longer be renewed.
fn check_age(
    claims: &Claims,
    policy: &TokenPolicy,
    now: DateTime<Utc>,
    past_end: bool,
) -> Result<bool, TokenError> {
    let since = |ms: i64| TimeDelta::milliseconds(now.timestamp_millis().saturating_sub(ms));
    if claims
        .sign_in_time
        .is_some_and(|began| since(began) > policy.session)
    {
        return Err(TokenError::SessionExpired);
    }
    // A shorter lifetime applies at once, also to tokens that were issued with a longer one.
    let issued_ms = claims.iat.map(|iat| iat.saturating_mul(1000));
    let too_old = issued_ms.is_some_and(|issued| since(issued) > policy.token);
    if !past_end && !too_old {
        return Ok(false);
    }
    let ended_ms = claims.exp.map(|exp| exp.saturating_mul(1000));
    let limit = policy.renewal;
    if limit > TimeDelta::zero() && ended_ms.is_some_and(|ended| since(ended) > limit) {
        return Err(TokenError::SessionExpired);
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
