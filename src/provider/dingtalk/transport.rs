//! How calls to DingTalk travel: with limits, and without the URL in any error.

use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use super::breaker::Breaker;
use super::error::DingTalkError;
use super::quotable::word;
use super::wire::Ban;
use crate::chain::Chain;

/// Answers are some kilobytes; more is not read.
const LARGEST_ANSWER: usize = 1024 * 1024;

type Result<T> = std::result::Result<T, DingTalkError>;

/// An answer that says of itself that it is none.
pub fn unexpected_status(status: StatusCode) -> DingTalkError {
    if status.is_server_error() {
        return DingTalkError::Busy(format!("status {status}"));
    }
    DingTalkError::Unexpected(format!("status {status}").into())
}

/// An answer that is not JSON, or other JSON: a page that bans the address, a proxy's error.
pub fn unreadable(status: StatusCode, error: &serde_json::Error) -> DingTalkError {
    if status.is_server_error() {
        return DingTalkError::Busy(format!("status {status}"));
    }
    // The category only: the message would quote the answer.
    DingTalkError::Unexpected(format!("status {status}, {:?} error", error.classify()).into())
}

/// Sends a request to a host that is not left alone, and gives status and body.
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
        Err(DingTalkError::Unreachable(_)) => permit.failed(),
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

/// Drops the URL, which may hold a token, and keeps what led to the failure: whether it was the
/// name, the certificate or the connection.
fn unreachable(error: reqwest::Error) -> DingTalkError {
    let what = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    let error = error.without_url();
    DingTalkError::Unreachable(format!("{what} ({})", Chain(&error)))
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
