//! What is done to its end, whether or not the client stays.
//!
//! The server stops working on a request at whatever it waits for when the client resets the
//! connection. Where something else must follow a change, in the database, in NocoBase or in the
//! audit trail, that would leave one without the other.

use actix_web::{HttpResponse, rt};

use super::{ApiError, request_id};
use crate::locale::Locale;

/// It broke down in the middle; the log has the place.
#[derive(Debug, thiserror::Error)]
#[error("a task ended before its end")]
pub struct Unfinished;

impl Unfinished {
    /// What the client is told.
    pub fn into_response(self) -> HttpResponse {
        ApiError::from(self).into_response(Locale::default())
    }
}

impl From<Unfinished> for ApiError {
    fn from(error: Unfinished) -> Self {
        Self::internal(error)
    }
}

/// Does something in a task of its own, and waits for it as long as somebody waits for this.
///
/// For changes only: what nobody waits for any more and changes nothing need not be done. A body
/// that breaks off ends the reading of it, so nothing goes on for ever.
pub async fn run_to_completion<T: 'static>(
    action: impl Future<Output = T> + 'static,
) -> Result<T, Unfinished> {
    let action = rt::spawn(request_id::carried(action));
    action.await.map_err(|_| Unfinished)
}
