//! Entries of plugins in the lists from which pages load modules.

use serde::Serialize;

use crate::edge::browser_half::{Generation, Modules};

/// A plugin with a module that pages load.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnabledPlugin<'a> {
    name: &'a str,
    package_name: &'a str,
    options: (),
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_v2_url: Option<String>,
}

/// The entry of a plugin for pages of this generation, if it has a module for them.
pub fn entry<'a>(
    modules: &Modules,
    name: &'a str,
    package_name: &'a str,
    generation: Generation,
) -> Option<EnabledPlugin<'a>> {
    let url = modules.url(package_name, generation)?;
    let client_v2_url = match generation {
        Generation::V1 => modules.url(package_name, Generation::V2),
        Generation::V2 => None,
    };
    Some(EnabledPlugin {
        name,
        package_name,
        options: (),
        url,
        client_v2_url,
    })
}
