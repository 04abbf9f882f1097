//! Sending calls to DingTalk, with limits and without the URL in any error.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use super::breaker::Breaker;
use super::connection_failure::ConnectionFailure;
use super::error::DingTalkError;
use super::quotable::word;
use super::wire::Ban;

/// The time limit for connecting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The time limit for a whole call. DingTalk's limit for its own callbacks is 3 seconds.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// How long an unused connection is kept. Servers close theirs after some time, which DingTalk does
/// not tell and which is 5 seconds at the sandbox. A call that meets this end is lost, and calls
/// that use up a code are never repeated, so the client is the first to close.
const IDLE: Duration = Duration::from_secs(4);

/// The largest answer that is read, in bytes; usual answers have some kilobytes.
const LARGEST_ANSWER: usize = 1024 * 1024;

type Result<T> = std::result::Result<T, DingTalkError>;

/// Connections that are kept open between calls. Fails when the machine offers no TLS.
pub fn connections(to_this_machine: bool) -> reqwest::Result<reqwest::Client> {
    let mut http = reqwest::Client::builder();
    if to_this_machine {
        // A proxy would look for the sandbox on its own machine, so none is used.
        http = http.no_proxy();
    }
    http.connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .pool_idle_timeout(IDLE)
        .redirect(Policy::none())
        .user_agent(concat!("nocobase-dingtalk/", env!("CARGO_PKG_VERSION")))
        .build()
}

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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::sleep;

    use super::*;

    /// A server that answers once on a connection, and closes it when the next request comes.
    /// That is what a client meets whose request crosses the end of the connection.
    async fn answering_once() -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = [0; 1024];
                    assert_ne!(stream.read(&mut request).await.unwrap(), 0);
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                    stream.write_all(answer).await.unwrap();
                    let _ = stream.readable().await;
                });
            }
        });
        format!("http://{address}/").parse().unwrap()
    }

    #[tokio::test]
    async fn calls_use_no_connection_that_the_other_side_may_be_closing() {
        let url = answering_once().await;
        let host = Breaker::new();
        let http = connections(true).unwrap();
        send(&host, http.post(url.clone())).await.unwrap();
        sleep(IDLE + Duration::from_millis(100)).await;
        send(&host, http.post(url)).await.unwrap();
    }
}
