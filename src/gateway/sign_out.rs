//! What NocoBase has to be told when we end sessions.
//!
//! NocoBase 2.2.15 keeps accounts in memory and would not see the moment after which tokens count.
//! It forgets an account when one of its sessions is signed out, so we sign one out that is made for
//! this alone. Whether it takes that token or finds it too old already, it knows the account anew.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, HOST, HeaderName, HeaderValue};
use tokio::time::timeout;

use super::body::RequestBody;
use super::headers::insert;
use super::unavailable;
use super::upstream::{Upstream, UpstreamError};
use crate::api::SessionsEnded;
use crate::app::App;
use crate::domain::sign_in;

/// How long NocoBase may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells NocoBase, if an answer of ours says that sessions have ended. Nobody is told that it is
/// done before NocoBase knows: otherwise the answer is that it failed, and it can be asked for again.
pub async fn pass_on(
    app: &App,
    upstream: &Upstream,
    request: &HttpRequest,
    response: HttpResponse,
) -> HttpResponse {
    let Some(ended) = SessionsEnded::of(&response) else {
        return response;
    };
    let told = timeout(PATIENCE, tell(app, upstream, ended.user_id)).await;
    match told.unwrap_or(Err(UpstreamError::Answer)) {
        Ok(()) => response,
        // When it comes back it remembers nothing.
        Err(UpstreamError::Unreachable(error)) => {
            log::warn!("NocoBase is away, and will see that sessions have ended: {error}");
            response
        }
        Err(error) => {
            log::error!(
                "NocoBase may go on to accept sessions of account {}: {error}",
                ended.user_id
            );
            let mut failed = unavailable::answer(&error, request, &app.config.http);
            // The session that goes on has another token all the same.
            for (name, value) in response.headers() {
                if matches!(name.as_str(), "x-new-token" | "set-cookie") {
                    failed.headers_mut().append(name.clone(), value.clone());
                }
            }
            failed
        }
    }
}

async fn tell(app: &App, upstream: &Upstream, user_id: i64) -> Result<(), UpstreamError> {
    let unsendable = |_| UpstreamError::Unsendable;
    let token = app.sessions.errand(user_id).map_err(unsendable)?;
    let known = sign_in::session_authenticator(&app.store, "").await;
    let known = known.map_err(|_| UpstreamError::Unsendable)?;
    let mut head = Request::new(()).into_parts().0;
    head.method = http::Method::POST;
    head.uri = upstream.uri(&format!("{}auth:signOut", app.config.http.api_path()))?;
    let headers = &mut head.headers;
    insert(headers, HOST, upstream.authority());
    insert(headers, AUTHORIZATION, &format!("Bearer {token}"));
    insert(headers, HeaderName::from_static("x-authenticator"), &known);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let request = Request::from_parts(head, RequestBody::Empty);
    let response = upstream.send(request).await?;
    match response.status().as_u16() {
        200 | 204 | 401 => Ok(()),
        _ => Err(UpstreamError::Answer),
    }
}
