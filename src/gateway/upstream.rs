//! Calls to NocoBase.

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HOST, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::body::{ClientGone, RequestBody};
use super::connector::Counting;
use super::headers::insert;
use super::nodes::{Node, Nodes};
use crate::metrics::{UpstreamFailure, UpstreamMetrics};

/// How long connecting may take. Calls themselves have no limit, because exports and event streams
/// may take any time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an unused connection is kept. Node closes its own after five seconds, and a request
/// that meets the end of its connection is lost, because nothing is ever sent twice.
const IDLE: Duration = Duration::from_secs(4);
/// The largest answer that is read completely, in bytes; the texts of all plugins have about 600
/// kB.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// Why NocoBase did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// There was no connection, so NocoBase got nothing.
    #[error("NocoBase cannot be reached")]
    Unreachable(#[source] hyper_util::client::legacy::Error),
    /// The connection broke. NocoBase may have performed the action.
    #[error("the connection to NocoBase broke")]
    Lost(#[source] hyper_util::client::legacy::Error),
    /// The body of the answer broke off, or is too long.
    #[error("the answer of NocoBase could not be read")]
    Answer,
    /// The client disconnected, so NocoBase did not get the rest.
    #[error("the client did not send the whole body")]
    Client,
    /// The request has no form that could be sent.
    #[error("the request cannot be sent on")]
    Unsendable,
}

/// Connections to NocoBase. Each worker of the server has its own, so that workers do not wait for
/// each other.
pub struct Upstream {
    client: Client<Counting, RequestBody>,
    nodes: Arc<Nodes>,
    metrics: Arc<UpstreamMetrics>,
}

impl Upstream {
    /// An upstream without connections.
    pub fn new(nodes: Arc<Nodes>, metrics: &UpstreamMetrics) -> Self {
        // Each worker has a copy of its own, because a reference count that all workers share is
        // slow.
        let metrics = Arc::new(metrics.clone());
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .set_host(false)
            .build(Counting::new(connector, nodes.clone(), metrics.clone()));
        Self {
            client,
            nodes,
            metrics,
        }
    }

    /// The node for the next request. There always is one, because the settings require it.
    pub fn node(&self) -> Result<&Node, UpstreamError> {
        self.nodes.next().ok_or(UpstreamError::Unsendable)
    }

    /// The head of a request that the gateway makes by itself, to the next node. It asks for JSON,
    /// with this token if there is one.
    pub fn head(
        &self,
        method: Method,
        target: &str,
        token: Option<&str>,
    ) -> Result<Parts, UpstreamError> {
        let node = self.node()?;
        let mut head = Request::new(()).into_parts().0;
        head.method = method;
        head.uri = node.uri(target).ok_or(UpstreamError::Unsendable)?;
        let headers = &mut head.headers;
        insert(headers, HOST, node.authority());
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            insert(headers, AUTHORIZATION, &format!("Bearer {token}"));
        }
        Ok(head)
    }

    /// Sends a request, once, and returns the head of the answer as soon as it arrives.
    pub async fn send(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        self.client.request(request).await.map_err(|error| {
            let (failure, error) = if error.is_connect() {
                (
                    UpstreamFailure::Unreachable,
                    UpstreamError::Unreachable(error),
                )
            } else if has_cause::<ClientGone>(&error) {
                (UpstreamFailure::Client, UpstreamError::Client)
            } else {
                (UpstreamFailure::Lost, UpstreamError::Lost(error))
            };
            self.metrics.failed(failure);
            error
        })
    }

    /// The whole body of an answer.
    pub async fn read(incoming: Incoming) -> Result<bytes::Bytes, UpstreamError> {
        Self::read_at_most(incoming, LARGEST_ANSWER).await
    }

    /// Like [`Self::read`], with a limit in bytes.
    pub async fn read_at_most(
        incoming: Incoming,
        limit: usize,
    ) -> Result<bytes::Bytes, UpstreamError> {
        let body = Limited::new(incoming, limit).collect().await;
        Ok(body.map_err(|_| UpstreamError::Answer)?.to_bytes())
    }
}

fn has_cause<T: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<T>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the body broke off")]
    struct Broken<T: std::error::Error + 'static>(#[source] T);

    #[test]
    fn a_client_that_is_gone_is_found_behind_other_errors() {
        assert!(has_cause::<ClientGone>(&ClientGone));
        assert!(has_cause::<ClientGone>(&Broken(Broken(ClientGone))));
        assert!(!has_cause::<ClientGone>(&Broken(UpstreamError::Answer)));
    }
}
