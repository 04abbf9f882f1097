//! The metrics of events of directories.

use entity::event::State;
use prometheus::{IntCounterVec, IntGauge, IntGaugeVec, Registry};

use super::{as_gauge, registered};

/// The metrics of events of directories.
pub struct EventMetrics {
    received: IntCounterVec,
    settled: IntCounterVec,
    streams: IntGauge,
    queue: IntGaugeVec,
}

impl EventMetrics {
    /// Metrics without any counts.
    pub(super) fn new(r: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            received: registered(
                r,
                |opts| IntCounterVec::new(opts, &["transport", "result"]),
                "directory_events_total",
                "Events of directories that came in: queued, repeated, unknown, check or refused.",
            )?,
            settled: registered(
                r,
                |opts| IntCounterVec::new(opts, &["result"]),
                "directory_events_settled_total",
                "Events of directories that came to their end: done, ignored or failed.",
            )?,
            streams: registered(
                r,
                IntGauge::with_opts,
                "directory_streams",
                "Open connections of this process over which events of directories come in.",
            )?,
            queue: registered(
                r,
                |opts| IntGaugeVec::new(opts, &["state"]),
                "directory_events",
                "Events of directories in the database that are queued or have failed.",
            )?,
        })
    }

    /// Counts an event that came in this way, and what became of it.
    pub fn received(&self, transport: &str, result: &str) {
        self.received.with_label_values(&[transport, result]).inc();
    }

    /// Counts an event that came to this end.
    pub fn settled(&self, state: State) {
        self.settled.with_label_values(&[state.name()]).inc();
    }

    /// Counts a connection that was opened, until the guard is dropped.
    pub fn stream_opened(&self) -> OpenStream {
        self.streams.inc();
        OpenStream(self.streams.clone())
    }

    /// Sets how many events are in each of these states.
    pub(super) fn set_queue(&self, states: &[(State, u64)]) {
        for (state, count) in states {
            let gauge = self.queue.with_label_values(&[state.name()]);
            gauge.set(as_gauge(*count));
        }
    }
}

/// An open connection, as it is counted.
#[must_use = "it is counted while it is kept"]
pub struct OpenStream(IntGauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}
