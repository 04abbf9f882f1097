//! Our own plugin as it stands in lists of plugins that somebody else makes.

use serde_json::Value;

use super::item::{Item, Summary};
use super::{EnabledPlugin, entry};
use crate::app::App;
use crate::web::Generation;

/// Our card of the plugin manager, or its short form.
pub(crate) fn own_card(app: &App, enabled: bool, language: &str, short: bool) -> Option<Value> {
    let described = app
        .web
        .plugins()
        .iter()
        .find(|known| !known.plugin.built_in)?;
    let item = Item::installed(described, enabled, language);
    if short {
        serde_json::to_value(Summary::from(item)).ok()
    } else {
        serde_json::to_value(item).ok()
    }
}

/// Our entry among the plugins that pages of this generation load.
pub(crate) fn own_module(app: &App, generation: Generation) -> Option<Value> {
    let own = &app
        .web
        .plugins()
        .iter()
        .find(|known| !known.plugin.built_in)?
        .plugin;
    let entry: EnabledPlugin = entry(&app.web, own.name, own.package_name, generation)?;
    serde_json::to_value(entry).ok()
}
