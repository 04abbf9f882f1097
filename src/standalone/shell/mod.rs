//! What NocoBase's admin shell asks of every server, answered for one that has no pages, menus or
//! data tables of its own.

mod collections;
mod forms;

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::edge::{ApiError, Call, envelope};

/// An empty list: no menu entries, templates or data sources.
pub async fn nothing(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data([Value::Null; 0]))
}

/// No page model is kept; the second web client makes one up.
pub async fn no_flow_model(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::NoContent().finish())
}

/// The page model that the second web client made up is not kept.
pub async fn flow_model_saved(call: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data(call.body.get("uid").and_then(Value::as_str)))
}

/// `collections:listMeta`: the data tables that pages of this server show.
pub async fn collections(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data([collections::users(), collections::roles()]))
}

/// `uiSchemas:getJsonSchema`: a form of the first generation of the web client, which asks for it
/// by its key; empty where there is none.
pub async fn ui_schema(call: Call) -> Result<HttpResponse, ApiError> {
    let keys = call.keys();
    let form = keys.first().and_then(|key| forms::of(key));
    Ok(envelope::data(form.unwrap_or_else(|| json!({}))))
}
