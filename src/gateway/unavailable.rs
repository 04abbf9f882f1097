//! Answers to clients while NocoBase does not answer.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::upstream::UpstreamError;
use crate::chain::Chain;
use crate::config::Http;
use crate::edge::cors;

/// The page that people see while NocoBase starts.
const STARTING: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <meta http-equiv=\"refresh\" content=\"3\">\n<title>NocoBase</title>\n\
    <h1>NocoBase is not available right now</h1>\n<p>It may be starting. This page tries again by \
    itself.</p>\n";

/// The answer in place of NocoBase's.
pub fn answer(error: &UpstreamError, request: &HttpRequest, http: &Http) -> HttpResponse {
    let mut answer = match error {
        UpstreamError::Unreachable(_) => {
            log::warn!("{}", Chain(error));
            starting(request, http)
        }
        // NocoBase may have performed the action, so the answer must not look like that of a server
        // which is only starting.
        UpstreamError::Lost(_) | UpstreamError::Answer => {
            log::warn!("{}", Chain(error));
            failed(
                StatusCode::BAD_GATEWAY,
                "NocoBase did not answer. Please check whether the change was made.",
            )
        }
        UpstreamError::Client | UpstreamError::Unsendable => {
            failed(StatusCode::BAD_REQUEST, "request aborted")
        }
    };
    let headers = answer.headers_mut();
    if http.below_api(request.path()).is_some() {
        cors::apply(request, http, headers);
    }
    headers.insert(
        CACHE_CONTROL,
        actix_web::http::header::HeaderValue::from_static("no-store"),
    );
    answer
}

/// What NocoBase 2.2.15 itself answers while its application starts: its web client shows that and
/// waits. People who open a page get a page.
fn starting(request: &HttpRequest, http: &Http) -> HttpResponse {
    let mut answer = HttpResponse::ServiceUnavailable();
    answer.insert_header((RETRY_AFTER, 3));
    let accept = request.headers().get(ACCEPT);
    let wants_page = accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_page && http.below_api(request.path()).is_none() {
        return answer
            .content_type("text/html; charset=utf-8")
            .body(STARTING);
    }
    answer.content_type("application/json").body(
        json!({"error": {
            "status": 503,
            "maintaining": true,
            "message": "NocoBase is starting",
            "command": {"name": "start"},
            "code": "APP_COMMANDING",
        }})
        .to_string(),
    )
}

fn failed(status: StatusCode, message: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("application/json; charset=utf-8")
        .body(json!({"errors": [{"message": message}]}).to_string())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN};
    use actix_web::test::TestRequest;
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        http: Http,
    }

    #[test]
    fn pages_of_other_sites_may_read_that_of_the_api_and_of_nothing_else() {
        let http = CommandLine::parse_from(["test"]).http;
        for (path, expected) in [("/api/x", Some("https://other.example")), ("/admin", None)] {
            let request = TestRequest::with_uri(path)
                .insert_header((ORIGIN, "https://other.example"))
                .to_http_request();
            let told = answer(&UpstreamError::Answer, &request, &http);
            let allowed = told.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN);
            let allowed = allowed.map(|origin| origin.to_str().unwrap());
            assert_eq!(allowed, expected, "{path}");
        }
    }
}
