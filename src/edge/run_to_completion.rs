//! Work that runs to its end, even when the client disconnects.
//!
//! When the client resets the connection, the server cancels the request at the point where it
//! waits. Where a change must be followed by another one, in the database, in NocoBase or in the
//! audit trail, cancelling in between would leave the first without the second.

use actix_web::{HttpResponse, rt};

use super::{ApiError, request_id};
use crate::locale::Locale;

/// The work panicked. The log has the place.
#[derive(Debug, thiserror::Error)]
#[error("a task ended before its end")]
pub struct Unfinished;

impl Unfinished {
    /// The answer to the client.
    pub fn into_response(self) -> HttpResponse {
        ApiError::from(self).into_response(Locale::default())
    }
}

impl From<Unfinished> for ApiError {
    fn from(error: Unfinished) -> Self {
        Self::internal(error)
    }
}

/// Runs work in a task of its own, and waits for it as long as the client waits.
///
/// Use it for changes only: work that changes nothing can be cancelled. The task ends when the
/// client disconnects in the middle of the body, because reading it then fails.
pub async fn run_to_completion<T: 'static>(
    action: impl Future<Output = T> + 'static,
) -> Result<T, Unfinished> {
    let action = rt::spawn(request_id::carried(action));
    action.await.map_err(|_| Unfinished)
}
