//! Data from NocoBase's tables that every request needs.
//!
//! It is kept in memory and read again in the background, so that no request waits for the
//! database. While the database does not answer, the old data stays in use; NocoBase does not know
//! better then, either.
//!
//! Names of providers' authenticators are replaced in requests to NocoBase: 2.2.15 refuses every
//! request that names an enabled authenticator of a type that it cannot handle. NocoBase does not
//! see those of this product as enabled, but other programs may have created such rows.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use entity::authenticator;
use http::HeaderMap;
use http::header::{COOKIE as COOKIE_HEADER, HeaderName};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::reading::HostNames;
use super::secrets::Secrets;
use super::{Gateway, headers};
use crate::api::authenticators::public_entry;
use crate::chain::Chain;
use crate::domain::{plugin, sign_in};
use crate::state::AppState;
use crate::store::StoreError;

/// How often the tables are read, while the database answers.
const EVERY: Duration = Duration::from_secs(2);
/// How long reading may take before it is tried again over another connection.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

const AUTHENTICATOR: HeaderName = HeaderName::from_static("x-authenticator");
const COOKIE: &str = "nb_authenticator_main";

/// NocoBase's plugin that runs several applications in one process.
const SEVERAL_APPLICATIONS: &str = "multi-app-manager";

/// An authenticator on the sign-in page.
pub struct Offered {
    /// Its name.
    pub name: String,
    /// Its public view, if it is one of a provider.
    pub public_view: Option<Value>,
}

/// The data at one moment.
#[derive(Default)]
pub struct Tables {
    authenticators: Vec<authenticator::Model>,
    /// The names of providers' authenticators.
    of_providers: HashSet<String>,
    /// The names of those that are enabled.
    enabled: HashSet<String>,
    /// The name that NocoBase gets in their place.
    substitute: String,
    /// The authenticators of the sign-in page, in order.
    offered: Vec<Offered>,
    /// Whether this product's plugin is enabled.
    plugin_is_on: bool,
    /// The stored secrets, which must be in no answer.
    secrets: Arc<Secrets>,
    /// The host names of sub-applications.
    hosts: HostNames,
}

impl Tables {
    async fn load(app: &AppState) -> Result<Self, StoreError> {
        let store = &app.store;
        let rows = store.authenticators().await?;
        let providers = &app.providers;
        let of_providers = || rows.iter().filter(|row| providers.has_type(&row.auth_type));
        let enabled = of_providers().filter(|row| row.enabled == Some(true));
        let mut offered = Vec::new();
        for row in rows.iter().filter(|row| row.enabled == Some(true)) {
            offered.push(Offered {
                name: row.name.clone(),
                public_view: public_entry(app, row).await?,
            });
        }
        let several = store.plugin(SEVERAL_APPLICATIONS).await?;
        Ok(Self {
            enabled: enabled.map(|row| row.name.clone()).collect(),
            secrets: Arc::new(Secrets::of(providers, of_providers())),
            of_providers: of_providers().map(|row| row.name.clone()).collect(),
            substitute: sign_in::session_authenticator(store, providers, "").await?,
            offered,
            plugin_is_on: plugin::this_plugin_is_enabled(store).await?,
            hosts: HostNames {
                applications: store.applications_by_host_name().await?,
                are_looked_at: several.is_some_and(|plugin| plugin.enabled == Some(true)),
            },
            authenticators: rows,
        })
    }

    /// The authenticators of the sign-in page, in order.
    pub fn offered(&self) -> &[Offered] {
        &self.offered
    }

    /// Whether this product's plugin is enabled.
    pub fn plugin_is_on(&self) -> bool {
        self.plugin_is_on
    }

    /// The stored secrets.
    pub fn secrets(&self) -> &Arc<Secrets> {
        &self.secrets
    }

    /// The host names of sub-applications.
    pub fn hosts(&self) -> &HostNames {
        &self.hosts
    }

    /// Whether people can sign in with this authenticator of a provider.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.enabled.contains(name)
    }

    /// The name that NocoBase gets in place of a provider's authenticator; none for others.
    pub fn substitute_for(&self, name: &str) -> Option<String> {
        self.of_providers
            .contains(name)
            .then(|| self.substitute.clone())
    }

    /// Replaces providers' authenticators in a request to NocoBase.
    pub fn replace_in(&self, sent: &mut HeaderMap) {
        let named = sent.get(&AUTHENTICATOR).and_then(|name| name.to_str().ok());
        if let Some(other) = named.and_then(|name| self.substitute_for(name.trim())) {
            headers::insert(sent, AUTHENTICATOR, &other);
        }
        headers::replace_cookie(sent, COOKIE, |value| {
            let name = percent_encoding::percent_decode_str(value).decode_utf8();
            self.substitute_for(&name.ok()?)
        });
    }
}

