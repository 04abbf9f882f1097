//! Sending calls to DingTalk, with limits and without the URL in any error.

use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use super::breaker::Breaker;
use super::connection_failure::ConnectionFailure;
use super::error::DingTalkError;
use super::quotable::word;
use super::wire::Ban;

/// The largest answer that is read, in bytes; usual answers have some kilobytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

type Result<T> = std::result::Result<T, DingTalkError>;

/// The error for an answer whose status is not successful.
pub fn unexpected_status(status: StatusCode) -> DingTalkError {
    if status.is_server_error() {
        return DingTalkError::Busy(format!("status {status}"));
    }
    DingTalkError::Unexpected(format!("status {status}").into())
}

/// The error for an answer that is not JSON, or not the expected JSON, such as a page that blocks
/// the address or a proxy's error.
pub fn unreadable(status: StatusCode, error: &serde_json::Error) -> DingTalkError {
    if status.is_server_error() {
        return DingTalkError::Busy(format!("status {status}"));
    }
    // Only the category is kept, because the message would quote the answer.
    DingTalkError::Unexpected(format!("status {status}, {:?} error", error.classify()).into())
}

/// Sends a request, unless the breaker of the host is open, and returns status and body.
pub async fn send(host: &Breaker, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>)> {
    let permit = host.permit().await?;
    let answer = async {
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let body = read(response).await?;
        if let Ok(Ban { punish }) = serde_json::from_slice(&body) {
            return Err(DingTalkError::Banned(word(&punish)));
        }
        Ok((status, body))
    };
    let answer = answer.await;
    match answer {
        Err(DingTalkError::Unreachable(_) | DingTalkError::NoAnswer(_)) => permit.failed(),
        _ => permit.answered(),
    }
    answer
}

async fn read(mut response: Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(DingTalkError::Unexpected(
                "an answer of more than a megabyte".into(),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Removes the URL, which may contain a token, from an error. The cause is kept: whether it was the
/// name, the certificate or the connection.
pub fn unreachable(error: reqwest::Error) -> DingTalkError {
    let has_left = !error.is_connect() && !error.is_builder();
    let what = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let error = error.without_url();
    let failure = ConnectionFailure::new(what, error);
    if has_left {
        DingTalkError::NoAnswer(failure)
    } else {
        DingTalkError::Unreachable(failure)
    }
}

/// The address of this path at a host.
pub fn below(base: &Url, path: &[&str]) -> Result<Url> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| DingTalkError::Unexpected("a host that is not a base".into()))?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}
