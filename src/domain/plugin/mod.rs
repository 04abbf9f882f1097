//! The plugins that this server knows: this product's own, and those of NocoBase that its web
//! client needs.

mod package;

pub use package::PackageJson;

use std::sync::LazyLock;

use entity::application_plugin;
use serde::Deserialize;

use crate::store::{Owner, Store, StoreError};

/// The NocoBase release whose web client and API this server implements.
pub const NOCOBASE_VERSION: &str = "2.2.15";

/// A plugin of NocoBase whose browser half this server serves.
#[derive(Clone, Copy, Debug)]
pub struct Official {
    /// The short name.
    pub name: &'static str,
    /// The npm package.
    pub package_name: &'static str,
}

/// NocoBase's plugins that the sign-in page and the admin shell need. `users` needs `acl`.
pub const OFFICIAL: [Official; 4] = [
    Official {
        name: "auth",
        package_name: "@nocobase/plugin-auth",
    },
    Official {
        name: "acl",
        package_name: "@nocobase/plugin-acl",
    },
    Official {
        name: "users",
        package_name: "@nocobase/plugin-users",
    },
    Official {
        name: "client",
        package_name: "@nocobase/plugin-client",
    },
];

/// The contents of `plugin.json`, about this product's plugin.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The npm package.
    pub name: String,
    /// The short name.
    pub alias: String,
    /// The authenticator type.
    pub auth_type: String,
    /// The version.
    pub version: String,
}

/// A plugin that this server knows.
#[derive(Clone, Copy, Debug)]
pub struct KnownPlugin {
    /// The short name.
    pub name: &'static str,
    /// The npm package.
    pub package_name: &'static str,
    /// The version.
    pub version: &'static str,
    /// Whether it is one of NocoBase's, which cannot be enabled or disabled.
    pub built_in: bool,
}

/// All plugins: NocoBase's, then this product's own.
pub fn known() -> impl Iterator<Item = KnownPlugin> {
    let official = OFFICIAL.into_iter().map(|official| KnownPlugin {
        name: official.name,
        package_name: official.package_name,
        version: NOCOBASE_VERSION,
        built_in: true,
    });
    official.chain([this_plugin()])
}

/// This product's plugin.
pub fn this_plugin() -> KnownPlugin {
    let manifest = manifest();
    KnownPlugin {
        name: &manifest.alias,
        package_name: &manifest.name,
        version: &manifest.version,
        built_in: false,
    }
}

/// The plugin with this short name or package name.
pub fn find(name: &str) -> Option<KnownPlugin> {
    known().find(|plugin| plugin.name == name || plugin.package_name == name)
}

/// Whether this product's plugin is one of the enabled ones. Without it, nobody can sign in through
/// DingTalk.
pub fn this_plugin_is_among(enabled: &[application_plugin::Model]) -> bool {
    let alias = manifest().alias.as_str();
    enabled.iter().any(|row| row.name.as_deref() == Some(alias))
}

/// Whether this product's plugin is enabled. Gateway and standalone server store that in different
/// tables.
pub async fn this_plugin_is_enabled(store: &Store) -> Result<bool, StoreError> {
    if store.owner() == Owner::NocoBase {
        return store.is_switched_on(&manifest().alias).await;
    }
    Ok(this_plugin_is_among(&store.settings().await?.plugins))
}

/// The `plugin.json` of this product's plugin, as clients see it.
pub fn this_plugin_package() -> PackageJson {
    let manifest = manifest();
    PackageJson::parse(MANIFEST_TEXT.as_bytes())
        .unwrap_or_else(|| PackageJson::bare(&manifest.name, &manifest.version))
}

const MANIFEST_TEXT: &str = include_str!("../../../plugin.json");

/// The contents of `plugin.json`.
pub fn manifest() -> &'static Manifest {
    static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "compiled in, and read by a test")]
        serde_json::from_str(MANIFEST_TEXT).expect("plugin.json is valid")
    });
    &MANIFEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_installation::TestInstallation;

    #[test]
    fn the_manifest_is_the_one_of_this_build() {
        assert_eq!(manifest().version, env!("CARGO_PKG_VERSION"));
        assert_eq!(manifest().alias, "auth-dingtalk");
    }

    #[tokio::test]
    async fn this_plugin_is_enabled_while_its_own_row_says_so() {
        let installation = TestInstallation::new().await;
        let store = &installation.store;
        assert!(this_plugin_is_enabled(store).await.unwrap());
        let alias = manifest().alias.as_str();
        // All others stay enabled.
        assert!(store.set_plugin_enabled(alias, false).await.unwrap());
        assert!(!this_plugin_is_enabled(store).await.unwrap());
        assert!(store.set_plugin_enabled(alias, true).await.unwrap());
        assert!(this_plugin_is_enabled(store).await.unwrap());
        assert!(!this_plugin_is_among(&[]));
    }
}
