//! Requests to NocoBase for the checks.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, VIA};
use http::{Method, Request, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

use super::finding::UpstreamFinding;
use super::text;
use crate::config::UpstreamUrl;
use crate::gateway::body::RequestBody;
use crate::gateway::headers::VIA_US;
use crate::gateway::nodes::Nodes;
use crate::gateway::upstream::{Upstream, UpstreamError};
use crate::state::AppState;

/// How long NocoBase may take for an answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends requests to a node.
pub struct Questions<'a> {
    /// The settings.
    pub app: &'a AppState,
    /// The node.
    pub url: &'a UpstreamUrl,
}

/// An answer of NocoBase.
pub struct NocoBaseAnswer {
    /// The data.
    pub data: Value,
    /// The code of the first error.
    pub code: String,
}

impl Questions<'_> {
    /// Calls an action, with this token if there is one.
    pub async fn ask(
        &self,
        action: &str,
        token: Option<&str>,
    ) -> Result<NocoBaseAnswer, UpstreamFinding> {
        let failed = |error| UpstreamFinding::Unreachable(self.url.to_string(), error);
        let asked = timeout(REQUEST_TIMEOUT, self.try_ask(action, token)).await;
        let asked = asked
            .unwrap_or(Err(UpstreamError::Answer))
            .map_err(failed)?;
        let (status, body) = asked;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let errors = body.get("errors").and_then(Value::as_array);
        let code = errors
            .and_then(|errors| errors.first())
            .map(|error| text(error, "code"));
        match (body.get("data"), errors) {
            (None, None) if status == StatusCode::LOOP_DETECTED.as_u16() => {
                Err(UpstreamFinding::Itself(self.url.to_string()))
            }
            (None, None) => Err(UpstreamFinding::NotReady(self.url.to_string(), status)),
            (data, _) => Ok(NocoBaseAnswer {
                data: data.cloned().unwrap_or_default(),
                code: code.unwrap_or_default().to_owned(),
            }),
        }
    }

    /// Like [`Self::ask`], but returns the status and the body of any answer.
    pub async fn try_ask(
        &self,
        action: &str,
        token: Option<&str>,
    ) -> Result<(u16, bytes::Bytes), UpstreamError> {
        let metrics = &self.app.metrics.upstream;
        // The request goes to this node and no other.
        let node = Arc::new(Nodes::of(std::slice::from_ref(self.url)));
        let upstream = Upstream::new(node, metrics);
        let path = format!("{}{action}", self.app.config.http.api_path());
        let mut head = upstream.head(Method::GET, &path, token)?;
        // A gateway refuses a request that has come through a gateway, so this finds loops.
        head.headers.insert(VIA, HeaderValue::from_static(VIA_US));
        let request = Request::from_parts(head, RequestBody::Empty);
        let response = upstream.send(request).await?;
        let status = response.status().as_u16();
        Ok((status, Upstream::read(response.into_body()).await?))
    }
}
