//! `pm:*`: NocoBase's plugin manager.

mod switch;

pub use switch::{disable, enable};

use std::sync::Arc;

use actix_web::HttpResponse;

use super::parts::Parts;
use crate::api::plugins::{Item, Keys, Summary, entry};
use crate::edge::browser_half::{Generation, SHELL_PACKAGE};
use crate::edge::error::PluginRefusal;
use crate::edge::{ApiError, Call, envelope};

/// The name by which pages know the shell module.
const SHELL: &str = "shell";

/// `pm:list`: the cards of the plugin manager. The second generation of the web client asks for
/// them without NocoBase's internal plugins (`v2`), of which there are none here.
pub async fn list(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    let rows = call.app.store.plugins().await?;
    let language = call.language();
    let items = parts.web.plugins().iter();
    let items = items.map(|described| Item::new(described, &rows, language));
    if call.query.get("mode") == Some("summary") {
        return Ok(envelope::data(items.map(Summary::from).collect::<Vec<_>>()));
    }
    Ok(envelope::data(items.collect::<Vec<_>>()))
}

/// `pm:get`: one card, by short name or package name.
pub async fn get(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    let keys = Keys::of(&call.address, &call.query).ok_or(PluginRefusal::InvalidName)?;
    let names = keys.names()?;
    let name = names.first().ok_or(PluginRefusal::InvalidName)?;
    let mut plugins = parts.web.plugins().iter();
    let described = plugins
        .find(|known| [known.plugin.name, known.plugin.package_name].contains(&name.as_str()))
        .ok_or(PluginRefusal::Unknown)?;
    let rows = call.app.store.plugins().await?;
    let item = Item::new(described, &rows, call.language());
    Ok(envelope::data(item.named(name)))
}

/// `pm:add`, `pm:update`, `pm:remove`: refused, because the plugins are compiled in.
pub async fn refuse(_: Call) -> Result<HttpResponse, ApiError> {
    Err(PluginRefusal::Fixed.into())
}

/// `pm:listEnabled`: the modules for the first generation of the web client.
pub async fn list_enabled(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    enabled(&call, &parts, Generation::V1).await
}

/// `pm:listEnabledV2`: the modules for the second generation.
pub async fn list_enabled_v2(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    enabled(&call, &parts, Generation::V2).await
}

/// The enabled plugins and the shell module, which adapts pages to this server. Only plugins whose
/// file exists are listed, because a missing file breaks the whole page.
async fn enabled(
    call: &Call,
    parts: &Parts,
    generation: Generation,
) -> Result<HttpResponse, ApiError> {
    let settings = call.app.store.settings().await?;
    let web = &parts.web;
    let answers = &parts.answers;
    let answer = match generation {
        Generation::V1 => &answers.list_enabled,
        Generation::V2 => &answers.list_enabled_v2,
    };
    let answer = answer.of(&settings, |settings| {
        let names = settings.plugins.iter();
        let names =
            names.filter_map(|row| Some((row.name.as_deref()?, row.package_name.as_deref()?)));
        // The shell module comes last, because it hides what other modules add.
        let listed = names.chain([(SHELL, SHELL_PACKAGE)]);
        let listed =
            listed.filter_map(|(name, package)| entry(web.modules(), name, package, generation));
        envelope::rendered(listed.collect::<Vec<_>>())
    });
    answer.response()
}
