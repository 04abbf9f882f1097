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

impl From<Unfinished> for ApiError {
    fn from(error: Unfinished) -> Self {
        Self::internal(error)
    }
}

/// Runs work in a task of its own, and waits for it as long as the client waits.
///
/// Use it for changes only: work that changes nothing can be cancelled. The task ends when the
/// client disconnects in the middle of the body, because reading it then fails.
pub fn run_to_completion<T: 'static>(
    action: impl Future<Output = T> + 'static,
) -> impl Future<Output = Result<T, Unfinished>> {
    let action = rt::spawn(request_id::carried(action));
    async move { action.await.map_err(|_| Unfinished) }
}

/// Runs what gives the answer to a request, as [`run_to_completion`] does.
pub fn answer_to_completion(
    answer: impl Future<Output = HttpResponse> + 'static,
) -> impl Future<Output = HttpResponse> {
    let answered = run_to_completion(answer);
    async move {
        let failed = |error: Unfinished| ApiError::from(error).into_response(Locale::default());
        answered.await.unwrap_or_else(failed)
    }
}
