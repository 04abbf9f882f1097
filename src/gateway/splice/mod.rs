//! Requests that NocoBase answers together with the gateway: the gateway adds to NocoBase's answer,
//! changes what NocoBase is sent, or answers itself.

mod authenticators;
mod channel_filter;
mod channels;
mod columns;
mod named_rows;
mod plugin_texts;
mod plugins;
mod questions;
mod removal;
mod rename;
mod save;
mod sync;
#[cfg(test)]
mod tests;

use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use http::Response;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, ETAG, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, RANGE,
};
use hyper::body::Incoming;
use serde_json::Value;

use super::body::RequestBody;
use super::destination::{Part, Splice};
use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::pass::pass;
use super::permission;
use super::proxy;
use super::reading::Application;
use super::secrets::Masking;
use super::unavailable;
use super::upstream::{Upstream, UpstreamError};
use crate::domain::role::ActingRole;
use crate::edge::ApiError;
use crate::edge::address::Address;
use crate::edge::body::{Body, FORM_LIMIT};
use crate::store::StoreError;

/// Answers a request to an action of which the gateway handles a part.
pub async fn answer(exchange: &Exchange, splice: Splice, payload: web::Payload) -> HttpResponse {
    let asked = SplicedRequest {
        exchange,
        address: &splice.address,
        target: &splice.target,
        payload,
    };
    let outcome = match splice.part {
        Part::Preflight => preflight(asked).await,
        Part::PluginCards => plugins::list(asked).await,
        Part::PluginCard => plugins::get(asked).await,
        Part::Modules(generation) => plugins::modules(asked, generation).await,
        Part::PluginSwitch => plugins::switch(asked).await,
        Part::PluginFixed => plugins::refuse(asked).await,
        Part::AuthenticatorTypes => authenticators::types(asked).await,
        Part::PublicList => authenticators::public_list(asked).await,
        Part::Authenticators => authenticators::shown(asked).await,
        Part::AuthenticatorSaved => save::save(asked).await,
        Part::SyncTypes => sync::types(asked).await,
        Part::SyncSaved => sync::save(asked).await,
        Part::SyncRemoved => sync::remove(asked).await,
        Part::SyncRun => sync::run(asked).await,
        Part::Channels => channels::shown(asked).await,
        Part::ChannelSaved => channels::save(asked).await,
        Part::ChannelsRemoved => channels::remove(asked).await,
        Part::Question => questions::pass(asked).await,
        Part::Texts => plugin_texts::add(asked).await,
    };
    let mut answer = outcome.unwrap_or_else(|failure| failure.into_answer(exchange));
    exchange.renewal.hand_over(&mut answer);
    answer
}

/// A request to an action of which the gateway handles a part.
struct SplicedRequest<'a> {
    exchange: &'a Exchange,
    /// The resource and action of the request.
    address: &'a Address,
    /// The path and query for NocoBase.
    target: &'a str,
    payload: web::Payload,
}

impl SplicedRequest<'_> {
    /// Passes the request on and changes `data` in the answer if it is a success.
    async fn change(self, shows: Shows, change: impl FnOnce(&mut Value)) -> SpliceResult {
        let outgoing = self.exchange.outgoing_to_main(self.target)?;
        let body = proxy::body_of(&self.exchange.request, self.payload);
        change_answer(self.exchange, outgoing, body, shows, change).await
    }

    /// Passes the request on unchanged.
    async fn pass(self) -> SpliceResult {
        let outgoing = self.exchange.outgoing_to_main(self.target)?;
        Ok(pass(outgoing, self.exchange, Application::Main, self.payload).await)
    }
}

/// The role of a caller and the body of their form. The role is asked first, because reading a body takes much more memory
/// than a question.
async fn role_and_form(
    exchange: &Exchange,
    payload: web::Payload,
) -> Result<(ActingRole, Body), SpliceFailure> {
    let role = permission::role_of(exchange).await?;
    let body = Body::read(exchange.request.headers(), payload, FORM_LIMIT).await?;
    Ok((role, body))
}

/// What NocoBase's answer may show, which decides what happens when it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// Nothing secret: an answer that cannot be read is passed on.
    NoSecrets,
    /// Rows of authenticators, which hold secrets: an answer that cannot be read is held back.
    Authenticators,
}

/// Lets NocoBase decide whether a page of another site may call the action. NocoBase treats the
/// preflight of a site that it does not accept as the call itself, so the request is sent without
/// its body and without credentials, which browsers never send with a preflight. The parameter
/// `token` is not in its target.
async fn preflight(asked: SplicedRequest<'_>) -> SpliceResult {
    let mut outgoing = asked.exchange.outgoing_to_main(asked.target)?;
    for name in [AUTHORIZATION, COOKIE] {
        outgoing.head.headers.remove(name);
    }
    let shows = Shows::Authenticators;
    change_answer(asked.exchange, outgoing, RequestBody::Empty, shows, |_| {}).await
}

