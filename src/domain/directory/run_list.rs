//! A list of runs that somebody else keeps.

use std::time::Duration;

use async_trait::async_trait;

use super::plan::Counts;
use super::source::Source;

/// A list of runs beside our own, such as the tasks of a NocoBase. What goes wrong with it is logged by
/// whoever keeps it, and hinders no run.
#[async_trait]
pub trait RunList: Send + Sync {
    /// A run of the source begins. Gives what the list calls it; nothing when the source is not in it.
    async fn begun(&self, source: &Source) -> Option<i64>;

    /// The run that the list calls so has ended.
    async fn ended(&self, source: &Source, entry: i64, ended: &Ended);
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// `succeeded`, `failed`, `cancelled` or `stopped`.
    pub state: String,
    /// What it did, or would have done.
    pub counts: Counts,
    /// Why it failed.
    pub message: Option<String>,
    /// How long it took.
    pub lasted: Duration,
}
