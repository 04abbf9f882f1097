//! Failures on demand: a test asks for one, the next calls of that endpoint meet it; or for a bad day, on
//! which any call may fail.
//!
//! A fault answers before any other check, so that it strikes exactly the calls it was meant for,
//! whatever their token or body.

use std::{net::IpAddr, time::Duration};

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{ContentType, LOCATION},
    },
    middleware::Next,
    rt::time::sleep,
    web::Data,
};
use serde::Deserialize;

use crate::{
    bad_day::BadDay,
    endpoint::{Endpoint, Family},
    oapi,
    platform::Platform,
    slow_body::{break_off, slow_down},
    v1,
};

/// DingTalk shows a page like this to an address that called too often; the real one's words differ.
const BAN_PAGE: &str =
    "<!doctype html><title>405</title><h1>Sorry, your request has been blocked</h1>";

/// What an address hears in JSON instead of that page (page "How to process API throttling").
const BAN: &str =
    r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"00000000000000000000"}"#;

/// An employee who is nobody of the seed.
const SOMEBODY_ELSE: &str = r#"{"errcode":0,"errmsg":"ok","result":{"userid":"user-somebody-else","unionid":"union-somebody-else","name":"Somebody Else","contact_type":0}}"#;

/// More than any answer of DingTalk's is.
const HUGE: usize = 4 * 1024 * 1024;

/// Permission that every app holds; named when a call without a permission of its own must lack one.
const BASIC_PERMISSION: &str = "open_app_api_base";

/// A way to fail.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// HTTP 500 with the family's error body.
    Status500,
    /// A page where JSON is due.
    Html,
    /// JSON that breaks off.
    Malformed,
    /// The right answer, late.
    Delay,
    /// The right answer, with a pause in its middle.
    SlowBody,
    /// Too many calls in a second.
    Throttle,
    /// Too many calls in minutes.
    ApiBanned,
    /// Too many calls in a month.
    AllowanceUsedUp,
    /// A code of choice.
    Refused,
    /// The app lacks the call's permission.
    PermissionMissing,
    /// The caller's address is not on the app's list.
    IpNotAllowed,
    /// The token is unknown.
    TokenInvalid,
    /// HTTP 200 and nothing else.
    Empty,
    /// A good answer of some megabytes.
    Huge,
    /// Sent elsewhere, which no call of DingTalk's does.
    Redirect,
    /// The address called too often, said in JSON of no family.
    Banned,
    /// The connection ends in the middle of the answer.
    BreakOff,
    /// A good answer about another person than the one who was asked about.
    SomebodyElse,
}

impl Kind {
    /// Ways to fail at once, which a bad day has unless it is told otherwise.
    pub const AT_ONCE: [Self; 12] = [
        Self::Status500,
        Self::Html,
        Self::Malformed,
        Self::Throttle,
        Self::PermissionMissing,
        Self::IpNotAllowed,
        Self::TokenInvalid,
        Self::Empty,
        Self::Huge,
        Self::Redirect,
        Self::Banned,
        Self::BreakOff,
    ];

    /// Whether an endpoint can fail in this way: the login page has no tokens and no error codes.
    pub fn suits(self, endpoint: Endpoint) -> bool {
        match self {
            Self::Throttle
            | Self::ApiBanned
            | Self::AllowanceUsedUp
            | Self::Refused
            | Self::PermissionMissing
            | Self::IpNotAllowed
            | Self::TokenInvalid => endpoint.family() != Family::Page,
            Self::SomebodyElse => endpoint.family() == Family::Old,
            _ => true,
        }
    }
}

/// A failure that is due.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Where it strikes.
    pub endpoint: Endpoint,
    /// In which way.
    pub kind: Kind,
    /// How many calls it still strikes; none: all, until cleared.
    pub times: Option<u32>,
    /// Pause before the answer, or within it for a slow body.
    pub delay: Duration,
    /// The code of a refusal.
    pub code: String,
    /// The address that DingTalk says it saw; none: the true one.
    pub seen: Option<IpAddr>,
}

/// The failures that are due, first come first served for each endpoint, before those of chance.
#[derive(Default)]
pub struct Faults {
    due: Vec<Fault>,
    bad_day: Option<BadDay>,
}

