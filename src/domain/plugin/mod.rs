//! The plugins that this server knows: its own, and those of NocoBase that its web client needs.

mod package;

pub use package::PackageJson;

use std::sync::LazyLock;

use entity::application_plugin;
use serde::Deserialize;

use crate::store::{Owner, Store, StoreError};

/// The NocoBase release whose web client and contract this server answers to.
pub const NOCOBASE_VERSION: &str = "2.2.15";

/// A plugin of NocoBase whose browser half is served.
#[derive(Clone, Copy, Debug)]
pub struct Official {
    /// Short name.
    pub name: &'static str,
    /// npm package.
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

/// What `plugin.json` says about our own plugin.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// npm package.
    pub name: String,
    /// Short name.
    pub alias: String,
    /// Authenticator type.
    pub auth_type: String,
    /// Version.
    pub version: String,
}

/// A plugin that this server knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Short name.
    pub name: &'static str,
    /// npm package.
    pub package_name: &'static str,
    /// Version.
    pub version: &'static str,
    /// Whether it is one of NocoBase's, which cannot be switched.
    pub built_in: bool,
}

/// All plugins: NocoBase's, then our own.
pub fn known() -> impl Iterator<Item = Known> {
    let official = OFFICIAL.into_iter().map(|official| Known {
        name: official.name,
        package_name: official.package_name,
        version: NOCOBASE_VERSION,
        built_in: true,
    });
    official.chain([own()])
}

/// Our own plugin, as one of them.
pub fn own() -> Known {
    let own = manifest();
    Known {
        name: &own.alias,
        package_name: &own.name,
        version: &own.version,
        built_in: false,
    }
}

/// The plugin of this short name or package.
pub fn find(name: &str) -> Option<Known> {
    known().find(|plugin| plugin.name == name || plugin.package_name == name)
}

/// Whether our own plugin is among those that are switched on: without it nobody signs in through
/// DingTalk.
pub fn own_is_among(enabled: &[application_plugin::Model]) -> bool {
    let own = manifest().alias.as_str();
    enabled.iter().any(|row| row.name.as_deref() == Some(own))
}

/// Whether our own plugin is switched on, by whichever table says so.
pub async fn own_is_enabled(store: &Store) -> Result<bool, StoreError> {
    if store.owner() == Owner::NocoBase {
        return store.is_switched_on(&manifest().alias).await;
    }
    Ok(own_is_among(&store.settings().await?.plugins))
}

/// Our own plugin's `plugin.json`, as clients see it.
pub fn own_package() -> PackageJson {
    let own = manifest();
    PackageJson::parse(MANIFEST_TEXT.as_bytes())
        .unwrap_or_else(|| PackageJson::bare(&own.name, &own.version))
}

const MANIFEST_TEXT: &str = include_str!("../../../plugin.json");

/// Our own plugin.
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

    #[test]
    fn the_manifest_is_the_one_of_this_build() {
        assert_eq!(manifest().version, env!("CARGO_PKG_VERSION"));
        assert_eq!(manifest().alias, "auth-dingtalk");
    }
}
