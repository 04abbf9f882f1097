//! `pm:enable` and `pm:disable`.
//!
//! NocoBase 2.2.15 answers at once and works afterwards; the pages learn from the WebSocket how it
//! went. Here the work is one row and is done before the answer, and the rest is told the same way.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;

use super::{Keys, PluginRefusal};
use crate::api::audit::origin;
use crate::api::query::Query;
use crate::api::websocket::{Frame, Status};
use crate::api::{ApiError, Call, envelope};
use crate::app::App;
use crate::domain::audit::{self, Action, Event, Origin};
use crate::domain::plugin::{self, Switch, SwitchError, Switched};

/// How long pages are told that work is going on. The web client does not show the end of what it
/// has not drawn the beginning of.
const PAUSE: Duration = Duration::from_millis(300);

/// `pm:enable`.
pub async fn enable(call: Call) -> Result<HttpResponse, ApiError> {
    switch(&call, Switch::On).await
}

/// `pm:disable`.
pub async fn disable(call: Call) -> Result<HttpResponse, ApiError> {
    switch(&call, Switch::Off).await
}

async fn switch(call: &Call, wanted: Switch) -> Result<HttpResponse, ApiError> {
    let keys = Keys::of(&call.address, &call.query).ok_or(PluginRefusal::InvalidName)?;
    let names = keys.names()?;
    let id = call.caller()?.user.id;
    let who = Who {
        label: format!("account {id}"),
        actor_id: Some(id),
        origin: origin(&call.app, &call.request, Some(call.request_name())),
    };
    perform(&call.app, &names, wanted, who, waits(&call.query)).await?;
    Ok(envelope::data(keys))
}

/// Who switches plugins, for the log and the audit trail.
pub(crate) struct Who {
    /// In the log.
    pub label: String,
    /// Their account, where it is known.
    pub actor_id: Option<i64>,
    /// Where the request came from.
    pub origin: Origin,
}

/// Switches plugins and tells all pages. How it ended is an error only for a
/// caller that waits for it.
pub(crate) async fn perform(
    app: &Arc<App>,
    names: &[String],
    wanted: Switch,
    who: Who,
    waits: bool,
) -> Result<(), ApiError> {
    let outcome = plugin::switch(&app.store, &app.providers, names, wanted).await;
    let words = Words::of(wanted);
    let listed = names.join(",");
    let label = &who.label;
    match &outcome {
        Ok(Switched::Changed) => log::info!("{label} {}d {listed}", words.verb),
        Ok(Switched::Already) => log::info!("{label} found {listed} {}d", words.verb),
        Err(error) => log::warn!("{label} could not {} {listed}: {error}", words.verb),
    }
    record(app, wanted, &outcome, who).await;
    let (result, end) = match outcome {
        Ok(switched) => (Ok(()), End::Done(switched)),
        Err(SwitchError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let refusal = PluginRefusal::of(&error).map_or(ApiError::Internal, ApiError::Plugin);
            (Err(refusal), End::Failed(error))
        }
    };
    // Not tied to the request: who hangs up must not leave the other pages waiting.
    let told = actix_web::rt::spawn(tell(app.clone(), words, listed, end));
    if waits {
        told.await.map_err(|_| ApiError::Internal)?;
        result?;
    }
    Ok(())
}

/// Records what came of it, unless it changed nothing.
async fn record(app: &App, wanted: Switch, outcome: &Result<Switched, SwitchError>, who: Who) {
    let refused = match outcome {
        Ok(Switched::Already) => return,
        Ok(Switched::Changed) => None,
        Err(SwitchError::LastWayIn) => Some("LAST_AUTHENTICATOR"),
        Err(SwitchError::Store(_)) => Some("FAILED"),
        Err(_) => Some("PLUGIN_REFUSED"),
    };
    let event = Event {
        action: match wanted {
            Switch::On => Action::PluginEnable,
            Switch::Off => Action::PluginDisable,
        },
        refused: refused.map(Cow::Borrowed),
        user_id: None,
        actor_id: who.actor_id,
        authenticator: None,
        origin: who.origin,
    };
    audit::record(&app.store, &app.attempts, event).await;
}

/// Whether the caller wants to know how it ended.
pub(crate) fn waits(query: &Query) -> bool {
    let value = query.get("awaitResponse");
    value.is_some_and(|value| matches!(value, "1" | "true" | "yes"))
}

/// How it ended.
enum End {
    Done(Switched),
    Failed(SwitchError),
}

/// Tells all pages that a command runs, and that it is over.
async fn tell(app: Arc<App>, words: Words, listed: String, end: End) {
    let message = format!("{} plugin {listed}", words.doing);
    app.hub.tell(&Frame::Maintaining(Status::commanding(
        &message,
        words.command,
    )));
    tokio::time::sleep(PAUSE).await;
    if let End::Failed(error) = &end {
        let message = format!("Failed to {} plugin: {error}", words.verb);
        app.hub.tell(&Frame::error(&message));
    }
    let changed = matches!(end, End::Done(Switched::Changed));
    app.hub.tell(&Frame::Maintaining(Status::running(changed)));
}

/// NocoBase's words for a switch.
struct Words {
    verb: &'static str,
    doing: &'static str,
    command: &'static str,
}

impl Words {
    fn of(wanted: Switch) -> Self {
        match wanted {
            Switch::On => Self {
                verb: "enable",
                doing: "enabling",
                command: "pm.enable",
            },
            Switch::Off => Self {
                verb: "disable",
                doing: "disabling",
                command: "pm.disable",
            },
        }
    }
}
