//! `app:getLang`: our texts among those of NocoBase.

use actix_web::web;
use serde_json::Value;

use super::{Outcome, change};
use crate::domain::plugin;
use crate::gateway::Edge;
use crate::locale::Locale;

/// `app:getLang`, in the language that NocoBase chose.
pub async fn texts(edge: &Edge<'_>, payload: web::Payload) -> Outcome {
    let enabled = plugin::own_is_enabled(&edge.app.store).await?;
    let only = edge.query.words("ns");
    let own = plugin::manifest();
    let wanted = |name: &str| enabled && (only.is_empty() || only.contains(&name));
    change(edge, payload, |data| {
        let language = data.get("lang").and_then(Value::as_str).unwrap_or_default();
        let texts = Locale::of(language).texts();
        let Some(resources) = data.get_mut("resources").and_then(Value::as_object_mut) else {
            return;
        };
        for name in [&own.name, &own.alias] {
            if wanted(name) {
                resources.insert(name.clone(), texts.clone());
            }
        }
    })
    .await
}
