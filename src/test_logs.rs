//! What unit tests log.

use std::sync::{Mutex, PoisonError};

use log::{LevelFilter, Log, Metadata, Record};

/// Keeps every line. Tests of one process share them, so each of them looks for words that no other logs.
struct Collector(Mutex<Vec<String>>);

static COLLECTOR: Collector = Collector(Mutex::new(Vec::new()));

impl Log for Collector {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}", record.level(), record.args());
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }

    fn flush(&self) {}
}

/// Begins to keep lines. A test calls it before anything that it wants to look at.
pub(crate) fn collect() {
    if log::set_logger(&COLLECTOR).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}

/// The lines so far that have these words, each with its level.
pub(crate) fn lines_with(words: &str) -> Vec<String> {
    let lines = COLLECTOR.0.lock().unwrap_or_else(PoisonError::into_inner);
    let found = lines.iter().filter(|line| line.contains(words));
    found.cloned().collect()
}
