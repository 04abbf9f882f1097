//! All refusals of the new family, with DingTalk's codes and messages.

use std::{borrow::Cow, net::IpAddr};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use uuid::Uuid;

/// A refusal. Its display is the `message` in the answer.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("Specified api is not found, please check your url and method.")]
    UnknownAction,
    #[error("body is mandatory for this action.")]
    MissingBody,
    #[error("{0} is mandatory for this action.")]
    MissingField(&'static str),
    #[error("缺少参数：x-acs-dingtalk-access-token")]
    MissingToken,
    #[error("不合法的access_token")]
    InvalidToken,
    /// The code is documented for the contact call; the message is an assumption.
    #[error("access_token已过期")]
    ExpiredToken,
    /// It is an assumption that the message names the address, as in the old family.
    #[error("请求ip不在白名单中,request ip={}", address.map_or_else(String::new, |it| it.to_string()))]
    IpNotAllowed { address: Option<IpAddr> },
    #[error("应用调用该接口的频率超过限制")]
    Throttled,
    #[error("应用每分钟调用该接口的次数超过限制")]
    Banned,
    #[error(
        "您的企业本月api调用量已超过限制,调用量:5001次,额度:5000次,请登录开发者后台-资源管理-查看用量明细"
    )]
    AllowanceUsedUp,
    /// A code that a test has chosen.
    #[error("未知错误")]
    Other(String),
    #[error(
        "没有调用该接口的权限，接口权限申请参考：https://open.dingtalk.com/document/orgapp-server/add-api-permission"
    )]
    PermissionMissing(&'static str),
    #[error("无效的clientId或者clientSecret")]
    InvalidCredentials,
    /// The answer of the Stream in the same case.
    #[error("鉴权失败")]
    AuthenticationFailed,
    #[error("不合法的临时授权码")]
    InvalidCode,
    #[error("参数错误:不合法的参数 grant_type")]
    InvalidGrantType,
    #[error("用户不存在")]
    UnknownUser,
    /// The message is an assumption.
    #[error("参数错误:不合法的参数 {0}")]
    InvalidParameter(&'static str),
    /// This code and the next two are documented for the organization's token only.
    #[error("无效的client_id或者client_secret")]
    InvalidClient,
    #[error("不支持的grant_type")]
    UnsupportedGrantType,
    #[error("应用未被该组织授权")]
    UnauthorizedClient,
    #[error("未知错误")]
    UnknownError,
}

impl Refusal {
    fn code(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::UnknownAction => "InvalidAction.NotFound",
            Self::MissingBody => "Missingbody",
            Self::MissingField(name) => return Cow::Owned(format!("Missing{name}")),
            Self::MissingToken => "AuthenticationFailed.MissingParameter",
            Self::InvalidToken => "InvalidAuthentication",
            Self::ExpiredToken => "accesstoken.expired",
            Self::IpNotAllowed { .. } => "Forbidden.AccessDenied.IpNotInWhiteList",
            Self::Throttled => "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
            Self::Banned => "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
            Self::AllowanceUsedUp => "Forbidden.AccessDenied.ApiCountLimitForOrg",
            Self::Other(code) => return Cow::Owned(code.clone()),
            Self::PermissionMissing(_) => "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            Self::InvalidCredentials => "invalidClientIdOrSecret",
            Self::AuthenticationFailed => "authFailed",
            Self::InvalidCode => "invalidParameter.authCode.notFound",
            Self::InvalidGrantType | Self::InvalidParameter(_) => "invalidParameter",
            Self::UnknownUser => "invalidParameter.user.notFound",
            Self::InvalidClient => "invalid.client",
            Self::UnsupportedGrantType => "unsupported.grant.type",
            Self::UnauthorizedClient => "unauthorized.client",
            Self::UnknownError => "unknownError",
        })
    }
}

#[derive(Serialize)]
struct Body<'a> {
    requestid: String,
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accessdenieddetail: Option<AccessDeniedDetail>,
}

#[derive(Serialize)]
struct AccessDeniedDetail {
    #[serde(rename = "requiredScopes")]
    required_scopes: [&'static str; 1],
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::UnknownAction | Self::UnknownUser => StatusCode::NOT_FOUND,
            Self::IpNotAllowed { .. }
            | Self::Throttled
            | Self::Banned
            | Self::AllowanceUsedUp
            | Self::PermissionMissing(_) => StatusCode::FORBIDDEN,
            Self::UnauthorizedClient | Self::AuthenticationFailed => StatusCode::UNAUTHORIZED,
            Self::UnknownError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let accessdenieddetail = match self {
            Self::PermissionMissing(scope) => Some(AccessDeniedDetail {
                required_scopes: [scope],
            }),
            _ => None,
        };
        HttpResponse::build(self.status_code()).json(Body {
            requestid: Uuid::new_v4().to_string().to_uppercase(),
            code: &self.code(),
            message: self.to_string(),
            accessdenieddetail,
        })
    }
}
