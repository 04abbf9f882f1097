//! Requests of clients.

use std::time::Duration;

use prometheus::{
    Error, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};

/// Who answered a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// This product, by one of its own actions.
    ThisProduct,
    /// NocoBase, with an addition of the gateway.
    Spliced,
    /// NocoBase.
    NocoBase,
    /// A connection that became a `WebSocket`.
    WebSocket,
    /// A file or page of this server.
    File,
    /// Nobody, because the request was refused before it was routed.
    Refused,
}

impl RequestKind {
    const ALL: [Self; 6] = [
        Self::ThisProduct,
        Self::Spliced,
        Self::NocoBase,
        Self::WebSocket,
        Self::File,
        Self::Refused,
    ];

    /// The value of the label, which is also used in the log.
    pub fn label(self) -> &'static str {
        match self {
            Self::ThisProduct => "own",
            Self::Spliced => "spliced",
            Self::NocoBase => "nocobase",
            Self::WebSocket => "websocket",
            Self::File => "file",
            Self::Refused => "refused",
        }
    }
}

/// Upper bounds of the histogram's buckets, in seconds.
const STEPS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// The classes of HTTP statuses.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Requests by who answered them.
pub struct Requests {
    kinds: Vec<OfKind>,
}

/// The metrics of one kind of request, created in advance.
struct OfKind {
    statuses: Vec<IntCounter>,
    duration: Histogram,
}

impl Requests {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let total = IntCounterVec::new(
            Opts::new(
                "requests_total",
                "Requests by who answered them and class of status.",
            ),
            &["kind", "status"],
        )?;
        let duration = durations(
            "request_duration_seconds",
            "Time from the head of a request to the head of its answer.",
            "kind",
        )?;
        registry.register(Box::new(total.clone()))?;
        registry.register(Box::new(duration.clone()))?;
        let of_kind = |kind: &RequestKind| OfKind {
            statuses: CLASSES
                .iter()
                .map(|class| total.with_label_values(&[kind.label(), class]))
                .collect(),
            duration: duration.with_label_values(&[kind.label()]),
        };
        Ok(Self {
            kinds: RequestKind::ALL.iter().map(of_kind).collect(),
        })
    }

    /// Counts a request that was answered with this status.
    pub fn count(&self, kind: RequestKind, status: u16, after: Duration) {
        let Some(of_kind) = self.kinds.get(kind as usize) else {
            return;
        };
        // A status without a class counts as a failure.
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        if let Some(counter) = of_kind.statuses.get(class) {
            counter.inc();
        }
        of_kind.duration.observe(after.as_secs_f64());
    }
}

/// Histograms of durations with one label.
pub(super) fn durations(name: &str, help: &str, label: &str) -> Result<HistogramVec, Error> {
    let opts = HistogramOpts::new(name, help).buckets(STEPS.to_vec());
    HistogramVec::new(opts, &[label])
}
