//! Moves the clock, so that codes and tokens expire without waiting.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};

use crate::state::platform::Platform;

/// How far to move the clock.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Advance {
    advance_seconds: u32,
}

/// The sandbox's time, in seconds since 1970.
#[derive(Serialize)]
pub struct Now {
    now: i64,
}

/// `POST /_sandbox/clock`.
pub async fn advance(platform: Data<Platform>, request: Json<Advance>) -> Json<Now> {
    let mut state = platform.lock();
    state.clock.advance(request.advance_seconds);
    Json(Now {
        now: state.clock.now(),
    })
}

/// `POST /_sandbox/tokens/revoke`.
pub async fn revoke_tokens(platform: Data<Platform>) -> HttpResponse {
    platform.lock().tokens.revoke_all();
    HttpResponse::NoContent().finish()
}
