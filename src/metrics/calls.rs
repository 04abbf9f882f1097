//! Calls to a provider's service.

use std::time::Instant;

use prometheus::{Error, HistogramVec, IntCounterVec, Opts, Registry};

use super::requests::durations;
use crate::domain::identity_provider::ProviderNames;

/// The ends of the paths that a client calls, and the names under which they are counted. Other
/// paths are counted as `other`, because some contain identifiers.
pub type Endpoints = &'static [(&'static str, &'static str)];

/// Counts calls by endpoint and outcome.
#[derive(Clone)]
pub struct Calls {
    endpoints: Endpoints,
    total: IntCounterVec,
    duration: HistogramVec,
}

/// A call that has not ended yet.
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

    /// Begins a call to this path.
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
    /// Ends the call with this outcome.
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
