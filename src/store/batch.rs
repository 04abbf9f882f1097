//! How much one statement writes.

/// The number of rows that one statement writes, at most. SQLite's connections keep the statements
/// that they have run, each with a place for every value: half a megabyte for 500 rows of some
/// columns, in each connection, until the server stops.
pub(super) const ROWS: usize = 100;
