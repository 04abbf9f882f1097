//! What NocoBase's admin shell asks of every server, answered for one that has no pages, menus or
//! data tables of its own.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{ApiError, Call, envelope};

/// An empty list: no menu entries, templates or data sources.
pub async fn nothing(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data([Value::Null; 0]))
}

/// The one data table that the settings forms look at: accounts, with the fields that a sign-up
/// form may ask for.
pub async fn collections(_: Call) -> Result<HttpResponse, ApiError> {
    let field = |name: &str, title: &str| {
        json!({
            "name": name, "type": "string", "interface": "input",
            "uiSchema": {
                "type": "string", "title": format!("{{{{t(\"{title}\")}}}}"), "x-component": "Input",
            },
        })
    };
    let users = json!({
        "name": "users",
        "title": "{{t(\"Users\")}}",
        "fields": [
            field("nickname", "Nickname"),
            field("username", "Username"),
            field("email", "Email"),
            field("phone", "Phone"),
        ],
    });
    Ok(envelope::data([users]))
}

/// No page model is kept; the second web client makes one up.
pub async fn no_flow_model(_: Call) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::NoContent().finish())
}

/// The page model that the second web client made up is not kept.
pub async fn flow_model_saved(call: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data(call.body.get("uid").and_then(Value::as_str)))
}
