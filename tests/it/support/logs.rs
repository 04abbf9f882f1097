//! Everything that the servers of this process have logged.

use std::fmt::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

#[derive(Default)]
struct Collector(Mutex<String>);

impl Log for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = writeln!(
            text,
            "{} {} {}",
            record.level(),
            record.target(),
            record.args()
        );
    }

    fn flush(&self) {}
}

static COLLECTOR: OnceLock<Collector> = OnceLock::new();

/// Starts to collect, once. Everything down to `debug` is kept: what an operator may switch on
/// counts.
pub fn collect() {
    let collector = COLLECTOR.get_or_init(Collector::default);
    if log::set_logger(collector).is_ok() {
        log::set_max_level(LevelFilter::Debug);
    }
}

/// Collects even what only somebody who hunts an error would switch on, of every crate.
pub fn collect_all() {
    log::set_max_level(LevelFilter::Trace);
}

/// The lines so far.
pub fn logs() -> String {
    let collector = COLLECTOR.get_or_init(Collector::default);
    collector
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}
