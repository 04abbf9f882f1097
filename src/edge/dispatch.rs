//! The way of a request from HTTP to an action, and of its answer back.

use std::sync::Arc;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use super::access::{Access, Caller, authenticate, authorise};
use super::address::{Address, AddressError};
use super::authority::{Authority, Denied};
use super::body::{Body, FORM_LIMIT, LIMIT, PUBLIC_LIMIT};
use super::call::Call;
use super::cookies::{Cookies, add};
use super::cors;
use super::cross_origin::note_too_many;
use super::head::{authenticator_name, language};
use super::prefetch;
use super::query::Query;
use super::request_log::{self, RequestLog};
use super::routes::{Route, Routes};
use super::{ApiError, EndedSessions, request_id};
use crate::domain::role::ActingRole;
use crate::domain::session::Verified;
use crate::locale::Locale;
use crate::metrics::RequestKind;
use crate::state::AppState;

/// The action that a request asks for.
pub struct RequestedAction {
    address: Result<Address, ApiError>,
    changes: bool,
}

impl RequestedAction {
    /// Reads the resource and the action from the address of a request.
    pub fn of(app: &AppState, routes: &Routes, request: &HttpRequest) -> Self {
        let below = app.config.http.below_api(request.uri().path());
        let address = below.ok_or(ApiError::NotFound).and_then(|below| {
            Address::parse(request.method(), below).map_err(|error| match error {
                AddressError::NotFound => ApiError::NotFound,
                AddressError::Malformed => ApiError::MalformedUri,
            })
        });
        let route = address.as_ref().ok().map(|address| routes.find(address));
        Self {
            changes: route.flatten().is_some_and(|route| route.changes),
            address,
        }
    }

    /// Whether the action may change something. Such an action runs to its end even when the client
    /// disconnects.
    pub fn changes(&self) -> bool {
        self.changes
    }
}

/// Answers a request for one of these actions. `authority` decides with which role the caller acts.
pub async fn dispatch(
    authority: &dyn Authority,
    app: &Arc<AppState>,
    routes: &Routes,
    request: &HttpRequest,
    payload: web::Payload,
    asked: RequestedAction,
) -> HttpResponse {
    let request_log = RequestLog::now(request, &app.config.http);
    let mut response = if let Some(response) = cors::preflight(request) {
        response
    } else {
        let request = request.clone();
        let id = request_log.id();
        let answer = answer(authority, app, routes, request, payload, asked, id);
        request_id::in_request(id.clone(), answer).await
    };
    cors::apply(request, &app.config.http, response.headers_mut());
    request_log.answered(app, RequestKind::ThisProduct, request, &mut response);
    response
}

async fn answer(
    authority: &dyn Authority,
    app: &Arc<AppState>,
    routes: &Routes,
    request: HttpRequest,
    payload: web::Payload,
    asked: RequestedAction,
    request_id: &HeaderValue,
) -> HttpResponse {
    let query = Query::parse(request.query_string());
    let locale = locale(&request, &query);
    let head = Head {
        request,
        request_id: request_id.clone(),
        query,
        locale,
    };
    let came = head.request.clone();
    match act(authority, app, routes, head, asked, payload).await {
        Ok(response) => response,
        Err(error) => {
            note_too_many(app, &came, &error);
            error.into_response(locale)
        }
    }
}

async fn act(
    authority: &dyn Authority,
    app: &Arc<AppState>,
    routes: &Routes,
    head: Head,
    asked: RequestedAction,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let address = asked.address?;
    let route = routes.find(&address).ok_or(ApiError::NotFound)?;
    if route.changes && prefetch::is_prefetch(&head.request) {
        return Ok(prefetch::answer(&head.request));
    }
    let (request, locale) = (head.request.clone(), head.locale);
    // Access is checked before the body is read.
    let verified = authenticate(app, &request, &head.query, route.access).await?;
    let renewed = verified
        .as_ref()
        .and_then(|(_, verified)| verified.renewed.clone());
    if let Some((_, verified)) = &verified {
        request_log::note_account(&request, verified.account.user.id);
    }
    let performed = perform(authority, app, head, address, payload, route, verified).await;
    let result = match performed {
        Ok(response) | Err(Denied::Answered(response)) => Ok(response),
        Err(Denied::Refused(error)) => Err(error),
    };
    match renewed {
        None => result,
        // The new token must reach the client even when the request was refused: the old one is spent.
        Some(token) => {
            let response = result.unwrap_or_else(|error| error.into_response(locale));
            // Signing out everywhere has ended this new token, too: the answer has its own, or none.
            if EndedSessions::of(&response).is_some_and(|ended| ended.of_caller) {
                return Ok(response);
            }
            with_renewed_token(app, &request, response, &token).await
        }
    }
}

/// The parsed head of a request, before its body is read.
struct Head {
    request: HttpRequest,
    request_id: HeaderValue,
    query: Query,
    locale: Locale,
}

async fn perform(
    authority: &dyn Authority,
    app: &Arc<AppState>,
    head: Head,
    address: Address,
    payload: web::Payload,
    route: &Route,
    verified: Option<(String, Verified)>,
) -> Result<HttpResponse, Denied> {
    let Head {
        request,
        request_id,
        query,
        locale,
    } = head;
    let limit = match (&verified, route.access) {
        (None, _) => PUBLIC_LIMIT,
        (Some(_), Access::SignedIn | Access::WithoutRole | Access::SigningOut) => FORM_LIMIT,
        (Some(_), _) => LIMIT,
    };
    let read = Body::read(request.headers(), payload, limit);
    let (caller, body) = match (verified, route.further) {
        (None, _) => (None, read.await?),
        (Some(verified), None) => {
            let caller = admit(authority, app, &request, verified, route.access).await?;
            (Some(caller), read.await?)
        }
        (Some(verified), Some(further)) => {
            let body = read.await?;
            let access = further(&body, verified.1.account.user.id)?;
            let caller = admit(authority, app, &request, verified, access).await?;
            (Some(caller), body)
        }
    };
    let role = caller
        .as_ref()
        .and_then(|caller| caller.role_to_remember(&request));
    let response = (route.action)(Call {
        app: app.clone(),
        address,
        query,
        body,
        locale,
        request: request.clone(),
        request_id,
        caller,
    })
    .await?;
    match role {
        None => Ok(response),
        Some(role) => Ok(Cookies::new(&request, &app.config.http).with_role(response, role)?),
    }
}

/// Finds the role of a caller with a valid token, and checks that it has this access.
async fn admit(
    authority: &dyn Authority,
    app: &AppState,
    request: &HttpRequest,
    verified: (String, Verified),
    access: Access,
) -> Result<Caller, Denied> {
    let role = if access.needs_no_role() {
        ActingRole::nothing()
    } else {
        authority.role_of(app, request, &verified.1).await?
    };
    Ok(authorise(verified, role, access)?)
}

async fn with_renewed_token(
    app: &AppState,
    request: &HttpRequest,
    mut response: HttpResponse,
    token: &str,
) -> Result<HttpResponse, ApiError> {
    let policy = app.sessions.policy(&app.store).await?;
    let value = HeaderValue::from_str(token).map_err(ApiError::internal)?;
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-new-token"), value);
    let authenticator = authenticator_name(request);
    let cookies = Cookies::new(request, &app.config.http);
    add(
        &mut response,
        cookies.of_token(token, &authenticator, policy.session),
    )?;
    Ok(response)
}

/// The language of the messages that the request wants.
fn locale(request: &HttpRequest, query: &Query) -> Locale {
    language(request, query).map(Locale::of).unwrap_or_default()
}