/// Why NocoBase's changed answer could not be given.
enum SpliceFailure {
    /// NocoBase did not answer.
    Upstream(UpstreamError),
    /// The gateway refuses the request.
    Refused(ApiError),
    /// The answer is complete already.
    Answered(HttpResponse),
}

impl SpliceFailure {
    fn into_answer(self, exchange: &Exchange) -> HttpResponse {
        match self {
            Self::Upstream(error) => {
                unavailable::answer(&error, &exchange.request, &exchange.app.config.http)
            }
            Self::Refused(error) => exchange.with_cors(error.into_response(exchange.locale())),
            Self::Answered(answer) => answer,
        }
    }
}

impl From<UpstreamError> for SpliceFailure {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

impl From<ApiError> for SpliceFailure {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for SpliceFailure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<HttpResponse> for SpliceFailure {
    fn from(answer: HttpResponse) -> Self {
        Self::Answered(answer)
    }
}

type SpliceResult = Result<HttpResponse, SpliceFailure>;

/// A request that saves these values. The body is written again from the parsed values, so that
/// NocoBase receives exactly what was checked.
fn with_values(
    exchange: &Exchange,
    values: &Value,
    target: &str,
) -> Result<(Outgoing, RequestBody), UpstreamError> {
    let mut outgoing = exchange.outgoing_to_main(target)?;
    // NocoBase would not save for a method without a body, or for HEAD.
    outgoing.head.method = http::Method::POST;
    let headers = &mut outgoing.head.headers;
    headers.remove(CONTENT_ENCODING);
    let body = if values.is_null() {
        headers.remove(CONTENT_TYPE);
        RequestBody::Empty
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        RequestBody::Whole(values.to_string().into())
    };
    Ok((outgoing, body))
}

/// Sends a request and changes `data` in the answer if it is a success.
async fn change_answer(
    exchange: &Exchange,
    mut outgoing: Outgoing,
    body: RequestBody,
    shows: Shows,
    change: impl FnOnce(&mut Value),
) -> SpliceResult {
    let headers = &mut outgoing.head.headers;
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    // The client may have cached a changed answer, so validators and ranges do not fit NocoBase's.
    for name in [IF_NONE_MATCH, IF_MODIFIED_SINCE, RANGE] {
        headers.remove(name);
    }
    let response = outgoing.send(&exchange.upstream, body).await?;
    let secrets = exchange.tables().secrets().clone();
    let to_head = exchange.request.method() == Method::HEAD;
    let is_empty = to_head || response.status() == http::StatusCode::NO_CONTENT;
    if is_empty || !response.status().is_success() {
        let masking = Masking::new(secrets);
        return Ok(proxy::answer(response, to_head, Some(masking)));
    }
    let is_readable = is_readable(&response);
    if !is_readable && shows == Shows::NoSecrets {
        return Ok(proxy::answer(response, false, Some(Masking::new(secrets))));
    }
    let (mut head, incoming) = response.into_parts();
    exchange.renewal.note_token(&head.headers);
    let bytes = Upstream::read(incoming).await?;
    head.headers.remove(ETAG);
    let changed = Some(&bytes).filter(|_| is_readable);
    let changed = changed.and_then(|bytes| with_data(bytes, change));
    let bytes = match changed {
        Some(changed) => changed.into(),
        None if shows == Shows::NoSecrets || bytes.is_empty() => bytes,
        None => {
            log::error!("an answer about authenticators cannot be read, and is held back");
            return Err(UpstreamError::Answer.into());
        }
    };
    Ok(proxy::with_body(head, secrets.mask(bytes)))
}

/// The answer with `data` changed. Returns none when it does not have the form of NocoBase's
/// answers.
fn with_data(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Option<Vec<u8>> {
    let mut answer: Value = serde_json::from_slice(bytes).ok()?;
    // An action without a result answers with an empty object.
    let is_empty = answer.as_object().is_some_and(serde_json::Map::is_empty);
    match answer.get_mut("data") {
        Some(data) => change(data),
        None if is_empty => {}
        None => return None,
    }
    serde_json::to_vec(&answer).ok()
}

/// Whether the answer is uncompressed JSON. It is not while NocoBase restarts, for example.
fn is_readable(response: &Response<Incoming>) -> bool {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let plain = text(CONTENT_ENCODING).is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    plain && text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"))
}
