//! The id of the request that is being worked on: each line of the log that is written meanwhile
//! carries it, and the client gets it as `x-request-id`.

use actix_web::http::header::HeaderValue;

tokio::task_local! {
    static CURRENT: HeaderValue;
}

/// Does some work for the request with this id.
pub async fn in_request<T>(id: HeaderValue, work: impl Future<Output = T>) -> T {
    // In a box: what a request keeps while it waits is large, and would be moved with each layer.
    CURRENT.scope(id, Box::pin(work)).await
}

/// Work that goes on for the current request, if there is one, in a task of its own.
pub fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let id = CURRENT.try_with(Clone::clone).ok();
    async move {
        match id {
            Some(id) => in_request(id, work).await,
            None => work.await,
        }
    }
}

/// The id of the current request, if there is one. Ids are printable: see `seen`.
pub fn current() -> Option<HeaderValue> {
    CURRENT.try_with(Clone::clone).ok()
}
