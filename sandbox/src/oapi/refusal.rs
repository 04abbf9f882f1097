//! All refusals of the old family, with DingTalk's codes and messages.
//!
//! Refusals about the token and the app are wrapped: `errcode` is 88 and `sub_code` holds the true
//! code. Refusals about the request are not wrapped.

use std::net::IpAddr;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;

use super::request_id::request_id;

/// A refusal. Its display is the message in the answer.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("access_token is blank")]
    MissingToken,
    #[error("不合法的access_token")]
    InvalidToken,
    #[error("access_token超时")]
    ExpiredToken,
    #[error("访问ip不在白名单之中,request ip={} appKey({client_id})", address.map_or_else(String::new, |it| it.to_string()))]
    IpNotAllowed {
        address: Option<IpAddr>,
        client_id: String,
    },
    #[error("应用调用该接口的频率超过限制，请求被暂时限制了")]
    Throttled,
    #[error("该接口的调用次数过多，请求被暂时禁用了")]
    Banned,
    #[error(
        "您的企业本月api调用量已超过限制,调用量:5001次,额度:5000次,请登录开发者后台-资源管理-查看用量明细"
    )]
    AllowanceUsedUp,
    /// A code that a test has chosen: a number is used as the code itself, other texts are wrapped.
    #[error("未知错误")]
    Other(String),
    #[error(
        "应用尚未开通所需的权限：[{permission}]，点击链接申请并开通即可：https://open-dev.dingtalk.com/appscope/apply?content={client_id}%23{permission}"
    )]
    PermissionMissing {
        permission: &'static str,
        client_id: String,
    },

    #[error("不合法ApiName，ApiName = dingtalk.oapi.{0}")]
    UnknownMethod(String),
    #[error("请求的URI地址不存在")]
    UnknownUri,
    #[error("需要POST请求")]
    PostRequired,
    #[error("系统繁忙")]
    Busy,
    #[error("不合法的appKey或appSecret")]
    InvalidCredentials,
    #[error("缺少参数 {0}")]
    MissingParameter(&'static str),
    #[error("参数错误")]
    InvalidParameter,
    #[error("无效的USERID")]
    InvalidUserId,
    #[error("无效手机号")]
    InvalidMobile,
    #[error("不存在的临时授权码")]
    UnknownCode,
    #[error("找不到该用户")]
    UnknownUser,
    #[error("请求的userid不在授权范围内")]
    OutOfScope,
    #[error("不合法的agent_id")]
    InvalidAgent,
    #[error("参数错误，msg 不合法")]
    InvalidMessage,
    #[error("未找到部门")]
    UnknownDepartment,
    #[error("请求的部门id不在授权范围内")]
    DepartmentOutOfScope,
}

impl Refusal {
    fn code(&self) -> i32 {
        match self {
            Self::Banned => 90002,
            Self::AllowanceUsedUp => 90020,
            Self::Other(code) => code.parse().unwrap_or(88),
            Self::MissingToken => 40000,
            Self::InvalidToken => 40014,
            Self::ExpiredToken => 42001,
            Self::IpNotAllowed { .. } => 60020,
            Self::Throttled => 90018,
            Self::PermissionMissing { .. } => 60011,
            Self::UnknownMethod(_) => 22,
            Self::UnknownUri => 404,
            Self::PostRequired => 43002,
            Self::Busy => -1,
            Self::InvalidCredentials => 40096,
            Self::MissingParameter(_) => 40035,
            Self::InvalidParameter | Self::InvalidMessage => 400_002,
            Self::InvalidAgent => 40056,
            Self::InvalidUserId => 33012,
            Self::InvalidMobile => 40104,
            Self::UnknownCode => 40078,
            Self::UnknownUser => 60121,
            Self::OutOfScope => 50002,
            Self::UnknownDepartment => 60003,
            Self::DepartmentOutOfScope => 50004,
        }
    }

    fn is_wrapped(&self) -> bool {
        matches!(
            self,
            Self::MissingToken
                | Self::InvalidToken
                | Self::ExpiredToken
                | Self::IpNotAllowed { .. }
                | Self::Throttled
                | Self::Banned
                | Self::PermissionMissing { .. }
        ) || matches!(self, Self::Other(code) if code.parse::<i32>().is_err())
    }

    /// The answer for paths outside `/topapi/`, which are never wrapped.
    pub fn unwrapped(&self) -> HttpResponse {
        HttpResponse::Ok().json(Body {
            errcode: self.code(),
            errmsg: self.to_string(),
            sub_code: None,
            sub_msg: None,
            request_id: request_id(),
        })
    }

    fn body(&self) -> Body {
        let message = self.to_string();
        let request_id = request_id();
        if self.is_wrapped() {
            let code = match self {
                Self::Other(code) => code.clone(),
                _ => self.code().to_string(),
            };
            // The outer message repeats the scopes.
            let scopes = match self {
                Self::PermissionMissing { permission, .. } => {
                    format!(", {{requiredScopes=[{permission}]}}")
                }
                _ => String::new(),
            };
            return Body {
                errcode: 88,
                errmsg: format!("ding talk error[subcode={code},submsg={message}{scopes}]"),
                sub_code: Some(code),
                sub_msg: Some(message),
                request_id,
            };
        }
        if let Self::UnknownMethod(_) = self {
            return Body {
                errcode: self.code(),
                errmsg: format!("Invalid method[submsg={message}]"),
                sub_code: None,
                sub_msg: Some(message),
                request_id,
            };
        }
        Body {
            errcode: self.code(),
            errmsg: message,
            sub_code: None,
            sub_msg: None,
            request_id,
        }
    }
}

#[derive(Serialize)]
struct Body {
    errcode: i32,
    errmsg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_msg: Option<String>,
    request_id: String,
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::OK
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Ok().json(self.body())
    }
}
