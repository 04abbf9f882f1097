//! Metrics in Prometheus' text format.
//!
//! Like the clock, the metrics are passed in to whatever counts something. No label ever contains
//! what a client sent: each value is defined in this folder or is one of this product's codes, so
//! nobody can fill the memory of the monitoring system. All counters of a request exist in advance,
//! so counting is only an addition.

mod calls;
mod events;
mod process;
mod requests;
mod upstream;

pub use calls::{Call, Calls, Endpoints};
pub use events::EventMetrics;
pub use requests::{RequestKind, Requests};
pub use upstream::{OpenConnection, UpstreamFailure, UpstreamMetrics};

use std::time::Duration;

use entity::directory_run::{self, Kind};
use entity::{event, message};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use crate::domain::identity_provider::ProviderNames;
use process::Process;

/// Upper bounds for the durations of directory runs, in seconds.
const DIRECTORY_SECONDS: [f64; 9] = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];

/// The prefix of all names.
const PREFIX: &str = "nocobase_dingtalk";

/// Values that are not counted, but read when the metrics are requested.
#[derive(Default)]
pub struct GaugeValues {
    /// Pages that are open.
    pub websockets: usize,
    /// How many statements were sent to the database since the start.
    pub statements: u64,
    /// How many passwords are being hashed.
    pub hashes: usize,
    /// Whether first sign-ins find accounts and bindings by an index.
    pub lookup_tables_complete: bool,
    /// Hits and misses of each cache.
    pub cache: Vec<(&'static str, u64, u64)>,
    /// The hosts of providers with the states of their breakers: `closed`, `open` or `half_open`.
    pub breakers: Vec<(&'static str, &'static str)>,
    /// How many events of directories are in which state; empty when that could not be read.
    pub events: Vec<(event::State, u64)>,
}

/// All metrics.
pub struct Metrics {
    registry: Registry,
    /// Requests of clients.
    pub requests: Requests,
    /// Connections to NocoBase.
    pub upstream: UpstreamMetrics,
    sign_ins: IntCounterVec,
    messages: IntCounterVec,
    directory_runs: IntCounterVec,
    directory_seconds: HistogramVec,
    /// Events of directories.
    pub events: EventMetrics,
    websockets: IntGauge,
    statements: IntGauge,
    hashes: IntGauge,
    lookup_tables_complete: IntGauge,
    cache: IntGaugeVec,
    breakers: IntGaugeVec,
    process: Process,
}

impl Metrics {
    /// Metrics without any counts.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some(PREFIX.to_owned()), None)?;
        let r = &registry;
        Ok(Self {
            requests: Requests::new(r)?,
            upstream: UpstreamMetrics::new(r)?,
            sign_ins: registered(
                r,
                |opts| IntCounterVec::new(opts, &["provider", "result"]),
                "sign_ins_total",
                "Sign-ins by provider and result: OK, or the code of the refusal.",
            )?,
            messages: registered(
                r,
                |opts| IntCounterVec::new(opts, &["way", "state"]),
                "messages_total",
                "Messages to people by what became of each when it was sent.",
            )?,
            directory_runs: registered(
                r,
                |opts| IntCounterVec::new(opts, &["kind", "state"]),
                "directory_runs_total",
                "Runs and previews of directories by how they ended.",
            )?,
            directory_seconds: registered(
                r,
                |opts| {
                    HistogramVec::new(
                        HistogramOpts::from(opts).buckets(DIRECTORY_SECONDS.to_vec()),
                        &["kind"],
                    )
                },
                "directory_run_duration_seconds",
                "Time of a run or preview of a directory.",
            )?,
            events: EventMetrics::new(r)?,
            websockets: registered(r, IntGauge::with_opts, "websockets", "Open WebSockets.")?,
            statements: registered(
                r,
                IntGauge::with_opts,
                "database_statements",
                "Statements sent to the database since the start.",
            )?,
            hashes: registered(
                r,
                IntGauge::with_opts,
                "password_hashes_running",
                "Passwords that are being hashed: each takes a core and 16 MB.",
            )?,
            lookup_tables_complete: registered(
                r,
                IntGauge::with_opts,
                "lookup_tables_complete",
                "1 when first sign-ins find accounts and bindings by an index, 0 while these are copied.",
            )?,
            cache: registered(
                r,
                |opts| IntGaugeVec::new(opts, &["cache", "result"]),
                "cache_lookups",
                "Questions answered from memory (hit) and by the database (miss) since the start.",
            )?,
            breakers: registered(
                r,
                |opts| IntGaugeVec::new(opts, &["host", "state"]),
                "circuit_breaker",
                "1 for the state that calls to a host of DingTalk are in: closed, open or half_open.",
            )?,
            process: Process::new(r)?,
            registry,
        })
    }

    /// Counts calls to a provider's service, at these endpoints. It is created once for each
    /// provider.
    pub fn calls(
        &self,
        provider: &ProviderNames,
        endpoints: Endpoints,
    ) -> Result<Calls, prometheus::Error> {
        Calls::new(&self.registry, provider, endpoints)
    }

