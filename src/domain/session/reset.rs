//! Tokens of links that reset a password.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Sessions;

/// What such a token says, in the order of NocoBase 2.2.15.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetClaims {
    /// The account. A claim of its own, so that no other kind of token resets a password.
    pub reset_password_user_id: i64,
    /// When it was issued, seconds since the epoch.
    pub iat: i64,
    /// When it ends, seconds since the epoch.
    pub exp: i64,
}

/// A token that is signed and has not expired.
#[derive(Clone, Copy, Debug)]
pub struct ResetToken {
    /// The account.
    pub user_id: i64,
    /// When it was issued, seconds since the epoch.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl Sessions {
    /// Reads the token of a link. Nothing when it is none, or has expired; whether it was used is
    /// for the store to know.
    pub fn read_reset(&self, token: &str) -> Option<ResetToken> {
        let claims: ResetClaims = self.key.read_as(token)?;
        let expires_at = DateTime::from_timestamp(claims.exp, 0)?;
        (expires_at > self.clock.now()).then_some(ResetToken {
            user_id: claims.reset_password_user_id,
            issued_at: claims.iat,
            expires_at,
        })
    }
}
