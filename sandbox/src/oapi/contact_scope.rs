//! The contact scope of an app: which contacts it may see (DingTalk's page "Obtain the
//! authorization scope").

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{call::Call, refusal::Refusal};
use crate::state::{app::App, endpoint::Endpoint, platform::Platform};

/// The answer. Its values stand beside the code, without `result` and `request_id`.
#[derive(Serialize)]
struct Answer<'a> {
    errcode: i32,
    errmsg: &'static str,
    auth_user_field: Vec<&'static str>,
    condition_field: [&'static str; 0],
    auth_org_scopes: Scopes<'a>,
}

#[derive(Serialize)]
struct Scopes<'a> {
    authed_user: &'a [String],
    authed_dept: &'a [i64],
}

/// `GET /auth/scopes`. The refusal of an invalid token is not wrapped, because the path is not
/// below `/topapi/`.
pub async fn show(
    platform: Data<Platform>,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let state = platform.lock();
    let call = match Call::admit(&state, &request, &body, Endpoint::ContactScope) {
        Ok(call) => call,
        Err(refusal) => return Ok(refusal.unwrapped()),
    };
    let scope = &call.app.contact_scope;
    Ok(HttpResponse::Ok().json(Answer {
        errcode: 0,
        errmsg: "ok",
        auth_user_field: fields(&call.app),
        condition_field: [],
        auth_org_scopes: Scopes {
            authed_user: &scope.people,
            authed_dept: &scope.departments,
        },
    }))
}

fn fields(app: &App) -> Vec<&'static str> {
    let mut fields = vec!["name", "avatar"];
    for (permission, field) in [("fieldMobile", "mobile"), ("fieldEmail", "email")] {
        if app.may(permission) {
            fields.push(field);
        }
    }
    fields
}
