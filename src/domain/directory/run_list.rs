//! A list of runs that another system shows.

use std::time::Duration;

use async_trait::async_trait;
use entity::directory_run::State;

use super::plan::Counts;
use super::source::Source;

/// A list of runs in another system, such as the tasks of a NocoBase. The implementation logs its
/// failures; they do not affect the run.
#[async_trait]
pub trait RunList: Send + Sync {
    /// Adds a run of the source that has begun. Returns the id of its entry, or none when the list
    /// does not show this source.
    async fn begun(&self, source: &Source) -> Option<i64>;

    /// Records in the entry how its run ended.
    async fn ended(&self, source: &Source, entry: i64, ended: &Ended);
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub state: State,
    /// What was done, or would have been done.
    pub counts: Counts,
    /// Why the run failed.
    pub message: Option<String>,
    /// How long the run took.
    pub lasted: Duration,
}
