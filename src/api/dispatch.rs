//! From an HTTP request to an action and back.

use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use super::ApiError;
use super::access::{Access, authenticate, authorise};
use super::address::{Address, AddressError};
use super::body::{Body, LIMIT, PUBLIC_LIMIT};
use super::call::{Call, authenticator_name, language};
use super::cookies::{Cookies, add};

use super::cors;
use super::query::Query;
use crate::app::App;
use crate::config::Http;
use crate::domain::session::Verified;
use crate::locale::Locale;

/// Answers every request below the API's base path.
pub async fn dispatch(
    app: web::Data<Arc<App>>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let started = Instant::now();
    let mut response = match cors::preflight(&request) {
        Some(response) => response,
        None => answer(&app, request.clone(), payload).await,
    };
    let request_id = mark(&request, &app.config.http, &mut response);
    // The path only: queries can hold tokens and authorization codes.
    log::info!(
        "{} {} {} {} ms, request {request_id}",
        request.method(),
        loggable(request.path()),
        response.status().as_u16(),
        started.elapsed().as_millis(),
    );
    response
}

/// Gives an answer what each of ours has: who may read it, and a name.
pub fn mark(request: &HttpRequest, http: &Http, response: &mut HttpResponse) -> Uuid {
    let request_id = Uuid::new_v4();
    let headers = response.headers_mut();
    cors::apply(request, http, headers);
    if let Ok(id) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    request_id
}

async fn answer(app: &Arc<App>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let query = Query::parse(request.query_string());
    let locale = locale(&request, &query);
    match act(app, request, payload, query, locale).await {
        Ok(response) => response,
        Err(error) => error.into_response(locale),
    }
}

async fn act(
    app: &Arc<App>,
    request: HttpRequest,
    payload: web::Payload,
    query: Query,
    locale: Locale,
) -> Result<HttpResponse, ApiError> {
    let path = request.uri().path();
    let below = path
        .strip_prefix(app.config.http.api_path().as_str())
        .ok_or(ApiError::NotFound)?;
    let address = Address::parse(request.method(), below).map_err(|error| match error {
        AddressError::NotFound => ApiError::NotFound,
        AddressError::Malformed => ApiError::MalformedUri,
    })?;
    let route = app.routes.find(&address).ok_or(ApiError::NotFound)?;
    // Who has no business here is not read.
    let verified = authenticate(app, &request, &query, route.access).await?;
    let renewed = verified
        .as_ref()
        .and_then(|(_, verified)| verified.renewed.clone());
    let asked = Asked {
        request: request.clone(),
        query,
        locale,
        address,
    };
    let result = perform(app, asked, payload, route, verified).await;
    match renewed {
        None => result,
        // The successor must reach the client whatever came of the request: the old token is spent.
        Some(token) => {
            let response = result.unwrap_or_else(|error| error.into_response(locale));
            with_renewed_token(app, &request, response, &token).await
        }
    }
}

/// A request whose head was read.
struct Asked {
    request: HttpRequest,
    query: Query,
    locale: Locale,
    address: Address,
}

async fn perform(
    app: &Arc<App>,
    asked: Asked,
    payload: web::Payload,
    route: &Route,
    verified: Option<(String, Verified)>,
) -> Result<HttpResponse, ApiError> {
    let Asked {
        request,
        query,
        locale,
        address,
    } = asked;
    let caller = match verified {
        Some(verified) => Some(authorise(&request, verified, route.access)?),
        None => None,
    };
    let limit = match caller {
        Some(_) => LIMIT,
        None => PUBLIC_LIMIT,
    };
    let body = Body::read(request.headers(), payload, limit).await?;
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
        caller,
    })
    .await?;
    match role {
        None => Ok(response),
        Some(role) => Cookies::new(&request, &app.config.http).with_role(response, role),
    }
}

async fn with_renewed_token(
    app: &App,
    request: &HttpRequest,
    mut response: HttpResponse,
    token: &str,
) -> Result<HttpResponse, ApiError> {
    let policy = app.sessions.policy(&app.store).await?;
    let value = HeaderValue::from_str(token).map_err(|_| ApiError::Internal)?;
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

/// The language that the request asks messages in.
fn locale(request: &HttpRequest, query: &Query) -> Locale {
    language(request, query).map(Locale::of).unwrap_or_default()
}

/// A path that cannot break out of its line in the log.
fn loggable(path: &str) -> String {
    path.chars()
        .take(200)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

/// The access of a route, and what answers it.
pub struct Route {
    /// Who may call it.
    pub access: Access,
    /// What answers.
    pub action: Action,
}

/// An action, ready to be called.
pub type Action = Box<
    dyn Fn(Call) -> futures_util::future::LocalBoxFuture<'static, Result<HttpResponse, ApiError>>
        + Send
        + Sync,
>;
