//! `dingtalk:inAppFailed`: reports what went wrong inside DingTalk's client before this server was
//! asked for a session.
//!
//! Without it the operator would not know, because DingTalk's messages stay in the console of
//! somebody's telephone. Anybody can send this request, so it accepts only words of two short
//! lists.

use std::fmt;

use actix_web::{HttpMessage, HttpResponse};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::provider_actions::{Provider, asked_by_same_origin};
use crate::edge::error::SignInRefusal;
use crate::edge::{ApiError, Call, envelope};

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum InAppFailure {
    /// The person cancelled.
    Cancelled,
    /// DingTalk's client refuses to give this page a code: `errorCode` 3.
    PageRefused,
    /// DingTalk's client did not answer in time.
    NoAnswer,
    /// DingTalk's library did not load, or does not work in this client.
    NoLibrary,
    /// Something else went wrong.
    Other,
}

impl InAppFailure {
    /// The label in the metrics, where the codes of refusals are, too.
    fn label(self) -> &'static str {
        match self {
            Self::Cancelled => "IN_APP_CANCELLED",
            Self::PageRefused => "IN_APP_PAGE_REFUSED",
            Self::NoAnswer => "IN_APP_NO_ANSWER",
            Self::NoLibrary => "IN_APP_NO_LIBRARY",
            Self::Other => "IN_APP_OTHER",
        }
    }
}

impl fmt::Display for InAppFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cancelled => "the person did not want to",
            Self::PageRefused => {
                "DingTalk's client gives this page no code (errorCode 3): the Corp ID is another \
                 organization's, Client ID and Corp ID do not belong together, or the page's host is \
                 not registered as the application's home page"
            }
            Self::NoAnswer => "DingTalk's client did not answer in time",
            Self::NoLibrary => "DingTalk's library did not load, or does not work in this client",
            Self::Other => "DingTalk's client gave no code, for another reason",
        })
    }
}

/// The platform of DingTalk's client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Platform {
    Android,
    Harmony,
    Ios,
    Pc,
    Other,
}

#[derive(Default, Deserialize, JsonSchema)]
pub(crate) struct Report {
    code: Option<InAppFailure>,
    platform: Option<Platform>,
}

/// `dingtalk:inAppFailed`: writes the code and the platform to the log and the metrics.
pub async fn in_app_failed(call: Call, provider: Provider) -> Result<HttpResponse, ApiError> {
    if call.request.content_type() != "application/json" {
        return Err(ApiError::BodyNotJson);
    }
    let app = &call.app;
    app.guess_limits.begin_report(call.client_address())?;
    let names = provider.names();
    let authenticator = asked_by_same_origin(&call, &*provider, &call.authenticator_name()).await?;
    if authenticator.provider.in_app().is_none() {
        return Err(SignInRefusal::Disabled.of(names));
    }
    let report: Report = call.body.parse()?;
    let (Some(failure), Some(platform)) = (report.code, report.platform) else {
        return Err(ApiError::BodyWrongType);
    };
    let level = match failure {
        InAppFailure::Cancelled => log::Level::Info,
        _ => log::Level::Warn,
    };
    log::log!(
        level,
        "sign-in inside DingTalk through {} failed before the server was asked: {failure} ({platform:?})",
        authenticator.name
    );
    app.metrics.in_app_sign_in(names.resource, failure.label());
    Ok(envelope::empty())
}
