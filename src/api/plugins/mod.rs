//! `pm:*` — what both kinds of server need of NocoBase's plugin manager: our own plugin is in it.

mod item;
mod keys;
mod module;
mod own;
mod switch;

pub use item::{DescribedPlugin, Item, Summary};
pub use keys::Keys;
pub use module::{EnabledPlugin, entry};
pub use own::OwnPlugin;
pub use switch::{Who, perform, waits};
