//! The login inside a page of the app: a script that opens a frame, and the page in that frame.
//!
//! The script is an imitation of DingTalk's, as its page "Obtain user personal information"
//! describes it. The real frame shows a QR code; this one shows a list of people, and choosing one
//! stands for scanning.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::CONTENT_SECURITY_POLICY,
    web::{Data, Form},
};
use serde_json::json;

use super::{Choice, Pressed, Wish, authorization::Authorization, complete, page};
use crate::state::platform::Platform;

/// The path of DingTalk's script in this sandbox.
pub const SCRIPT_PATH: &str = "/h5-dingtalk-login/ddlogin.js";
/// The path of the page in the frame.
pub const FRAME_PATH: &str = "/oauth2/frame";

const SCRIPT: &str = include_str!("ddlogin.js");
const SCANNED: &str = include_str!("scanned.html");

/// Any page may show the frame, as with DingTalk. The message with the code goes only to the app's
/// origin.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'";

/// `GET /h5-dingtalk-login/ddlogin.js`: the script.
pub async fn script() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/javascript; charset=utf-8")
        .body(SCRIPT)
}

/// `GET /oauth2/frame`: the list of people who could scan.
pub async fn show(platform: Data<Platform>, request: HttpRequest) -> HttpResponse {
    let state = platform.lock();
    let answer = match Authorization::parse(&state, request.query_string()) {
        Ok(authorization) => page::login(&state, &authorization),
        Err(error) => page::error(&error.to_string()),
    };
    framed(answer)
}

/// `POST /oauth2/frame`: a person has scanned, and the page around the frame receives a message.
pub async fn scan(
    platform: Data<Platform>,
    request: HttpRequest,
    pressed: Form<Pressed>,
) -> HttpResponse {
    let choice = match &pressed.person {
        Some(person) => Choice::Person(person.clone()),
        None => Choice::Error("access_denied".to_owned()),
    };
    let mut state = platform.lock();
    let location = match complete(&mut state, request.query_string(), &Wish::new(choice)) {
        Ok(location) => location,
        Err(error) => return framed(page::error(&error.to_string())),
    };
    let value = |name: &str| {
        let mut pairs = location.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let message = json!({
        "success": value("error").is_none(),
        "errorMsg": value("error"),
        "redirectUrl": location.as_str(),
        "authCode": value("authCode"),
        "state": value("state"),
    });
    let origin = json!(location.origin().ascii_serialization());
    // Characters that could end the script are escaped.
    let plain = |value: &serde_json::Value| value.to_string().replace('<', "\\u003c");
    let values = [("message", plain(&message)), ("origin", plain(&origin))];
    let values = values
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    framed(page(HttpResponse::Ok(), &super::fill(SCANNED, &values)))
}

fn framed(mut answer: HttpResponse) -> HttpResponse {
    let policy = actix_web::http::header::HeaderValue::from_static(POLICY);
    answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    answer
}
