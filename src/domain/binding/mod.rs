//! Bindings: which account belongs to which person at an authenticator. Whoever is bound to an account
//! can sign in to it.
//!
//! How a person's binding is found, made, kept up to date and removed is said here, once for
//! everybody: a sign-in, people who bind themselves ([`self_service`]), administrators who bind others
//! ([`by_hand`]), and the directory. Each of them only has its own guards, and calls [`attach()`] or
//! [`attach_new`], and [`detach`], in its transaction.

mod attach;
pub mod by_hand;
mod person;
#[cfg(feature = "standalone")]
pub mod records;
mod renewal;
pub mod self_service;

pub use attach::{
    BindingConflict, OpenSessions, WantedBinding, attach, attach_new, create, detach,
};
pub use person::{Bound, UnclearBinding, find, find_among, is_current, of_person};
pub use renewal::renew_found;
