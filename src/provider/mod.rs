//! Identity providers. Each says who somebody is and whether the organization counts them among its
//! people. Which account that person gets is decided in `domain::sign_in`.

pub mod dingtalk;

use std::error::Error;
use std::sync::Arc;

use crate::config::Config;
use crate::domain::identity_provider::IdentityProvider;
use crate::metrics::Metrics;
use dingtalk::{DingTalk, DingTalkClient, ENDPOINTS, NAMES};

/// The error when the client of a provider cannot be created.
#[derive(Debug, thiserror::Error)]
#[error("calls to {0} cannot be made: {1}")]
pub struct ProviderError(&'static str, #[source] Box<dyn Error + Send + Sync>);

/// The fields in which bindings keep a person's stable ID, which stays with the person when
/// the other one is given to somebody else.
pub const STABLE_ID_KEYS: &[&str] = &[dingtalk::STABLE_ID_KEY];

/// The providers of this server. A new provider gets an entry here.
pub fn all(
    config: &Config,
    metrics: &Metrics,
) -> Result<Vec<Arc<dyn IdentityProvider>>, ProviderError> {
    Ok(vec![Arc::new(dingtalk(config, metrics)?)])
}

fn dingtalk(config: &Config, metrics: &Metrics) -> Result<DingTalk, ProviderError> {
    let failed = |error: Box<dyn Error + Send + Sync>| ProviderError(NAMES.title, error);
    let calls = metrics.calls(&NAMES, ENDPOINTS);
    let calls = calls.map_err(|error| failed(error.into()))?;
    let client = DingTalkClient::new(config.dingtalk.clone(), calls);
    Ok(DingTalk::new(client.map_err(|error| failed(error.into()))?))
}

#[cfg(any(fuzzing, test))]
pub(crate) mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::DingTalkHosts;
    use crate::domain::identity_provider::Providers;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        hosts: DingTalkHosts,
    }

    /// The providers of a server with default settings.
    pub fn all() -> Providers {
        let hosts = CommandLine::parse_from(["test"]).hosts;
        let calls = Metrics::new().and_then(|metrics| metrics.calls(&NAMES, ENDPOINTS));
        #[expect(clippy::expect_used, reason = "no server does this")]
        let client = DingTalkClient::new(hosts, calls.expect("metrics")).expect("a client");
        Providers::new(vec![Arc::new(DingTalk::new(client))])
    }

    #[test]
    fn the_plugin_draws_the_buttons_of_a_provider_that_is_here() {
        let manifest = crate::domain::plugin::manifest();
        assert_eq!(manifest.auth_type, NAMES.auth_type);
        assert_eq!(manifest.auth_type, "dingtalk");
    }
}
