//! Sessions. A NocoBase with the same secret accepts this server's tokens, and this server accepts
//! those of NocoBase.
//!
//! Claims, order of checks and rules are those of NocoBase 2.2.15, observed on a running server.

mod claims;
mod cleanup;
mod everywhere;
mod issue;
mod key;
mod mark;
mod verify;

pub use claims::Claims;
pub use everywhere::RenewedToken;
pub use key::SigningKey;
pub use mark::SessionMark;
pub use verify::{Renewal, TokenError, Verified};

use super::token_policy::TokenPolicy;
use crate::clock::Clock;
use crate::store::{DerivedValue, Store, StoreError};

/// Why a session could not be started or ended.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Signing the token failed.
    #[error("a token could not be signed")]
    Signing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Issues, verifies, renews and ends sessions.
pub struct Sessions {
    key: SigningKey,
    clock: Clock,
    policy: DerivedValue<TokenPolicy>,
}

impl Sessions {
    /// Sessions signed with this key.
    pub fn new(key: SigningKey, clock: Clock) -> Self {
        Self {
            key,
            clock,
            policy: DerivedValue::default(),
        }
    }

    /// A key for encrypting sign-in cookies.
    pub fn cookie_key(&self) -> &[u8; 32] {
        self.key.cookie_key()
    }

    /// The current policy.
    pub async fn policy(&self, store: &Store) -> Result<TokenPolicy, StoreError> {
        let settings = store.settings().await?;
        Ok(self.policy.of(&settings, |settings| {
            let config = settings.token_policy.as_ref();
            config.map_or_else(TokenPolicy::default, TokenPolicy::of_config)
        }))
    }
}
