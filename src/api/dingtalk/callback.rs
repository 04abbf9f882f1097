//! `dingtalk:callback` — DingTalk tells what has happened in an organization.
//!
//! Anybody can send this request. Whoever has not signed it with the token of the source learns
//! nothing, not even whether there is such a source. Only such requests count towards a limit, so
//! that forged ones never keep real ones out.

use actix_web::HttpResponse;

use crate::api::provider_actions::Provider;
use crate::chain::Chain;
use crate::domain::directory::source::SourceError;
use crate::domain::directory::{Kept, ReceiveError};
use crate::domain::events::SentCallback;
use crate::edge::error::DirectoryRefusal;
use crate::edge::{ApiError, Call};

/// `dingtalk:callback`: keeps an event, and answers as DingTalk wants it.
pub async fn callback(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    let app = &call.app;
    let query = |names: [&str; 2]| names.into_iter().find_map(|name| call.query.get(name));
    let sent = SentCallback {
        signature: query(["msg_signature", "signature"]).unwrap_or_default(),
        timestamp: query(["timestamp", "timeStamp"]).unwrap_or_default(),
        nonce: call.query.get("nonce").unwrap_or_default(),
        encrypted: call
            .body
            .get("encrypt")
            .and_then(|text| text.as_str())
            .unwrap_or_default(),
    };
    let name = call.query.get("authenticator").unwrap_or_default();
    let auth_type = provider.names().auth_type;
    let now = app.clock.now();
    let received = app
        .source_loader()
        .receive(auth_type, name, sent, now)
        .await;
    let metrics = &app.metrics;
    match received {
        Ok((kept, acknowledgement)) => {
            metrics.events.received("callback", kept.name());
            if kept == Kept::Unknown {
                log::info!("an event of {name} concerns nothing in a directory");
            }
            Ok(HttpResponse::Ok().json(acknowledgement))
        }
        Err(ReceiveError::Source(SourceError::Store(error))) => Err(error.into()),
        Err(error) => {
            metrics.events.received("callback", "refused");
            app.guess_limits
                .count_forged_callback(call.client_address())?;
            log::warn!("a callback is refused: {error}", error = Chain(&error));
            Err(ApiError::Directory(DirectoryRefusal::CallbackRefused))
        }
    }
}
