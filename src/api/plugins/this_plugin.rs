//! The entries of this product's plugin in lists of plugins that NocoBase makes.

use serde_json::Value;

use super::item::{DescribedPlugin, Item, Summary};
use super::module::entry;
use crate::config::Http;
use crate::domain::plugin;
use crate::edge::browser_half::{Generation, Modules};

/// This product's plugin; NocoBase has all others.
pub struct ThisPlugin {
    described: DescribedPlugin,
    modules: Modules,
}

impl ThisPlugin {
    /// The plugin, with addresses under which browsers reach this server.
    pub fn new(http: &Http) -> Self {
        Self {
            described: DescribedPlugin {
                plugin: plugin::this_plugin(),
                package: plugin::this_plugin_package(),
            },
            modules: Modules::new(http, |_| false),
        }
    }

    /// Its card in the plugin manager, or the short form of it.
    pub fn card(&self, enabled: bool, language: &str, short: bool) -> Option<Value> {
        let item = Item::installed(&self.described, enabled, language);
        if short {
            serde_json::to_value(Summary::from(item)).ok()
        } else {
            serde_json::to_value(item).ok()
        }
    }

    /// Its entry in the list of modules for pages of this generation.
    pub fn module(&self, generation: Generation) -> Option<Value> {
        let plugin = &self.described.plugin;
        let entry = entry(&self.modules, plugin.name, plugin.package_name, generation)?;
        serde_json::to_value(entry).ok()
    }
}
