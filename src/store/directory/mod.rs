//! The directory: sources, what the provider said, runs and what they found, events, and connections for events.

mod events;
mod mirror;
mod runs;
mod sources;
mod streams;

pub use events::NewEvent;
pub use mirror::AccountOfPage;
pub use runs::{NewFinding, NewRun};
pub use sources::SourceValues;
pub use streams::StreamState;
