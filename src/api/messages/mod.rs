//! `dingtalkMessages:*` — messages to people, and what became of them.

mod channels;
mod forms;
mod list;
mod send;
mod send_test;

pub(super) use channels::{ChannelForm, ChannelRow};
pub(super) use list::MessageRow;
pub(super) use send::{SendForm, SentAnswer};
pub(super) use send_test::{TestAnswer, TestForm};

use crate::domain::audit::Action;
use crate::edge::Access::{EitherSnippet, SignedIn, Snippet};
use crate::edge::audit::About;
use crate::edge::{ApiError, Call, Routes};

/// The right to send messages and to see what was sent. It is no part of any other: NocoBase's own action for
/// sending is root's alone.
const RIGHT: &str = "pm.auth-dingtalk.messages";

/// The right to change channels: whoever may change what a channel is may also say where it goes.
const CHANNELS: &str = "pm.notification.channels";

/// Adds the actions to a table.
pub(super) fn add_routes(table: &mut Routes) {
    let name = "dingtalkMessages";
    table.add(name, "list", Snippet(RIGHT), list::list);
    table.add(name, "channels", Snippet(CHANNELS), channels::list);
    table.add_change(name, "saveChannel", Snippet(CHANNELS), channels::save);
    let form = forms::options_schema;
    table.add(name, "optionsSchema", Snippet(CHANNELS), form);
    table.add(name, "messageSchema", SignedIn, forms::message_schema);
    table.add_change(name, "send", Snippet(RIGHT), send::send);
    let either = EitherSnippet(RIGHT, CHANNELS);
    table.add_change(name, "sendTest", either, send_test::send_test);
}

/// Records in the audit trail what became of an action of a named authenticator.
async fn record<T>(
    call: &Call,
    action: Action,
    authenticator: Option<&str>,
    outcome: &Result<T, ApiError>,
) {
    let about = About {
        authenticator,
        ..About::default()
    };
    call.record_outcome(action, outcome, about).await;
}
