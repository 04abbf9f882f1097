//! Bindings: which account belongs to which person at an authenticator. Whoever is bound to an account
//! can sign in to it.
//!
//! How a person's binding is found, made and kept up to date is said here, once for everybody: a
//! sign-in, people who bind themselves ([`own`]), administrators who bind others ([`by_hand`]), and
//! the directory. Each of them only has its own guards.

pub mod by_hand;
pub mod own;
mod person;
#[cfg(feature = "standalone")]
pub mod records;

pub use person::{Bound, UnclearBinding, create, find, find_among, is_current, of_person, renew};
