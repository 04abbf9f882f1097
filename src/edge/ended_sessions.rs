//! A note on an answer, for the gateway and the dispatcher: all sessions of an account have ended.

use actix_web::HttpResponse;

/// All sessions of an account have ended. The note travels with the answer inside the server and is
/// not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedSessions {
    /// The account.
    pub user_id: i64,
    /// Whether it is the caller's own account.
    pub of_caller: bool,
}

impl EndedSessions {
    /// Adds the note to an answer.
    pub fn mark(self, response: &mut HttpResponse) {
        response.extensions_mut().insert(self);
    }

    /// The note of an answer, if it has one.
    pub fn of(response: &HttpResponse) -> Option<Self> {
        response.extensions().get::<Self>().copied()
    }
}
