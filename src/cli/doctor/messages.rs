//! What `doctor` says of messages: whether each channel's messages could go to people now. It sends nothing.

use super::report::Report;
use crate::chain::Chain;
use crate::domain::forwarding::ChannelOptions;
use crate::domain::forwarding::channel::{IN_APP, TYPE};
use crate::domain::message::Way;
use crate::state::AppState;
use crate::store::StoreError;

/// Looks at the channels whose messages go to people.
pub async fn look(report: &Report, app: &AppState) -> Result<(), StoreError> {
    let chosen = app.store.forwarded_channels().await?;
    for channel in app.store.notification_channels(IN_APP).await? {
        let row = chosen.iter().find(|row| row.channel == channel.name);
        match (ChannelOptions::of(&channel), row) {
            (Some(options), _) => {
                one(
                    report,
                    app,
                    &channel.name,
                    &options.authenticator,
                    options.way,
                )
                .await;
            }
            (None, Some(row)) => {
                let way = Way::WorkNotification;
                one(report, app, &row.channel, &row.authenticator, way).await;
            }
            (None, None) => {}
        }
    }
    // Another plugin has the same name for its type, which NocoBase does not know without it.
    for left in app.store.notification_channels(&TYPE).await? {
        report.problem(format_args!(
            "channel {:?} was made by another DingTalk plugin, and NocoBase sends nothing to it: open it once through \
             the gateway, «Notification manager → Channels → Edit», choose an authenticator and submit, which makes it \
             one of this product",
            left.name
        ));
    }
    Ok(())
}

async fn one(report: &Report, app: &AppState, name: &str, authenticator: &str, way: Way) {
    let messengers = app.messengers();
    let messenger = match messengers.carrier(Some(authenticator), way).await {
        Ok((_, messenger)) => messenger,
        Err(error) => {
            return report.problem(format_args!(
                "channel {name:?}: no message goes to DingTalk, authenticator {authenticator}: {}",
                Chain(&error)
            ));
        }
    };
    match messenger.ready().await {
        Ok(()) => report.ok(format_args!(
            "channel {name:?}: messages go to DingTalk through authenticator {authenticator} ({})",
            way.name()
        )),
        Err(error) => report.problem(format_args!(
            "channel {name:?}: messages would not go to DingTalk now, authenticator {authenticator}: {}",
            Chain(&error)
        )),
    }
}
