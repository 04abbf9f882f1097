//! Descriptions in packages, for the plugin manager.

use std::fs;
use std::path::Path;

use crate::api::plugins::DescribedPlugin;
use crate::domain::plugin::{self, KnownPlugin, PackageJson};

/// Reads the packages of all plugins once, because they change only with the program. For a package
/// that is not in the folder, only name and version are known.
pub fn describe(ui: &Path) -> Vec<DescribedPlugin> {
    let describe = |plugin: KnownPlugin| DescribedPlugin {
        package: if plugin.built_in {
            let text = fs::read(ui.join(plugin.package_name).join("package.json"));
            text.ok()
                .and_then(|text| PackageJson::parse(&text))
                .unwrap_or_else(|| PackageJson::bare(plugin.package_name, plugin.version))
        } else {
            plugin::this_plugin_package()
        },
        plugin,
    };
    plugin::known().map(describe).collect()
}
