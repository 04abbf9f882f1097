//! Whole runs on a database, with a company in the place of a provider.

mod company;
mod kills;
mod stories;
