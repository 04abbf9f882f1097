//! Answers of NocoBase that get a part of ours.

mod authenticators;
mod plugins;
mod save;
mod texts;

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use http::Response;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, RANGE,
};
use hyper::body::Incoming;
use serde_json::Value;

use super::body::RequestBody;
use super::destination::Part;
use super::proxy::{self, Outgoing};
use super::upstream::{Upstream, UpstreamError};
use super::{Edge, unavailable};
use crate::api::ApiError;
use crate::api::address::Address;
use crate::store::StoreError;

/// Answers a request of which a part is ours.
pub async fn answer(
    edge: &Edge<'_>,
    address: Address,
    part: Part,
    payload: web::Payload,
) -> HttpResponse {
    let outcome = match part {
        Part::Cards => plugins::list(edge, payload).await,
        Part::Card => plugins::get(edge, &address, payload).await,
        Part::Modules(generation) => plugins::modules(edge, generation, payload).await,
        Part::Switch => plugins::switch(edge, &address, payload).await,
        Part::Fixed => plugins::refuse(edge, &address, payload).await,
        Part::Types => authenticators::types(edge, payload).await,
        Part::PublicList => authenticators::public_list(edge, payload).await,
        Part::Authenticators => authenticators::shown(edge, &address, payload).await,
        Part::Saved => save::save(edge, &address, payload).await,
        Part::Texts => texts::texts(edge, payload).await,
    };
    outcome.unwrap_or_else(|failure| failure.into_answer(edge))
}

/// Why there is no answer of the usual kind.
enum Failure {
    /// NocoBase did not answer.
    Upstream(UpstreamError),
    /// We refuse.
    Refused(ApiError),
    /// There is an answer already.
    Answered(HttpResponse),
}

impl Failure {
    fn into_answer(self, edge: &Edge<'_>) -> HttpResponse {
        match self {
            Self::Upstream(error) => {
                unavailable::answer(&error, edge.request, &edge.app.config.http)
            }
            Self::Refused(error) => edge.own(error.into_response(edge.locale())),
            Self::Answered(answer) => answer,
        }
    }
}

impl From<UpstreamError> for Failure {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<HttpResponse> for Failure {
    fn from(answer: HttpResponse) -> Self {
        Self::Answered(answer)
    }
}

type Outcome = Result<HttpResponse, Failure>;

/// Passes the request on and changes what is in `data` of a good answer.
async fn change(
    edge: &Edge<'_>,
    payload: web::Payload,
    change: impl FnOnce(&mut Value),
) -> Outcome {
    let outgoing = edge.outgoing().await?;
    let body = proxy::body_of(edge.request, payload);
    change_answer(edge, outgoing, body, change).await
}

/// The same for a request that was changed before.
async fn change_answer(
    edge: &Edge<'_>,
    mut outgoing: Outgoing,
    body: RequestBody,
    change: impl FnOnce(&mut Value),
) -> Outcome {
    let headers = &mut outgoing.head.headers;
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    // What is known of the answer without our part is of no use.
    for name in [IF_NONE_MATCH, IF_MODIFIED_SINCE, RANGE] {
        headers.remove(name);
    }
    let response = outgoing.send(edge.upstream, body).await?;
    if !is_readable(&response) {
        return Ok(proxy::answer(
            response,
            edge.request.method() == Method::HEAD,
        ));
    }
    let (mut head, incoming) = response.into_parts();
    let bytes = Upstream::read(incoming).await?;
    head.headers.remove(ETAG);
    let changed = serde_json::from_slice(&bytes)
        .ok()
        .and_then(|mut answer: Value| {
            change(answer.get_mut("data")?);
            serde_json::to_vec(&answer).ok()
        });
    Ok(proxy::with_body(head, changed.map_or(bytes, Into::into)))
}

/// Whether this is a good answer in plain JSON. While NocoBase starts anew, for one, it is not.
fn is_readable(response: &Response<Incoming>) -> bool {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let plain = text(CONTENT_ENCODING).is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    let json = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    response.status() == http::StatusCode::OK && plain && json
}
