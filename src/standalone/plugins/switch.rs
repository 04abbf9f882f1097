//! `pm:enable` and `pm:disable`.

use std::sync::Arc;

use actix_web::HttpResponse;

use crate::api::plugins::{Keys, Who, perform, waits};
use crate::domain::plugin_switch::Switch;
use crate::edge::audit::origin;
use crate::edge::error::PluginRefusal;
use crate::edge::{ApiError, Call, envelope};
use crate::standalone::parts::Parts;

/// `pm:enable`.
pub async fn enable(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    switch(&call, &parts, Switch::On).await
}

/// `pm:disable`.
pub async fn disable(call: Call, parts: Arc<Parts>) -> Result<HttpResponse, ApiError> {
    switch(&call, &parts, Switch::Off).await
}

async fn switch(call: &Call, parts: &Parts, wanted: Switch) -> Result<HttpResponse, ApiError> {
    let keys = Keys::of(&call.address, &call.query).ok_or(PluginRefusal::InvalidName)?;
    let names = keys.names()?;
    let id = call.caller()?.user.id;
    let who = Who {
        label: format!("account {id}"),
        actor_id: Some(id),
        origin: origin(&call.app, &call.request, Some(call.request_name())),
    };
    perform(
        &call.app,
        &parts.pages,
        &names,
        wanted,
        who,
        waits(&call.query),
    )
    .await?;
    Ok(envelope::data(keys))
}
