//! The tables of the directory: sources, departments and people as the provider described them, runs and their findings,
//! events, and connections for events.

mod departments_and_members;
mod events;
mod runs;
mod sources;
mod streams;

pub use departments_and_members::AccountOfPage;
pub use events::NewEvent;
pub use runs::{NewReportRow, NewRun};
pub use sources::SourceValues;
pub use streams::StreamState;
