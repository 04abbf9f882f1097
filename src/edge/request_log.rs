//! The record of each request: a number in the metrics and, for operators who want it, a line in
//! the log.

use std::fmt::{self, Display};
use std::time::Instant;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use uuid::Uuid;

use super::{http10, peer};
use crate::config::Http;
use crate::metrics::RequestKind;
use crate::state::AppState;

/// The header with the id by which client, server and log name the same request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The log target of these lines.
pub const TARGET: &str = "access";
/// The longest request id that is accepted from a proxy, in bytes.
const LONGEST_NAME: usize = 64;

/// A request that has not been answered yet.
pub struct RequestLog {
    started: Instant,
    id: HeaderValue,
}

/// The account that sent a request.
#[derive(Clone, Copy)]
struct AccountId(i64);

/// Stores the account that sent a request, for the line in the log, if there will be one.
pub fn note_account(request: &HttpRequest, id: i64) {
    if log::log_enabled!(target: TARGET, log::Level::Debug) {
        request.extensions_mut().insert(AccountId(id));
    }
}

impl RequestLog {
    /// Starts the record of a request. The request gets a new id, as in NocoBase, unless a trusted
    /// proxy has given it one.
    pub fn now(request: &HttpRequest, http: &Http) -> Self {
        let named = request.headers().get(&REQUEST_ID);
        let named = named.filter(|name| is_name(name.as_bytes()));
        let id = named.filter(|_| {
            let peer = peer::of_connection(request.head());
            peer.is_some_and(|peer| http.trusts(peer))
        });
        Self {
            started: Instant::now(),
            id: id.cloned().unwrap_or_else(fresh_name),
        }
    }

    /// The id of the request.
    pub fn id(&self) -> &HeaderValue {
        &self.id
    }

    /// Ends the record when the request was answered.
    pub fn answered(
        self,
        app: &AppState,
        kind: RequestKind,
        request: &HttpRequest,
        answer: &mut HttpResponse,
    ) {
        let Self { started, id } = self;
        http10::end_with_connection(request, answer);
        let duration = started.elapsed();
        let status = answer.status().as_u16();
        app.metrics.requests.count(kind, status, duration);
        let theirs = answer.headers_mut().insert(REQUEST_ID, id.clone()).next();
        // Errors of the server's side are always worth a line.
        let level = if status >= 500 {
            log::Level::Info
        } else {
            log::Level::Debug
        };
        if !log::log_enabled!(target: TARGET, level) {
            return;
        }
        let account = request.extensions().get::<AccountId>().copied();
        // Only the path is written, because queries can hold tokens and authorization codes.
        log::log!(
            target: TARGET,
            level,
            "id={} method={} path={} kind={} status={status} ms={} bytes={} client={} user={} nocobase_id={}",
            Plain(id.as_bytes()),
            request.method(),
            Plain(request.uri().path().as_bytes()),
            kind.label(),
            duration.as_millis(),
            OrDash(bytes_of(answer)),
            peer::address(request, &app.config.http),
            OrDash(account.map(|AccountId(id)| id)),
            OrDash(theirs.as_ref().map(|id| Plain(id.as_bytes()))),
        );
    }
}

fn bytes_of(answer: &HttpResponse) -> Option<u64> {
    match answer.body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(length) => Some(length),
        BodySize::Stream => None,
    }
}

fn fresh_name() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let text = Uuid::new_v4().hyphenated().encode_lower(&mut text);
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

fn is_name(name: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && name.len() <= LONGEST_NAME && name.iter().all(plain)
}

/// A value, or a dash where it is unknown.
struct OrDash<T>(Option<T>);

impl<T: Display> Display for OrDash<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}

/// Bytes that a client sent, escaped so that they cannot break out of their place in the line.
struct Plain<'a>(&'a [u8]);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(200) {
            let shown = if byte.is_ascii_graphic() { *byte } else { b'?' };
            write!(f, "{}", char::from(shown))?;
        }
        Ok(())
    }
}
