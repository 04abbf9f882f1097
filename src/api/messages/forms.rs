//! The forms of channels of this product's type, and of their messages, as data.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::domain::forwarding::{channel_form, message_form};
use crate::edge::{ApiError, Call, envelope};

/// `dingtalkMessages:optionsSchema`: the JSON Schema of a channel's options, with the authenticators that can send.
pub async fn options_schema(call: Call) -> Result<HttpResponse, ApiError> {
    let mut schema = channel_form().clone();
    let rows = call.app.store.authenticators().await?.into_iter();
    let choices = rows.filter_map(|row| {
        let provider = call.app.providers.of_type(&row.auth_type)?;
        let title = row.title.filter(|title| !title.contains("{{"));
        let title = title.unwrap_or_else(|| row.name.clone());
        let choice = json!({"const": row.name, "title": title});
        provider.carries_messages().then_some(choice)
    });
    let choices: Vec<_> = choices.collect();
    let field = schema.pointer_mut("/properties/authenticator");
    if let Some(field) = field.and_then(Value::as_object_mut) {
        field.insert("oneOf".to_owned(), json!(choices));
        field.insert("x-widget".to_owned(), json!("select"));
    }
    Ok(envelope::data(schema))
}

/// `dingtalkMessages:messageSchema`: the JSON Schema of a message.
pub async fn message_schema(_call: Call) -> Result<HttpResponse, ApiError> {
    Ok(envelope::data(message_form()))
}
