//! `pm:*`: the part of NocoBase's plugin manager that the gateway and the standalone server share,
//! which is this product's own plugin.

mod item;
mod keys;
mod module;
mod switch;
mod this_plugin;

pub use item::{DescribedPlugin, Item, Summary};
pub use keys::Keys;
pub use module::{EnabledPlugin, entry};
pub use switch::{Who, perform, waits};
pub use this_plugin::ThisPlugin;
