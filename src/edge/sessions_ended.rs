//! What an answer says to those who pass it on: sessions of an account have ended.

use actix_web::HttpResponse;

/// All sessions of an account have ended. Travels with the answer and is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionsEnded {
    /// The account.
    pub user_id: i64,
    /// Whether it is the account of whoever asked.
    pub own: bool,
}

impl SessionsEnded {
    /// Says it with an answer.
    pub fn mark(self, response: &mut HttpResponse) {
        response.extensions_mut().insert(self);
    }

    /// What an answer says of this.
    pub fn of(response: &HttpResponse) -> Option<Self> {
        response.extensions().get::<Self>().copied()
    }
}
