//! The id of the current request. Each line of the log that is written for the request carries it,
//! and the client gets it as `x-request-id`.

use actix_web::http::header::HeaderValue;

tokio::task_local! {
    static CURRENT: HeaderValue;
}

/// Runs work as a part of the request with this id.
pub async fn in_request<T>(id: HeaderValue, work: impl Future<Output = T>) -> T {
    // The future is boxed because it is large, and each layer above would move it.
    CURRENT.scope(id, Box::pin(work)).await
}

/// Wraps work that a task of its own continues, so that it still belongs to the current request.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let id = CURRENT.try_with(Clone::clone).ok();
    async move {
        match id {
            Some(id) => in_request(id, work).await,
            None => work.await,
        }
    }
}

/// The id of the current request, if there is one. Ids are printable: see `request_log`.
pub fn current() -> Option<HeaderValue> {
    CURRENT.try_with(Clone::clone).ok()
}
