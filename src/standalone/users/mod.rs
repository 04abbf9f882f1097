//! `users:*`: accounts, the caller's own and those of others.

mod edit;
mod list;
mod profile;
mod roles;

pub use edit::{create, destroy, update};
pub use list::{get, list};
pub use profile::{
    get_system_settings, set_default_role, update_lang, update_profile, update_system_settings,
};
pub use roles::{add_roles, get_role, list_roles, remove_roles, set_roles};
