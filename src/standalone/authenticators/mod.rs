//! `authenticators:*`: the configured ways to sign in.

mod edit;
mod list;
mod public;
mod shape;

pub use edit::{author, create, destroy, move_to, update};
pub use list::{get, list, remove_users, users};
pub use public::{list_types, public_list};