/// Whether a request names an authenticator.
pub fn are_named_in(sent: &HeaderMap) -> bool {
    let in_cookie = |value: &http::HeaderValue| {
        let value = value.as_bytes();
        value
            .windows(COOKIE.len())
            .any(|part| part == COOKIE.as_bytes())
    };
    sent.contains_key(&AUTHENTICATOR) || sent.get_all(COOKIE_HEADER).iter().any(in_cookie)
}

/// The data that was last read, with the number of that reading.
#[derive(Default)]
pub struct KnownTables {
    known: RwLock<(u64, Arc<Tables>)>,
    readings: AtomicU64,
}

impl KnownTables {
    /// The current data.
    pub fn get(&self) -> Arc<Tables> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.1.clone()
    }

    /// Reads the tables. Of several simultaneous readings, the one that began last counts.
    pub async fn read(&self, app: &AppState) -> Result<(), StoreError> {
        let number = self.readings.fetch_add(1, Ordering::SeqCst) + 1;
        let tables = Arc::new(Tables::load(app).await?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.0 > number {
            return Ok(());
        }
        if known.1.authenticators != tables.authenticators {
            // NocoBase does not announce what it writes, so caches are dropped.
            app.store.forget();
            app.store.coverage().ask();
        }
        *known = (number, tables);
        Ok(())
    }

    /// Reads the tables after a change by this gateway, before the client gets the answer. If that
    /// fails now, the background task repeats it in a moment.
    pub async fn read_again(&self, app: &AppState) {
        if let Ok(Err(error)) = timeout(READ_TIMEOUT, self.read(app)).await {
            log::warn!(
                "NocoBase's tables cannot be read: {error}",
                error = Chain(&error)
            );
        }
    }
}

/// Reads the tables regularly for as long as the gateway exists.
pub async fn keep_known(gateway: Weak<Gateway>) {
    let mut failed = false;
    loop {
        sleep(EVERY).await;
        let Some(gateway) = gateway.upgrade() else {
            return;
        };
        let problem = match timeout(READ_TIMEOUT, gateway.read_tables()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Chain(&error).to_string()),
            Err(_) => Some("the database does not answer".to_owned()),
        };
        match &problem {
            Some(problem) if !failed => {
                log::warn!("what was known of NocoBase's tables goes on to count: {problem}");
            }
            None if failed => log::info!("NocoBase's tables can be read again"),
            _ => {}
        }
        failed = problem.is_some();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use serde_json::json;

    use super::*;
    use crate::gateway::tests::exchange::gateway;

    #[actix_web::test]
    async fn what_is_in_use_is_offered_and_signs_people_in() {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway(folder.path()).await;
        for (name, auth_type, enabled) in [
            ("ding", "dingtalk", true),
            ("off", "dingtalk", false),
            ("password", "Email/Password", true),
            ("old", "Email/Password", false),
        ] {
            let store = &gateway.app.store;
            store
                .add_authenticator(name, auth_type, enabled, json!({}))
                .await;
        }
        gateway.read_tables().await.unwrap();
        let tables = gateway.tables.get();
        let offered = tables.offered().iter();
        let offered: Vec<_> = offered
            .map(|one| (one.name.as_str(), one.public_view.is_some()))
            .collect();
        assert_eq!(offered, [("ding", true), ("password", false)]);
        let names = ["ding", "off", "password", "old"];
        let enabled = names.map(|name| tables.is_enabled(name));
        assert_eq!(enabled, [true, false, false, false]);
        let replaced = names.map(|name| tables.substitute_for(name).is_some());
        assert_eq!(replaced, [true, true, false, false]);
    }

    #[actix_web::test]
    async fn a_reading_counts_unless_one_that_began_later_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway(folder.path()).await;
        for (number, stays) in [(0, false), (u64::MAX, true)] {
            let before = Arc::new(Tables::default());
            *gateway.tables.known.write().unwrap() = (number, before.clone());
            gateway.read_tables().await.unwrap();
            let same = Arc::ptr_eq(&gateway.tables.get(), &before);
            assert_eq!(same, stays, "{number}");
        }
    }

    #[actix_web::test]
    async fn bindings_are_compared_again_when_authenticators_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway(folder.path()).await;
        let coverage = gateway.app.store.coverage();
        let is_asked = || coverage.asked().now_or_never().is_some();
        gateway.read_tables().await.unwrap();
        assert!(!is_asked());
        let added = gateway
            .app
            .store
            .add_authenticator("ding", "dingtalk", true, json!({}));
        added.await;
        assert!(!is_asked(), "nobody knows yet");
        gateway.read_tables().await.unwrap();
        assert!(is_asked());
        gateway.read_tables().await.unwrap();
        assert!(!is_asked());
    }
}