    /// Counts a sign-in. The result is `OK` or the code of a refusal.
    pub fn sign_in(&self, provider: &str, result: &str) {
        self.sign_ins.with_label_values(&[provider, result]).inc();
    }

    /// Counts a sign-in inside the provider's own client.
    pub fn in_app_sign_in(&self, provider: &str, result: &str) {
        self.sign_in(&format!("{provider}_in_app"), result);
    }

    /// A message to one person was sent, or not, in this way. One that waits is counted when it is
    /// sent, or has failed.
    pub fn message(&self, way: &str, state: message::State) {
        if !state.waits() {
            let labels = [way, &state.name()];
            self.messages.with_label_values(&labels).inc();
        }
    }

    /// Counts a run or a preview of a directory that ended in this state.
    pub fn directory_run(&self, kind: Kind, state: directory_run::State, lasted: Duration) {
        let (kind, state) = (kind.name(), state.name());
        let ended = self.directory_runs.with_label_values(&[&kind, &state]);
        ended.inc();
        let seconds = self.directory_seconds.with_label_values(&[&kind]);
        seconds.observe(lasted.as_secs_f64());
    }

    /// All metrics in Prometheus' format.
    pub fn render(&self, now: &GaugeValues) -> Result<Vec<u8>, prometheus::Error> {
        self.websockets.set(as_gauge(now.websockets as u64));
        self.statements.set(as_gauge(now.statements));
        self.hashes.set(as_gauge(now.hashes as u64));
        self.lookup_tables_complete
            .set(i64::from(now.lookup_tables_complete));
        self.events.set_queue(&now.events);
        for (cache, hits, misses) in &now.cache {
            self.cache
                .with_label_values(&[cache, "hit"])
                .set(as_gauge(*hits));
            self.cache
                .with_label_values(&[cache, "miss"])
                .set(as_gauge(*misses));
        }
        for (host, state) in &now.breakers {
            for known in ["closed", "open", "half_open"] {
                let gauge = self.breakers.with_label_values(&[host, known]);
                gauge.set(i64::from(*state == known));
            }
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        // These have the usual names for metrics of a process.
        TextEncoder::new().encode(&self.process.gather(), &mut text)?;
        Ok(text)
    }
}

fn as_gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A metric with this name, added to the registry.
fn registered<M: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    make: impl FnOnce(Opts) -> Result<M, prometheus::Error>,
    name: &str,
    help: &str,
) -> Result<M, prometheus::Error> {
    let metric = make(Opts::new(name, help))?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::provider::dingtalk::{ENDPOINTS, NAMES};

    #[test]
    fn what_was_counted_stands_in_the_text() {
        let metrics = Metrics::new().unwrap();
        metrics
            .requests
            .count(RequestKind::NocoBase, 404, Duration::from_millis(3));
        metrics
            .requests
            .count(RequestKind::NocoBase, 9999, Duration::ZERO);
        metrics.sign_in("dingtalk", "DINGTALK_NOT_MEMBER");
        metrics.upstream.failed(UpstreamFailure::Unreachable);
        let calls = metrics.calls(&NAMES, ENDPOINTS).unwrap();
        calls.begin("/topapi/v2/user/get").end("ok");
        calls.begin("/topapi/v2/user/somebody").end("ok");
        let text = metrics.render(&GaugeValues {
            websockets: 3,
            statements: 4,
            hashes: 2,
            lookup_tables_complete: true,
            cache: vec![("settings", 5, 6)],
            breakers: vec![("api", "open")],
            events: vec![(event::State::Queued, 7)],
        });
        let text = String::from_utf8(text.unwrap()).unwrap();
        for line in [
            r#"nocobase_dingtalk_requests_total{kind="nocobase",status="4xx"} 1"#,
            r#"nocobase_dingtalk_request_duration_seconds_bucket{kind="nocobase",le="0.005"} 2"#,
            r#"nocobase_dingtalk_sign_ins_total{provider="dingtalk",result="DINGTALK_NOT_MEMBER"} 1"#,
            r#"nocobase_dingtalk_upstream_errors_total{reason="unreachable"} 1"#,
            r#"nocobase_dingtalk_dingtalk_calls_total{endpoint="user/get",outcome="ok"} 1"#,
            r#"nocobase_dingtalk_dingtalk_calls_total{endpoint="other",outcome="ok"} 1"#,
            "nocobase_dingtalk_websockets 3",
            r#"nocobase_dingtalk_directory_events{state="queued"} 7"#,
            "nocobase_dingtalk_password_hashes_running 2",
            "nocobase_dingtalk_lookup_tables_complete 1",
            r#"nocobase_dingtalk_cache_lookups{cache="settings",result="miss"} 6"#,
            r#"nocobase_dingtalk_circuit_breaker{host="api",state="open"} 1"#,
            r#"nocobase_dingtalk_circuit_breaker{host="api",state="closed"} 0"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        for name in [
            "process_resident_memory_bytes ",
            "process_start_time_seconds ",
        ] {
            let value = text.lines().find_map(|line| line.strip_prefix(name));
            assert!(value.unwrap().parse::<f64>().unwrap() > 1e6, "{name}");
        }
        assert!(text.contains(concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1")));
    }
}
