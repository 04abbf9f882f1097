//! A plugin as NocoBase 2.2.15 lists it.

use entity::application_plugin;
use serde::Serialize;
use serde_json::Value;

use crate::domain::plugin::{KnownPlugin, PackageJson};

/// A plugin together with its package's description.
pub struct DescribedPlugin {
    /// The plugin.
    pub plugin: KnownPlugin,
    /// Its `package.json`.
    pub package: PackageJson,
}

/// A card in the plugin manager.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the flags are those of NocoBase's JSON"
)]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a> {
    package_name: &'a str,
    name: &'a str,
    version: &'a str,
    enabled: bool,
    installed: bool,
    built_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    keywords: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<String>,
    package_json: &'a PackageJson,
    /// This is always false, because plugins cannot be removed here.
    removable: bool,
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    is_compatible: bool,
    deps_compatible: [Value; 0],
}

/// The short form of a card.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary<'a> {
    display_name: &'a str,
    package_name: &'a str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
}

impl<'a> Item<'a> {
    /// The card of a plugin in this state and language.
    pub fn new(
        described: &'a DescribedPlugin,
        rows: &[application_plugin::Model],
        language: &str,
    ) -> Self {
        let plugin = &described.plugin;
        let row = rows
            .iter()
            .find(|row| row.name.as_deref() == Some(plugin.name));
        let enabled = row.is_some_and(|row| row.enabled == Some(true));
        let installed = row.is_some_and(|row| row.installed == Some(true));
        Self {
            installed,
            ..Self::installed(described, enabled, language)
        }
    }

    /// The card of a plugin that is installed.
    pub fn installed(described: &'a DescribedPlugin, enabled: bool, language: &str) -> Self {
        let DescribedPlugin { plugin, package } = described;
        Self {
            package_name: plugin.package_name,
            name: plugin.name,
            version: plugin.version,
            enabled,
            installed: true,
            built_in: plugin.built_in,
            keywords: package.get("keywords"),
            homepage: homepage(described, language),
            package_json: package,
            removable: false,
            display_name: package
                .text("displayName", language)
                .unwrap_or(plugin.package_name),
            description: package.text("description", language),
            is_compatible: true,
            deps_compatible: [],
        }
    }

    /// The card under the name by which the request asked for it, as NocoBase answers.
    #[must_use]
    pub fn named(self, name: &'a str) -> Self {
        Self { name, ..self }
    }
}

impl<'a> From<Item<'a>> for Summary<'a> {
    fn from(item: Item<'a>) -> Self {
        Self {
            display_name: item.display_name,
            package_name: item.package_name,
            enabled: item.enabled,
            description: item.description,
        }
    }
}

/// The address of a plugin's documentation. NocoBase's server replaces what its own packages say by
/// its current manual.
fn homepage(described: &DescribedPlugin, language: &str) -> Option<String> {
    let DescribedPlugin { plugin, package } = described;
    if !plugin.built_in {
        return package.text("homepage", language).map(str::to_owned);
    }
    let manual = if language == "zh-CN" { "cn/" } else { "" };
    Some(format!(
        "https://docs.nocobase.com/{manual}plugins/{}",
        plugin.package_name
    ))
}
