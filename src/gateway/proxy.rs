//! Passing one request on to NocoBase.

use actix_web::body::MessageBody;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use http::Response;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use hyper::body::Incoming;

use super::body::{RequestBody, ResponseBody};
use super::exchange::Exchange;
use super::outgoing::Outgoing;
use super::secrets::Masking;
use super::{headers, unavailable};

/// Refuses requests that could mean different things here and at NocoBase.
pub fn refusal(request: &HttpRequest) -> Option<StatusCode> {
    use actix_web::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
    let headers = request.headers();
    let framed_twice =
        headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING);
    let codings: Vec<_> = headers.get_all(TRANSFER_ENCODING).collect();
    let odd_coding = match codings.as_slice() {
        [] => false,
        [coding] => !coding.as_bytes().eq_ignore_ascii_case(b"chunked"),
        _ => true,
    };
    if framed_twice || odd_coding || headers.get_all(HOST).count() > 1 {
        return Some(StatusCode::BAD_REQUEST);
    }
    if headers::are_ambiguous(headers) {
        return Some(StatusCode::BAD_REQUEST);
    }
    if !request.uri().path().starts_with('/') || request.method() == Method::CONNECT {
        return Some(StatusCode::BAD_REQUEST);
    }
    headers::is_loop(request).then_some(StatusCode::LOOP_DETECTED)
}

/// The body that a client sends, as a stream.
pub fn body_of(request: &HttpRequest, payload: web::Payload) -> RequestBody {
    use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(0) => RequestBody::Empty,
        None if !request.headers().contains_key(TRANSFER_ENCODING) => RequestBody::Empty,
        length => RequestBody::of_client(payload, length),
    }
}

/// Sends a request with this body and returns the answer, both as streams.
pub async fn pass_with(
    mut outgoing: Outgoing,
    exchange: &Exchange,
    body: RequestBody,
) -> HttpResponse {
    let request = &exchange.request;
    let masking = masking_of(exchange, &mut outgoing);
    match outgoing.send(&exchange.upstream, body).await {
        Ok(response) => answer(response, request.method() == Method::HEAD, masking),
        Err(error) => unavailable::answer(&error, request, &exchange.app.config.http),
    }
}

/// The masking of secrets in the answer, if this is a request to the API; all other answers are
/// files.
pub fn masking_of(exchange: &Exchange, outgoing: &mut Outgoing) -> Option<Masking> {
    exchange
        .app
        .config
        .http
        .below_api(outgoing.head.uri.path())?;
    let secrets = exchange.tables().secrets().clone();
    if secrets.is_empty() {
        return None;
    }
    // Compressed answers could not be searched, so they are not asked for.
    let plain = HeaderValue::from_static("identity");
    outgoing.head.headers.insert(ACCEPT_ENCODING, plain);
    Some(Masking::new(secrets))
}

/// NocoBase's answer as a stream, with masks in place of secrets.
pub fn answer(
    response: Response<Incoming>,
    to_head: bool,
    masking: Option<Masking>,
) -> HttpResponse {
    let (head, incoming) = response.into_parts();
    // The length is read before the header is removed, because the server writes it again.
    let length = length(&head.headers);
    let status = head.status.as_u16();
    let body = if to_head || matches!(status, 204 | 304) {
        ResponseBody::left_out(length.filter(|_| to_head))
    } else {
        let body = ResponseBody::of_upstream(incoming, length);
        match masking {
            Some(masking) => body.masked(masking),
            None => body,
        }
    };
    with_body(head, body)
}

/// NocoBase's answer with another body.
pub fn with_body<B: MessageBody + 'static>(
    mut head: http::response::Parts,
    body: B,
) -> HttpResponse {
    headers::remove_hop_by_hop(&mut head.headers);
    let status = StatusCode::from_u16(head.status.as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut answer = HttpResponse::with_body(status, body);
    headers::copy_to(&head.headers, answer.headers_mut());
    answer.map_into_boxed_body()
}

/// The length of the body. In a chunked answer the chunks count instead.
fn length(headers: &HeaderMap) -> Option<u64> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return None;
    }
    headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use actix_web::FromRequest;
    use actix_web::test::TestRequest;

    use super::*;

    fn refused(pairs: &[(&str, &str)]) -> Option<StatusCode> {
        let mut request = TestRequest::post().uri("/first");
        for pair in pairs {
            request = request.append_header(*pair);
        }
        refusal(&request.to_http_request())
    }

    #[test]
    fn each_way_to_read_a_request_twice_is_refused_by_itself() {
        for pairs in [
            &[("content-length", "4"), ("transfer-encoding", "chunked")][..],
            &[("transfer-encoding", "xchunked")],
            &[("transfer-encoding", "gzip, chunked")],
            &[
                ("transfer-encoding", "chunked"),
                ("transfer-encoding", "chunked"),
            ],
            &[("host", "x"), ("host", "x")],
            &[("content-length", "4"), ("content-length", "4")],
            &[("connection", "x-role")],
        ] {
            assert_eq!(refused(pairs), Some(StatusCode::BAD_REQUEST), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("host", "x"), ("content-length", "4")],
            &[("transfer-encoding", "Chunked")],
            &[("via", "1.1 another")],
        ] {
            assert_eq!(refused(pairs), None, "{pairs:?}");
        }
        let looped = refused(&[("via", "1.1 nocobase-dingtalk")]);
        assert_eq!(looped, Some(StatusCode::LOOP_DETECTED));
    }

    #[test]
    fn what_names_no_path_is_refused() {
        let connect = TestRequest::with_uri("/").method(Method::CONNECT);
        let no_path = TestRequest::with_uri("*").method(Method::OPTIONS);
        for request in [connect, no_path] {
            let refused = refusal(&request.to_http_request());
            assert_eq!(refused, Some(StatusCode::BAD_REQUEST));
        }
    }

    #[actix_web::test]
    async fn a_request_has_a_body_when_its_headers_announce_one() {
        for (name, value, is_empty) in [
            ("x-other", "1", true),
            ("content-length", "0", true),
            ("content-length", "4", false),
            ("transfer-encoding", "chunked", false),
        ] {
            let (request, mut payload) = TestRequest::post()
                .insert_header((name, value))
                .to_http_parts();
            let payload = web::Payload::from_request(&request, &mut payload).await;
            let body = body_of(&request, payload.unwrap());
            let found = matches!(body, RequestBody::Empty);
            assert_eq!(found, is_empty, "{name}: {value}");
        }
    }
}
