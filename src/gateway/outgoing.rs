//! A request to NocoBase, as it will be sent.

use actix_web::HttpRequest;
use http::{Request, Response};
use hyper::body::Incoming;

use super::body::RequestBody;
use super::headers;
use super::upstream::{Upstream, UpstreamError};
use crate::state::AppState;

/// A request to NocoBase, which can still be changed.
pub struct Outgoing {
    /// The head, with the headers for NocoBase.
    pub head: http::request::Parts,
}

impl Outgoing {
    /// The head of a client's request, with this path and query.
    pub fn of(
        request: &HttpRequest,
        target: &str,
        app: &AppState,
        upstream: &Upstream,
    ) -> Result<Self, UpstreamError> {
        let mut head = Request::new(()).into_parts().0;
        let node = upstream.node()?;
        head.uri = node.uri(target).ok_or(UpstreamError::Unsendable)?;
        head.method = http::Method::from_bytes(request.method().as_str().as_bytes())
            .map_err(|_| UpstreamError::Unsendable)?;
        let config = &app.config;
        head.headers =
            headers::of_request(request, &config.http, &config.gateway, node.authority());
        Ok(Self { head })
    }

    /// Sends the request with this body.
    pub async fn send(
        self,
        upstream: &Upstream,
        body: RequestBody,
    ) -> Result<Response<Incoming>, UpstreamError> {
        upstream.send(Request::from_parts(self.head, body)).await
    }
}
