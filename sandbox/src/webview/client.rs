//! The user agent and the script that make a browser look like DingTalk's client.

use actix_web::{
    HttpRequest,
    http::header::HOST,
    web::{Data, Json, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{control_error::ControlError, state::platform::Platform};

const BRIDGE: &str = include_str!("bridge.js");

/// A kind of client. Each has a different native bridge.
#[derive(Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClientKind {
    /// On an iPhone.
    #[default]
    Ios,
    /// On a phone with Android.
    Android,
    /// On a computer.
    Pc,
}

impl ClientKind {
    /// The user agents of such clients.
    fn user_agent(self) -> &'static str {
        match self {
            Self::Ios => {
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Mobile/21F90 AliApp(DingTalk/7.8.1) \
                 com.laiwang.DingTalk/46766536 Channel/201200 language/zh-Hans-CN \
                 UT4Aplus/0.0.6 WK"
            }
            Self::Android => {
                "Mozilla/5.0 (Linux; U; Android 13; zh-CN; M2012K11AC) AppleWebKit/537.36 \
                 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.43 Mobile Safari/537.36 \
                 AliApp(DingTalk/7.6.0) com.alibaba.android.rimet/38270215 Channel/700159 \
                 language/zh-CN"
            }
            Self::Pc => {
                "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/120.0.6099.43 Safari/537.36 dingtalk-win/1.0.0 nw(0.14.7) \
                 DingTalk(7.6.0-Release.4190287) Mojo/1.0.0 Native AppType(release) Channel/201200"
            }
        }
    }
}

/// The person who uses the client, and the kind of client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    person: String,
    #[serde(default)]
    platform: ClientKind,
}

/// The user agent and script of a client.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Client {
    user_agent: &'static str,
    /// A script that must run in every page before the page's scripts.
    script: String,
}

/// `GET /_sandbox/webview/client?person=…&platform=…`.
pub async fn client(
    platform: Data<Platform>,
    request: HttpRequest,
    wanted: Query<Wanted>,
) -> Result<Json<Client>, ControlError> {
    let wanted = wanted.into_inner();
    if platform.lock().person(&wanted.person).is_none() {
        return Err(ControlError::NotFound(format!("person: {}", wanted.person)));
    }
    // The calls of the bridge go to the host of this request.
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.ok_or_else(|| ControlError::Request("name the host".to_owned()))?;
    let call = format!("http://{host}/_sandbox/webview/call");
    let settings = json!({
        "call": call,
        "person": wanted.person,
        "platform": wanted.platform,
    });
    Ok(Json(Client {
        user_agent: wanted.platform.user_agent(),
        script: format!("({BRIDGE})({settings});"),
    }))
}
