//! The plugins that this server knows: its own, and those of NocoBase that its web client needs.

use std::sync::LazyLock;

use serde::Deserialize;

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

/// Our own plugin.
pub fn manifest() -> &'static Manifest {
    static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "compiled in, and read by a test")]
        serde_json::from_str(include_str!("../../plugin.json")).expect("plugin.json is valid")
    });
    &MANIFEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_the_one_of_this_build() {
        assert_eq!(manifest().version, env!("CARGO_PKG_VERSION"));
        assert_eq!(manifest().auth_type, "dingtalk");
        assert_eq!(manifest().alias, "auth-dingtalk");
    }
}
