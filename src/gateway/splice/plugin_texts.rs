//! The action `app:getLang`: adds this plugin's texts to those of NocoBase.

use serde_json::Value;

use super::{Shows, SpliceResult, SplicedRequest};
use crate::domain::plugin;
use crate::edge::error::page_texts;
use crate::locale::Locale;

/// Adds the texts in the language that NocoBase chose.
pub async fn add(asked: SplicedRequest<'_>) -> SpliceResult {
    let exchange = asked.exchange;
    let enabled = exchange.tables().plugin_is_on();
    let only = exchange.query.words("ns");
    let manifest = plugin::manifest();
    let wanted = |name: &str| enabled && (only.is_empty() || only.contains(&name));
    let change = |data: &mut Value| {
        let language = data.get("lang").and_then(Value::as_str).unwrap_or_default();
        let texts = page_texts(Locale::of(language), &exchange.app.providers);
        let Some(resources) = data.get_mut("resources").and_then(Value::as_object_mut) else {
            return;
        };
        for name in [&manifest.name, &manifest.alias] {
            if wanted(name) {
                resources.insert(name.clone(), texts.clone());
            }
        }
    };
    asked.change(Shows::NoSecrets, change).await
}
