//! The app's token, in the call of the old family (DingTalk's page on the token of an
//! organization's own app).

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use serde::Serialize;

use super::{call::query_parameter, refusal::Refusal};
use crate::state::{platform::Platform, tokens::LIFETIME_SECONDS};

/// The answer. It has no envelope and no `request_id`.
#[derive(Serialize)]
pub struct AppToken {
    errcode: i32,
    errmsg: &'static str,
    access_token: String,
    expires_in: i64,
}

/// `GET /gettoken?appkey=…&appsecret=…`. Only parameters in the query count.
pub async fn issue(
    platform: Data<Platform>,
    request: HttpRequest,
) -> Result<Json<AppToken>, Refusal> {
    let required = |name, described| {
        query_parameter(&request, name).ok_or(Refusal::MissingParameter(described))
    };
    let appkey = required("appkey", "corpid or appkey")?;
    let appsecret = required("appsecret", "corpsecret or appsecret")?;
    let mut state = platform.lock();
    state
        .authenticate(&appkey, &appsecret)
        .ok_or(Refusal::InvalidCredentials)?;
    let now = state.clock.now();
    Ok(Json(AppToken {
        errcode: 0,
        errmsg: "ok",
        access_token: state.tokens.for_app(&appkey, now),
        expires_in: LIFETIME_SECONDS,
    }))
}
