//! Tests of whole runs with a database and a simulated provider.

mod absent;
mod breaks;
mod company;
mod kills;
mod quiet;
mod returns;
mod stories;
mod world;
