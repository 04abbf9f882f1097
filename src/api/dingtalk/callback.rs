//! `dingtalk:callback` — DingTalk tells what has happened in an organisation.
//!
//! Anybody can send this. Whoever has not signed it with the source's token learns nothing, not even whether
//! there is such a source, and is heard only so often.

use actix_web::HttpResponse;

use crate::api::external::Provider;
use crate::chain::Chain;
use crate::domain::directory::source::SourceError;
use crate::domain::directory::{Kept, ReceiveError};
use crate::domain::events::SentCallback;
use crate::edge::error::DirectoryRefusal;
use crate::edge::{ApiError, Call};
use crate::worker::directory::surroundings;

/// `dingtalk:callback`: keeps an event, and answers as DingTalk wants it.
pub async fn callback(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    let app = &call.app;
    let attempt = app.attempts.begin_callback(call.client_address())?;
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
    let received = surroundings(app).receive(auth_type, name, sent, now).await;
    let metrics = &app.metrics;
    match received {
        Ok((kept, acknowledgement)) => {
            attempt.does_not_count();
            metrics.directory_event("callback", kept.name());
            if kept == Kept::Unknown {
                log::info!("an event of {name} is about nothing that a directory has");
            }
            Ok(HttpResponse::Ok().json(acknowledgement))
        }
        Err(ReceiveError::Source(SourceError::Store(error))) => Err(error.into()),
        Err(error) => {
            metrics.directory_event("callback", "refused");
            log::warn!("a callback is refused: {error}", error = Chain(&error));
            Err(ApiError::Directory(DirectoryRefusal::CallbackRefused))
        }
    }
}