impl Faults {
    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        self.due.push(fault);
    }

    /// From now on any call may fail.
    pub fn set_bad_day(&mut self, bad_day: BadDay) {
        self.bad_day = Some(bad_day);
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    fn strike(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let due = |fault: &Fault| fault.endpoint == endpoint;
        let Some(position) = self.due.iter().position(due) else {
            return self.bad_day.as_mut()?.strike(endpoint);
        };
        let fault = self.due.get_mut(position)?;
        let struck = fault.clone();
        if let Some(times) = &mut fault.times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                self.due.remove(position);
            }
        }
        Some(struck)
    }
}

/// Middleware that lets due faults strike.
pub async fn inject(
    platform: Data<Platform>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let fault = Endpoint::serving(request.path())
        .and_then(|endpoint| platform.lock().faults.strike(endpoint));
    let Some(fault) = fault else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    if fault.kind == Kind::SlowBody {
        return slow_down(next.call(request).await?, fault.delay).await;
    }
    sleep(fault.delay).await;
    if fault.kind == Kind::Delay {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let response = answer(&fault, &platform, request.request());
    Ok(request.into_response(response))
}

fn answer(fault: &Fault, platform: &Platform, request: &HttpRequest) -> HttpResponse {
    match (fault.kind, fault.endpoint.family()) {
        (Kind::Html, _) => HttpResponse::Ok()
            .content_type(ContentType::html())
            .body(BAN_PAGE),
        (Kind::Malformed, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body("{\"errcode\":0,\"errmsg\":\"ok\",\"result\":{\"userid\":"),
        (Kind::Empty, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .finish(),
        (Kind::Huge, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(format!(
                r#"{{"errcode":0,"errmsg":"ok","result":{{"userid":"{}"}}}}"#,
                "x".repeat(HUGE)
            )),
        (Kind::Redirect, _) => HttpResponse::Found()
            .insert_header((LOCATION, Endpoint::SignInPage.path()))
            .finish(),
        (Kind::Banned, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(BAN),
        (Kind::BreakOff, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(break_off()),
        (Kind::SomebodyElse, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(SOMEBODY_ELSE),
        (_, Family::New) => new_refusal(fault, request).error_response(),
        (_, Family::Old) => {
            let mut response = old_refusal(fault, platform, request).error_response();
            if fault.kind == Kind::Status500 {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            }
            response
        }
        (_, Family::Page) => HttpResponse::InternalServerError()
            .content_type(ContentType::html())
            .body("<!doctype html><title>500</title><h1>Internal Server Error</h1>"),
    }
}

fn new_refusal(fault: &Fault, request: &HttpRequest) -> v1::Refusal {
    match fault.kind {
        Kind::Throttle => v1::Refusal::Throttled,
        Kind::ApiBanned => v1::Refusal::Banned,
        Kind::AllowanceUsedUp => v1::Refusal::AllowanceUsedUp,
        Kind::Refused => v1::Refusal::Other(fault.code.clone()),
        Kind::PermissionMissing => v1::Refusal::PermissionMissing(permission(fault)),
        Kind::IpNotAllowed => v1::Refusal::IpNotAllowed {
            address: seen(fault, request),
        },
        Kind::TokenInvalid => v1::Refusal::InvalidToken,
        _ => v1::Refusal::UnknownError,
    }
}

fn old_refusal(fault: &Fault, platform: &Platform, request: &HttpRequest) -> oapi::Refusal {
    let client_id = || oapi::calling_app(&platform.lock(), request).unwrap_or_default();
    match fault.kind {
        Kind::Throttle => oapi::Refusal::Throttled,
        Kind::ApiBanned => oapi::Refusal::Banned,
        Kind::AllowanceUsedUp => oapi::Refusal::AllowanceUsedUp,
        Kind::Refused => oapi::Refusal::Other(fault.code.clone()),
        Kind::PermissionMissing => oapi::Refusal::PermissionMissing {
            permission: permission(fault),
            client_id: client_id(),
        },
        Kind::IpNotAllowed => oapi::Refusal::IpNotAllowed {
            address: seen(fault, request),
            client_id: client_id(),
        },
        Kind::TokenInvalid => oapi::Refusal::InvalidToken,
        _ => oapi::Refusal::Busy,
    }
}

fn seen(fault: &Fault, request: &HttpRequest) -> Option<IpAddr> {
    let caller = || request.peer_addr().map(|peer| peer.ip());
    fault.seen.or_else(caller)
}

fn permission(fault: &Fault) -> &'static str {
    fault.endpoint.permission().unwrap_or(BASIC_PERMISSION)
}
