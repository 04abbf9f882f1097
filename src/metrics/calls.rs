//! Calls to the service of a provider.

use std::time::Instant;

use prometheus::{Error, HistogramVec, IntCounterVec, Opts, Registry};

use super::requests::durations;
use crate::domain::identity_provider::ProviderNames;

/// The ends of paths that a client calls, and the names under which they are counted. A path that is
/// not among them is counted as `other`: some hold identifiers.
pub type Endpoints = &'static [(&'static str, &'static str)];

/// Calls by what was called and what came of it.
#[derive(Clone)]
pub struct Calls {
    endpoints: Endpoints,
    total: IntCounterVec,
    duration: HistogramVec,
}

/// A call on its way.
pub struct Call<'a> {
    calls: &'a Calls,
    endpoint: &'static str,
    started: Instant,
}

impl Calls {
    pub(super) fn new(
        registry: &Registry,
        provider: &ProviderNames,
        endpoints: Endpoints,
    ) -> Result<Self, Error> {
        let ProviderNames {
            title, resource, ..
        } = provider;
        let total = IntCounterVec::new(
            Opts::new(
                format!("{resource}_calls_total"),
                format!("Calls to {title} by what was called and what came of it."),
            ),
            &["endpoint", "outcome"],
        )?;
        let duration = durations(
            &format!("{resource}_call_duration_seconds"),
            &format!("Time of a call to {title}."),
            "endpoint",
        )?;
        registry.register(Box::new(total.clone()))?;
        registry.register(Box::new(duration.clone()))?;
        Ok(Self {
            endpoints,
            total,
            duration,
        })
    }

    /// A call begins, at this path.
    pub fn begin(&self, path: &str) -> Call<'_> {
        let known = self.endpoints.iter().find(|(end, _)| path.ends_with(end));
        Call {
            calls: self,
            endpoint: known.map_or("other", |(_, name)| name),
            started: Instant::now(),
        }
    }
}

impl Call<'_> {
    /// It ended like this.
    pub fn end(self, outcome: &'static str) {
        let Self {
            calls,
            endpoint,
            started,
        } = self;
        calls.total.with_label_values(&[endpoint, outcome]).inc();
        let duration = calls.duration.with_label_values(&[endpoint]);
        duration.observe(started.elapsed().as_secs_f64());
    }
}
