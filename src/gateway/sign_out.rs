//! Ending sessions together with NocoBase: a sign-out that NocoBase would refuse for lack of a
//! role, and telling NocoBase that all sessions of an account have ended.
//!
//! NocoBase 2.2.15 caches accounts and would not notice the moment before which tokens do not
//! count. It drops an account from its cache when one of its sessions is signed out, so the gateway
//! signs out a session that it creates for this purpose. Whether NocoBase accepts that token or
//! already finds it too old, it reads the account again.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request};
use tokio::time::timeout;

use super::body::RequestBody;
use super::exchange::Exchange;
use super::headers::{address_to_main, insert};
use super::outgoing::Outgoing;
use super::pass::pass as pass_on_request;
use super::proxy;
use super::reading::Application;
use super::unavailable;
use super::upstream::{Upstream, UpstreamError};
use crate::chain::Chain;
use crate::domain::session::SessionError;
use crate::domain::sign_in;
use crate::edge::EndedSessions;
use crate::state::AppState;
use crate::store::StoreError;

/// How long NocoBase may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

const X_ROLE: HeaderName = HeaderName::from_static("x-role");
/// The role of visitors. When a request names this role, NocoBase 2.2.15 does not read the roles of
/// the account.
const VISITOR: HeaderValue = HeaderValue::from_static("anonymous");

/// Passes `auth:signOut` on. If NocoBase refuses it, it is sent again without a role.
///
/// NocoBase requires a role for every action, even for this one. An account without roles, or a
/// request that names a role which the account does not have, could not sign out, and the token
/// would stay valid. NocoBase itself must end the session, because it caches revoked tokens and
/// would not notice a new row. It verifies the token both times, so the second request allows
/// nothing but the sign-out.
pub async fn pass(outgoing: Outgoing, exchange: &Exchange, payload: web::Payload) -> HttpResponse {
    let answer = pass_on_request(outgoing, exchange, Application::Main, payload).await;
    if answer.status() != StatusCode::UNAUTHORIZED {
        return answer;
    }
    match without_role(exchange) {
        Ok(outgoing) => proxy::pass_with(outgoing, exchange, RequestBody::Empty).await,
        Err(_) => answer,
    }
}

/// The request that arrived, with the role of visitors.
fn without_role(exchange: &Exchange) -> Result<Outgoing, UpstreamError> {
    let mut outgoing = exchange.outgoing()?;
    exchange.name_known_authenticators(&mut outgoing);
    outgoing.head.headers.remove(CONTENT_TYPE);
    outgoing.head.headers.insert(X_ROLE, VISITOR);
    Ok(outgoing)
}

/// Why NocoBase does not know that sessions have ended.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// No token for the request could be created.
    #[error("no token for NocoBase can be created")]
    Session(#[from] SessionError),
    /// The database did not say which authenticators NocoBase knows.
    #[error("no authenticator can be named to NocoBase")]
    Store(#[from] StoreError),
    /// NocoBase did not take the request.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
}

/// Tells NocoBase, if an answer says that sessions have ended. The client gets the answer only
/// after NocoBase knows; otherwise it gets an error and can repeat the request.
pub async fn pass_on(exchange: &Exchange, response: HttpResponse) -> HttpResponse {
    let Some(ended) = EndedSessions::of(&response) else {
        return response;
    };
    let app = &exchange.app;
    let telling = tell(app, &exchange.upstream, ended.user_id);
    let told = timeout(REQUEST_TIMEOUT, telling).await;
    let error = match told.unwrap_or(Err(UpstreamError::Answer.into())) {
        Ok(()) => return response,
        // A NocoBase that is not running has no cache.
        Err(TellError::Upstream(UpstreamError::Unreachable(error))) => {
            log::warn!(
                "NocoBase is away, and will see that sessions have ended: {error}",
                error = Chain(&error)
            );
            return response;
        }
        Err(error) => error,
    };
    log::error!(
        "NocoBase may go on to accept sessions of account {}: {error}",
        ended.user_id,
        error = Chain(&error)
    );
    let mut failed = match error {
        TellError::Session(error) => exchange.refused(error.into()),
        TellError::Store(error) => exchange.refused(error.into()),
        TellError::Upstream(error) => {
            unavailable::answer(&error, &exchange.request, &app.config.http)
        }
    };
    // The session that goes on has a new token all the same.
    for (name, value) in response.headers() {
        if matches!(name.as_str(), "x-new-token" | "set-cookie") {
            failed.headers_mut().append(name.clone(), value.clone());
        }
    }
    failed
}

/// Tells NocoBase that all sessions of an account have ended.
pub async fn tell(app: &AppState, upstream: &Upstream, user_id: i64) -> Result<(), TellError> {
    let token = app.sessions.short_lived_token(user_id)?;
    let known = sign_in::session_authenticator(&app.store, &app.providers, "").await?;
    let path = format!("{}auth:signOut", app.config.http.api_path());
    let mut head = upstream.head(Method::POST, &path, Some(&token))?;
    let headers = &mut head.headers;
    address_to_main(headers);
    insert(headers, HeaderName::from_static("x-authenticator"), &known);
    let request = Request::from_parts(head, RequestBody::Empty);
    let response = upstream.send(request).await?;
    match response.status().as_u16() {
        200 | 204 | 401 => Ok(()),
        _ => Err(UpstreamError::Answer.into()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::gateway::tests::exchange::{exchange, gateway_of_nocobase};

    #[actix_web::test]
    async fn a_database_that_fails_after_sessions_have_ended_is_no_fault_of_the_client() {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway_of_nocobase(folder.path()).await;
        let store = &gateway.app.store;
        let request = TestRequest::post().uri("/api/dingtalk:signOutEverywhere");
        let exchange = exchange(&gateway, request);
        let answer = async || {
            let mut done = HttpResponse::Ok();
            let mut response = done.insert_header(("x-new-token", "new")).finish();
            let ended = EndedSessions {
                user_id: 1,
                of_caller: true,
            };
            ended.mark(&mut response);
            pass_on(&exchange, response).await
        };
        store.rename_table("authenticators", "away").await;
        let failed = answer().await;
        assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let token = failed.headers().get("x-new-token").unwrap();
        assert_eq!(token, "new", "who asked goes on");
        store.rename_table("away", "authenticators").await;
        assert_eq!(answer().await.status(), StatusCode::OK, "NocoBase is away");
    }
}
