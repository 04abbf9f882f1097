//! Metrics of the process, under their usual names.

use prometheus::proto::MetricFamily;
use prometheus::{Error, IntGauge, IntGaugeVec, Opts, Registry};

use super::{as_gauge, registered};
use crate::clock::Clock;

/// Memory and age of the process.
pub struct Process {
    registry: Registry,
    memory: IntGauge,
}

impl Process {
    pub(super) fn new(product: &Registry) -> Result<Self, Error> {
        let registry = Registry::new();
        let memory = registered(
            &registry,
            IntGauge::with_opts,
            "process_resident_memory_bytes",
            "Resident memory size in bytes.",
        )?;
        let started = registered(
            &registry,
            IntGauge::with_opts,
            "process_start_time_seconds",
            "Start time of the process since unix epoch in seconds.",
        )?;
        started.set(Clock::system().now().timestamp());
        let build = registered(
            product,
            |opts: Opts| IntGaugeVec::new(opts, &["version"]),
            "build_info",
            "Which release this is; always 1.",
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(Self { registry, memory })
    }

    /// The current values.
    pub(super) fn gather(&self) -> Vec<MetricFamily> {
        // Without /proc, the memory is unknown.
        if let Some(memory) = resident() {
            self.memory.set(as_gauge(memory));
        }
        self.registry.gather()
    }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
