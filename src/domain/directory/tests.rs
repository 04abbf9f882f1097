//! Tests of whole runs with a database and a simulated provider.

mod company;
mod kills;
mod quiet;
mod stories;
