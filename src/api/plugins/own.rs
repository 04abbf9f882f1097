//! Our own plugin as it stands in lists of plugins that somebody else makes.

use serde_json::Value;

use super::item::{DescribedPlugin, Item, Summary};
use super::module::entry;
use crate::config::Http;
use crate::domain::plugin;
use crate::edge::browser_half::{Generation, Modules};

/// Our own plugin, where NocoBase has all others.
pub struct OwnPlugin {
    described: DescribedPlugin,
    modules: Modules,
}

impl OwnPlugin {
    /// As this server is reached.
    pub fn new(http: &Http) -> Self {
        Self {
            described: DescribedPlugin {
                plugin: plugin::own(),
                package: plugin::own_package(),
            },
            modules: Modules::new(http, |_| false),
        }
    }

    /// Its card of the plugin manager, or its short form.
    pub fn card(&self, enabled: bool, language: &str, short: bool) -> Option<Value> {
        let item = Item::installed(&self.described, enabled, language);
        if short {
            serde_json::to_value(Summary::from(item)).ok()
        } else {
            serde_json::to_value(item).ok()
        }
    }

    /// Its entry among the plugins that pages of this generation load.
    pub fn module(&self, generation: Generation) -> Option<Value> {
        let own = &self.described.plugin;
        let entry = entry(&self.modules, own.name, own.package_name, generation)?;
        serde_json::to_value(entry).ok()
    }
}
