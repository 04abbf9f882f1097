//! The access tokens of applications. Each is fetched once for all callers that need it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::future::Cache;
use sha2::{Digest, Sha256};

use super::client::DingTalkClient;
use super::error::DingTalkError;
use super::retry::retrying;

/// How many applications' tokens are kept: more than anybody configures.
const CAPACITY: u64 = 256;
/// How long before its expiry a token is dropped, so that it does not expire on its way.
const MARGIN: Duration = Duration::from_mins(5);

/// A cache in which many callers wait for one fetch.
#[derive(Clone)]
pub struct AppTokens {
    tokens: Cache<[u8; 32], Token>,
}

#[derive(Clone)]
struct Token {
    value: Arc<str>,
    lifetime: Duration,
}

struct ByLifetime;

impl Expiry<[u8; 32], Token> for ByLifetime {
    fn expire_after_create(&self, _: &[u8; 32], token: &Token, _: Instant) -> Option<Duration> {
        let margin = MARGIN.min(token.lifetime / 10);
        Some(token.lifetime.saturating_sub(margin))
    }
}

impl AppTokens {
    /// An empty cache.
    pub fn new() -> Self {
        let tokens = Cache::builder()
            .max_capacity(CAPACITY)
            .expire_after(ByLifetime)
            .build();
        Self { tokens }
    }

    /// The token of this application, from the cache or from DingTalk.
    pub async fn get(
        &self,
        client: &DingTalkClient,
        client_id: &str,
        client_secret: &str,
    ) -> Result<Arc<str>, DingTalkError> {
        let fetch = async {
            let answer = retrying(|| client.app_token(client_id, client_secret)).await?;
            Ok(Token {
                value: answer.access_token.into(),
                lifetime: Duration::from_secs(answer.expire_in),
            })
        };
        let token = self
            .tokens
            .try_get_with(key(client_id, client_secret), fetch)
            .await;
        token
            .map(|token| token.value)
            .map_err(|error: Arc<DingTalkError>| (*error).clone())
    }

    /// Drops a token that DingTalk no longer accepts, unless it has been replaced meanwhile.
    pub async fn forget(&self, client_id: &str, client_secret: &str, stale: &str) {
        let key = key(client_id, client_secret);
        if self
            .tokens
            .get(&key)
            .await
            .is_some_and(|token| &*token.value == stale)
        {
            self.tokens.invalidate(&key).await;
        }
    }
}

/// The key in the cache. It includes the secret, so that a token that was fetched with an old
/// secret is not used for a new one.
fn key(client_id: &str, client_secret: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(client_id.len().to_le_bytes());
    hash.update(client_id);
    hash.update(client_secret);
    hash.finalize().into()
}
