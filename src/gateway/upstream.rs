//! Calls to NocoBase.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::body::{ClientGone, RequestBody};
use super::connector::Counting;
use super::nodes::{Node, Nodes};
use crate::metrics::{Failure, UpstreamMetrics};

/// How long a connection may take to come about. What is sent over it may take any time: exports
/// and streams of events do.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an unused connection is kept. Node closes its own after five seconds, and a request
/// that meets the end of its connection is lost, for nothing is ever sent twice.
const IDLE: Duration = Duration::from_secs(4);
/// Largest answer that is read as a whole; the texts of all plugins have about 600 kB.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// Why NocoBase did not answer.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection; it got nothing.
    #[error("NocoBase cannot be reached")]
    Unreachable(#[source] hyper_util::client::legacy::Error),
    /// The connection broke; it may have done what was asked.
    #[error("the connection to NocoBase broke")]
    Lost(#[source] hyper_util::client::legacy::Error),
    /// The body of the answer broke off, or is too long.
    #[error("the answer of NocoBase could not be read")]
    Answer,
    /// The client gave up, so NocoBase was not given the rest.
    #[error("the client did not send the whole body")]
    Client,
    /// What the client asked for has no form that could be sent.
    #[error("the request cannot be sent on")]
    Unsendable,
}

/// Connections to NocoBase. Each worker of the server has its own, so that none waits for another.
pub struct Upstream {
    client: Client<Counting, RequestBody>,
    nodes: Arc<Nodes>,
    metrics: Arc<UpstreamMetrics>,
}

impl Upstream {
    /// No connections yet.
    pub fn new(nodes: Arc<Nodes>, metrics: &UpstreamMetrics) -> Self {
        // The worker's own copy: what all workers count references to is slow for each of them.
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

    /// Where the next request goes. There always is a node: the settings name one.
    pub fn node(&self) -> Result<&Node, UpstreamError> {
        self.nodes.next().ok_or(UpstreamError::Unsendable)
    }

    /// Sends a request, once, and gives the answer's head as soon as it is there.
    pub async fn send(
        &self,
        request: Request<RequestBody>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        self.client.request(request).await.map_err(|error| {
            let (failure, error) = if error.is_connect() {
                (Failure::Unreachable, UpstreamError::Unreachable(error))
            } else if has_cause::<ClientGone>(&error) {
                (Failure::Client, UpstreamError::Client)
            } else {
                (Failure::Lost, UpstreamError::Lost(error))
            };
            self.metrics.failed(failure);
            error
        })
    }

    /// The whole body of an answer.
    pub async fn read(incoming: Incoming) -> Result<bytes::Bytes, UpstreamError> {
        Self::read_at_most(incoming, LARGEST_ANSWER).await
    }

    /// The same, when it has no more bytes than this.
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
