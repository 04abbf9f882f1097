//! Plans against a small world of accounts and departments, which does what a plan says.

mod doubtful;
mod fields;
mod gone;
mod lina;
mod model;
mod random;
mod stories;
