//! The workers of messages.

use std::sync::Arc;

use nocobase_dingtalk::state::AppState;
use nocobase_dingtalk::worker::messages::{ask_outcomes, send_waiting, tell_log};

/// A step of each worker of messages, as a server makes it.
pub async fn follow_up(app: Arc<AppState>) {
    send_waiting(app.clone()).await;
    ask_outcomes(app.clone()).await;
    tell_log(app).await;
}
