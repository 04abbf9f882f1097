//! `dingtalkDirectory:optionsSchema`: the JSON Schema from which the form of a source is drawn.

use actix_web::HttpResponse;
use entity::authenticator;
use serde_json::{Value, json};

use super::sources::with_directory;
use super::suggestions::suggest;
use crate::domain::directory;
use crate::edge::{ApiError, Call, envelope};

/// The schema of the options, with the choice of an authenticator as its first property. The parameter `authenticator`
/// names the one that the form is for. Without it, the form has the callback addresses of all that can be chosen.
pub async fn options_schema(call: Call) -> Result<HttpResponse, ApiError> {
    let mut schema = directory::form().clone();
    let choice = |row: authenticator::Model| {
        let title = row.title.filter(|title| !title.contains("{{"));
        json!({"const": row.name, "title": title.unwrap_or_else(|| row.name.clone())})
    };
    let rows = with_directory(&call).await?;
    let asked = call.query.get("authenticator");
    let callbacks = rows.iter().filter_map(|row| {
        let provider = call.app.providers.of_type(&row.auth_type)?;
        let name = row.name.as_str();
        let choice = match asked {
            None => name,
            Some(asked) if asked == name => "",
            Some(_) => return None,
        };
        Some((choice, name, provider.names().resource))
    });
    suggest(&call, &mut schema, &callbacks.collect::<Vec<_>>())?;
    let choices: Vec<_> = rows.into_iter().map(choice).collect();
    let field = json!({
        "type": "string",
        "title": "Authenticator",
        "description": "Whose organization is copied.",
        "oneOf": choices,
        "x-widget": "select",
    });
    if let Some(options) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        // A server without a NocoBase has neither departments nor added columns.
        if !call.app.config.gateway.is_on() {
            options.retain(|key, _| key != "columns" && !key.starts_with("follow"));
        }
        options.shift_insert(0, "authenticator".to_owned(), field);
    }
    if let Some(form) = schema.as_object_mut() {
        form.insert("required".to_owned(), json!(["authenticator"]));
    }
    Ok(envelope::data(schema))
}
