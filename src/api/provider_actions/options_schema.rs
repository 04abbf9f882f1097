//! `optionsSchema`: the form of a provider's authenticators, as data.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{Provider, redirect_url};
use crate::config::Origin;
use crate::domain::role;
use crate::edge::{ApiError, Call, envelope};
use crate::normalization;

/// `optionsSchema`: the JSON Schema of the options, with the existing roles and the Redirect URL.
/// `callbackOrigin` is the current value in the form; if it is not an origin, the Redirect URL is
/// computed without it.
pub async fn options_schema(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    let redirect_origin = call.query.get("callbackOrigin").and_then(usable_origin);
    let mut schema = provider.schema().clone();
    if let Some(roles) = schema.pointer_mut("/properties/newUserRoles/items") {
        *roles = json!({"type": "string", "oneOf": role_choices(&call).await?});
    }
    if let Some(field) = schema.pointer_mut("/properties/redirectUrl") {
        field["const"] = json!(redirect_url(
            &call,
            provider.names(),
            redirect_origin.as_ref()
        )?);
    }
    Ok(envelope::data(schema))
}

/// Validates an origin by the rules of the option.
fn usable_origin(text: &str) -> Option<Origin> {
    let origin: Origin = normalization::normalized(text).parse().ok()?;
    Some(origin).filter(Origin::may_get_codes)
}

/// All roles except root. Their titles are templates as long as nobody has changed them.
async fn role_choices(call: &Call) -> Result<Vec<Value>, ApiError> {
    let roles = call.app.store.roles().await?;
    let roles = roles.into_iter().filter(|role| role.name != role::ROOT);
    Ok(roles
        .map(|role| {
            let title = role.title.filter(|title| !title.contains("{{"));
            json!({"const": role.name, "title": title.unwrap_or_else(|| role.name.clone())})
        })
        .collect())
}
