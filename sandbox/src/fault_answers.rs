//! Middleware that answers calls which are meant to fail.
//!
//! A fault answers before any other check, so that it affects exactly the intended calls, whatever
//! their token or body.

use std::net::IpAddr;

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse, ResponseError,
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

use crate::{
    oapi,
    paging::StuckCursor,
    slow_body::{break_off, slow_down},
    state::{
        endpoint::{Endpoint, Family},
        fault::{FaultKind, Strike},
        platform::Platform,
    },
    v1,
};

/// An imitation of the page that DingTalk shows to an address that calls too often. The wording of
/// the real page differs.
const BAN_PAGE: &str =
    "<!doctype html><title>405</title><h1>Sorry, your request has been blocked</h1>";

/// The JSON answer for the same case (page "How to process API throttling").
const BAN: &str =
    r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"00000000000000000000"}"#;

/// What a proxy between the caller and DingTalk says, which knows nothing of DingTalk's codes.
const BLOCKED: &str = r#"{"code":"Forbidden","message":"This address is blocked."}"#;

/// An employee who does not exist among the seeded people.
const SOMEBODY_ELSE: &str = r#"{"errcode":0,"errmsg":"ok","result":{"userid":"user-somebody-else","unionid":"union-somebody-else","name":"Somebody Else","contact_type":0}}"#;

/// A size that is larger than any answer of DingTalk's.
const HUGE: usize = 4 * 1024 * 1024;

/// A permission that every app has. It is named when a call that needs no other permission must
/// fail for lack of one.
const BASIC_PERMISSION: &str = "open_app_api_base";

/// The middleware.
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
    if fault.kind == FaultKind::StuckCursor {
        request.extensions_mut().insert(StuckCursor);
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    if fault.kind == FaultKind::SlowBody {
        return slow_down(next.call(request).await?, fault.delay).await;
    }
    sleep(fault.delay).await;
    if fault.kind == FaultKind::Delay {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let response = answer(&fault, &platform, request.request());
    Ok(request.into_response(response))
}

fn answer(fault: &Strike, platform: &Platform, request: &HttpRequest) -> HttpResponse {
    match (fault.kind, fault.endpoint.family()) {
        (FaultKind::Html, _) => HttpResponse::Ok()
            .content_type(ContentType::html())
            .body(BAN_PAGE),
        (FaultKind::Malformed, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body("{\"errcode\":0,\"errmsg\":\"ok\",\"result\":{\"userid\":"),
        (FaultKind::Blocked, _) => HttpResponse::Forbidden()
            .content_type(ContentType::json())
            .body(BLOCKED),
        (FaultKind::Empty, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .finish(),
        (FaultKind::Huge, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(format!(
                r#"{{"errcode":0,"errmsg":"ok","result":{{"userid":"{}"}}}}"#,
                "x".repeat(HUGE)
            )),
        (FaultKind::Redirect, _) => HttpResponse::Found()
            .insert_header((LOCATION, Endpoint::SignInPage.path()))
            .finish(),
        (FaultKind::Banned, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(BAN),
        (FaultKind::BreakOff, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(break_off()),
        (FaultKind::SomebodyElse, _) => HttpResponse::Ok()
            .content_type(ContentType::json())
            .body(SOMEBODY_ELSE),
        (_, Family::New) => new_refusal(fault, request).error_response(),
        (_, Family::Old) => {
            let mut response = old_refusal(fault, platform, request).error_response();
            if fault.kind == FaultKind::Status500 {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            }
            response
        }
        (_, Family::Page) => HttpResponse::InternalServerError()
            .content_type(ContentType::html())
            .body("<!doctype html><title>500</title><h1>Internal Server Error</h1>"),
    }
}

fn new_refusal(fault: &Strike, request: &HttpRequest) -> v1::Refusal {
    match fault.kind {
        FaultKind::Throttle => v1::Refusal::Throttled,
        FaultKind::ApiBanned => v1::Refusal::Banned,
        FaultKind::AllowanceUsedUp => v1::Refusal::AllowanceUsedUp,
        FaultKind::Refused => v1::Refusal::Other(fault.code.clone()),
        FaultKind::PermissionMissing => v1::Refusal::PermissionMissing(permission(fault)),
        FaultKind::IpNotAllowed => v1::Refusal::IpNotAllowed {
            address: seen(fault, request),
        },
        FaultKind::TokenInvalid => v1::Refusal::InvalidToken,
        _ => v1::Refusal::UnknownError,
    }
}

fn old_refusal(fault: &Strike, platform: &Platform, request: &HttpRequest) -> oapi::Refusal {
    let client_id = || oapi::calling_app(&platform.lock(), request).unwrap_or_default();
    match fault.kind {
        FaultKind::Throttle => oapi::Refusal::Throttled,
        FaultKind::ApiBanned => oapi::Refusal::Banned,
        FaultKind::AllowanceUsedUp => oapi::Refusal::AllowanceUsedUp,
        FaultKind::Refused => oapi::Refusal::Other(fault.code.clone()),
        FaultKind::PermissionMissing => oapi::Refusal::PermissionMissing {
            permission: permission(fault),
            client_id: client_id(),
        },
        FaultKind::IpNotAllowed => oapi::Refusal::IpNotAllowed {
            address: seen(fault, request),
            client_id: client_id(),
        },
        FaultKind::TokenInvalid => oapi::Refusal::InvalidToken,
        _ => oapi::Refusal::Busy,
    }
}

fn seen(fault: &Strike, request: &HttpRequest) -> Option<IpAddr> {
    let caller = || request.peer_addr().map(|peer| peer.ip());
    fault.seen.or_else(caller)
}

fn permission(fault: &Strike) -> &'static str {
    fault.endpoint.permission().unwrap_or(BASIC_PERMISSION)
}
