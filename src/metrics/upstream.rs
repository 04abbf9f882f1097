//! Connections to NocoBase.

use prometheus::{Error, IntCounter, IntCounterVec, IntGauge, Opts, Registry};

use super::registered;

/// Why NocoBase gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamFailure {
    /// There was no connection.
    Unreachable,
    /// The connection broke.
    Lost,
    /// The client disconnected.
    Client,
}

/// Connections to NocoBase, and what went wrong with them.
#[derive(Clone)]
pub struct UpstreamMetrics {
    open: IntGauge,
    opened: IntCounter,
    unreachable: IntCounter,
    lost: IntCounter,
    client: IntCounter,
}

/// Counts an open connection, until it is dropped.
pub struct OpenConnection(IntGauge);

impl UpstreamMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let errors = registered(
            registry,
            |opts: Opts| IntCounterVec::new(opts, &["reason"]),
            "upstream_errors_total",
            "Requests that NocoBase gave no answer to: unreachable, lost, or given up by the client.",
        )?;
        Ok(Self {
            open: registered(
                registry,
                IntGauge::with_opts,
                "upstream_connections",
                "Open connections to NocoBase.",
            )?,
            opened: registered(
                registry,
                IntCounter::with_opts,
                "upstream_connections_opened_total",
                "Connections to NocoBase that were opened.",
            )?,
            unreachable: errors.with_label_values(&["unreachable"]),
            lost: errors.with_label_values(&["lost"]),
            client: errors.with_label_values(&["client"]),
        })
    }

    /// Counts a new connection, which is open until the value is dropped.
    pub fn opened(&self) -> OpenConnection {
        self.opened.inc();
        self.open.inc();
        OpenConnection(self.open.clone())
    }

    /// Counts a request without an answer.
    pub fn failed(&self, failure: UpstreamFailure) {
        match failure {
            UpstreamFailure::Unreachable => self.unreachable.inc(),
            UpstreamFailure::Lost => self.lost.inc(),
            UpstreamFailure::Client => self.client.inc(),
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}
