//! `pm:enable` and `pm:disable`.
//!
//! NocoBase 2.2.15 answers at once and works afterwards, and pages learn the outcome over the
//! WebSocket. Here the work is one row, which is written before the answer; pages are told in the
//! same way.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::chain::Chain;
use crate::domain::audit::{self, Action, AuditEvent, RequestOrigin};
use crate::domain::plugin_switch::{self, Switch, SwitchError, Switched};
use crate::edge::ApiError;
use crate::edge::error::PluginRefusal;
use crate::edge::open_pages::{Hub, PageMessage, Status};
use crate::edge::query::Query;
use crate::state::AppState;

/// How long pages show that work is going on. The web client misses the end if it comes before the
/// beginning is drawn.
const PAUSE: Duration = Duration::from_millis(300);

/// The caller, for the log and the audit trail.
pub struct Who {
    /// Their name in the log.
    pub label: String,
    /// Their account, if it is known.
    pub actor_id: Option<i64>,
    /// Where the request came from.
    pub origin: RequestOrigin,
}

/// Switches plugins and tells all pages. A failure is an error only for a caller that waits for the
/// outcome.
pub async fn perform(
    app: &AppState,
    pages: &Arc<Hub>,
    names: &[String],
    wanted: Switch,
    who: Who,
    waits: bool,
) -> Result<(), ApiError> {
    let outcome = plugin_switch::switch(&app.store, &app.providers, names, wanted).await;
    let words = Words::of(wanted);
    let listed = names.join(",");
    let label = &who.label;
    match &outcome {
        Ok(Switched::Changed) => log::info!("{label} {}d {listed}", words.verb),
        Ok(Switched::Already) => log::info!("{label} found {listed} {}d", words.verb),
        Err(error) => log::warn!(
            "{label} could not {} {listed}: {error}",
            words.verb,
            error = Chain(error)
        ),
    }
    record(app, wanted, &outcome, who).await;
    let (result, end) = match outcome {
        Ok(switched) => (Ok(()), End::Done(switched)),
        Err(SwitchError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let refusal = PluginRefusal::of(&error).map_or_else(
                || ApiError::unexpected("a plugin was not switched"),
                ApiError::Plugin,
            );
            (Err(refusal), End::Failed(error))
        }
    };
    // This is not part of the request: when the client disconnects, the other pages must still be
    // told.
    let told = actix_web::rt::spawn(tell(pages.clone(), words, listed, end));
    if waits {
        told.await.map_err(ApiError::internal)?;
        result?;
    }
    Ok(())
}

/// Records the outcome, unless nothing changed.
async fn record(app: &AppState, wanted: Switch, outcome: &Result<Switched, SwitchError>, who: Who) {
    let refused = match outcome {
        Ok(Switched::Already) => return,
        Ok(Switched::Changed) => None,
        Err(SwitchError::LastWayIn) => Some("LAST_AUTHENTICATOR"),
        Err(SwitchError::Store(_)) => Some("FAILED"),
        Err(_) => Some("PLUGIN_REFUSED"),
    };
    let event = AuditEvent {
        action: match wanted {
            Switch::On => Action::PluginEnable,
            Switch::Off => Action::PluginDisable,
        },
        refused: refused.map(Cow::Borrowed),
        user_id: None,
        person: None,
        actor_id: who.actor_id,
        authenticator: None,
        origin: who.origin,
    };
    audit::record(&app.store, &app.guess_limits, event).await;
}

/// Whether the caller waits for the outcome.
pub fn waits(query: &Query) -> bool {
    let value = query.get("awaitResponse");
    value.is_some_and(|value| matches!(value, "1" | "true" | "yes"))
}

/// The outcome.
enum End {
    Done(Switched),
    Failed(SwitchError),
}

/// Tells all pages that a command runs, and later that it has ended.
async fn tell(pages: Arc<Hub>, words: Words, listed: String, end: End) {
    let message = format!("{} plugin {listed}", words.doing);
    pages.tell(&PageMessage::Maintaining(Status::commanding(
        &message,
        words.command,
    )));
    tokio::time::sleep(PAUSE).await;
    if let End::Failed(error) = &end {
        let message = format!("Failed to {} plugin: {error}", words.verb);
        pages.tell(&PageMessage::error(&message));
    }
    let changed = matches!(end, End::Done(Switched::Changed));
    pages.tell(&PageMessage::Maintaining(Status::running(changed)));
}

/// NocoBase's messages for a switch.
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
