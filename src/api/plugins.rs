//! `pm:*` — NocoBase's plugin manager.

use actix_web::HttpResponse;
use serde::Serialize;

use super::{ApiError, Call, envelope};
use crate::web::Generation;

/// A plugin whose browser half is to be loaded.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnabledPlugin {
    name: String,
    package_name: String,
    options: (),
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_v2_url: Option<String>,
}

/// `pm:listEnabled`: for the first generation of the web client.
pub async fn list_enabled(call: Call) -> Result<HttpResponse, ApiError> {
    enabled(&call, Generation::V1).await
}

/// `pm:listEnabledV2`: for the second.
pub async fn list_enabled_v2(call: Call) -> Result<HttpResponse, ApiError> {
    enabled(&call, Generation::V2).await
}

/// A plugin that is listed and whose file is missing breaks the whole page, so only those are
/// listed whose file is here.
async fn enabled(call: &Call, generation: Generation) -> Result<HttpResponse, ApiError> {
    let rows = call.app.store.enabled_plugins().await?;
    let web = &call.app.web;
    let listed = rows.into_iter().filter_map(|row| {
        let (name, package_name) = (row.name?, row.package_name?);
        let url = web.module_url(&package_name, generation)?;
        let client_v2_url = match generation {
            Generation::V1 => web.module_url(&package_name, Generation::V2),
            Generation::V2 => None,
        };
        Some(EnabledPlugin {
            name,
            package_name,
            options: (),
            url,
            client_v2_url,
        })
    });
    Ok(envelope::data(listed.collect::<Vec<_>>()))
}
