//! Plans against a small world of accounts and departments, which does what a plan says.

mod model;
mod random;
mod stories;
