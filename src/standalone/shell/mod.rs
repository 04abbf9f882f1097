//! Answers for the requests that NocoBase's admin shell sends to every server. This server has no
//! pages, menus or data tables of its own.

mod collections;
mod forms;

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::edge::{ApiError, Call, envelope};

/// An empty list, for menu entries, templates and data sources.
pub async fn nothing(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data([Value::Null; 0]))
}

/// No page model is stored, so the second generation of the web client makes up its own.
pub async fn no_flow_model(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::NoContent().finish())
}

/// Accepts the page model that the client made up, and does not store it.
pub async fn flow_model_saved(call: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data(call.body.get("uid").and_then(Value::as_str)))
}

/// `collections:listMeta`: the data tables that pages of this server show.
pub async fn collections(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data([collections::users(), collections::roles()]))
}

/// `uiSchemas:getJsonSchema`: the form with this key, for the first generation of the web client;
/// empty when there is none.
pub async fn ui_schema(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = call.keys();
    let form = keys.first().and_then(|key| forms::of(key));
    Ok(envelope::data(form.unwrap_or_else(|| json!({}))))
}
