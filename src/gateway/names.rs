//! The names of DingTalk authenticators: NocoBase must not see them in requests.
//!
//! Of an enabled authenticator of a type that it cannot handle NocoBase 2.2.15 refuses every
//! request. Ours it does not see as enabled, but others may have made such rows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderMap;
use http::header::{COOKIE as COOKIE_HEADER, HeaderName};
use tokio::sync::Mutex;

use super::headers;
use crate::domain::{plugin, sign_in};
use crate::store::{Store, StoreError};

/// How long the names are believed. Nothing but convenience hangs on them.
const FRESH: Duration = Duration::from_secs(2);

const AUTHENTICATOR: HeaderName = HeaderName::from_static("x-authenticator");
const COOKIE: &str = "nb_authenticator_main";

/// The names at one moment.
#[derive(Debug, Default)]
pub struct Names {
    dingtalk: HashSet<String>,
    /// Those of them that are in use.
    enabled: HashSet<String>,
    /// What NocoBase is told in their place.
    stand_in: String,
}

impl Names {
    async fn load(store: &Store) -> Result<Self, StoreError> {
        let own_type = &plugin::manifest().auth_type;
        let mut rows = store.authenticators().await?;
        rows.retain(|row| row.auth_type == *own_type);
        let enabled = rows.iter().filter(|row| row.enabled == Some(true));
        Ok(Self {
            enabled: enabled.map(|row| row.name.clone()).collect(),
            dingtalk: rows.into_iter().map(|row| row.name).collect(),
            stand_in: sign_in::session_authenticator(store, "").await?,
        })
    }

    /// Whether somebody can sign in at this DingTalk authenticator.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// The name to tell NocoBase in the place of a DingTalk authenticator's.
    pub fn stand_in_for(&self, name: &str) -> Option<String> {
        self.dingtalk.contains(name).then(|| self.stand_in.clone())
    }

    /// Takes DingTalk authenticators out of a request for NocoBase.
    pub fn replace_in(&self, sent: &mut HeaderMap) {
        let named = sent.get(&AUTHENTICATOR).and_then(|name| name.to_str().ok());
        if let Some(other) = named.and_then(|name| self.stand_in_for(name.trim())) {
            headers::insert(sent, AUTHENTICATOR, &other);
        }
        headers::replace_cookie(sent, COOKIE, |value| {
            let name = percent_encoding::percent_decode_str(value).decode_utf8();
            self.stand_in_for(&name.ok()?)
        });
    }
}

/// Whether a request names an authenticator at all.
pub fn are_in(sent: &HeaderMap) -> bool {
    let in_cookie = |value: &http::HeaderValue| {
        let value = value.as_bytes();
        value
            .windows(COOKIE.len())
            .any(|part| part == COOKIE.as_bytes())
    };
    sent.contains_key(&AUTHENTICATOR) || sent.get_all(COOKIE_HEADER).iter().any(in_cookie)
}

/// The names, read again when they are old.
#[derive(Default)]
pub struct DingTalkNames(Mutex<Option<(Instant, Arc<Names>)>>);

impl DingTalkNames {
    /// The names as they were a moment ago at most. Without a database there are none: NocoBase
    /// then has none either.
    pub async fn get(&self, store: &Store) -> Arc<Names> {
        let mut kept = self.0.lock().await;
        if let Some((at, names)) = kept.as_ref()
            && at.elapsed() < FRESH
        {
            return names.clone();
        }
        let names = match Names::load(store).await {
            Ok(names) => Arc::new(names),
            Err(error) => {
                log::error!("the authenticators cannot be read: {error}");
                let last = kept.take().map(|(_, names)| names);
                last.unwrap_or_default()
            }
        };
        *kept = Some((Instant::now(), names.clone()));
        names
    }

    /// Reads them again at the next request.
    pub async fn forget(&self) {
        *self.0.lock().await = None;
    }
}
