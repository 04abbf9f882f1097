//! What can go wrong at DingTalk, sorted by what somebody can do about it.
//!
//! Codes: DingTalk's page "Server API error codes". Texts of this type go to the log; they never
//! hold a secret, a token or a code.

use std::borrow::Cow;

use super::wire::{NewError, OldAnswer};

/// Why a call to DingTalk failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DingTalkError {
    /// The authorization code is unknown, used or expired.
    #[error("DingTalk did not accept the authorization code")]
    CodeRejected,
    /// Client ID or secret is wrong.
    #[error(
        "DingTalk did not accept Client ID and Client Secret ({0}): copy both again from the application's page in the DingTalk developer console"
    )]
    Credentials(String),
    /// The access token is invalid or expired.
    #[error("DingTalk did not accept the access token ({0})")]
    Token(String),
    /// The application lacks an API permission.
    #[error(
        "the DingTalk application lacks an API permission: {0}; grant it in the developer console under Permission management"
    )]
    Permission(String),
    /// The address of this server is not on the application's list.
    #[error(
        "DingTalk refuses the address of this server: add its public address to the application's IP list in the developer console"
    )]
    Address,
    /// Too many calls.
    #[error("DingTalk is throttling calls ({0})")]
    Throttled(String),
    /// Nobody of this name is in the organisation.
    #[error("this person is not in the organisation")]
    UnknownUser,
    /// The person is outside the part of the organisation that the application may see.
    #[error(
        "this person is outside the application's contact scope: widen it in the developer console under Permission management"
    )]
    OutOfScope,
    /// No answer in time, no connection.
    #[error("DingTalk cannot be reached: {0}")]
    Unreachable(String),
    /// DingTalk answered that it has a problem.
    #[error("DingTalk has a problem ({0})")]
    Busy(String),
    /// An answer that is not what the interface promises.
    #[error("DingTalk answered something unexpected: {0}")]
    Unexpected(Cow<'static, str>),
}

impl DingTalkError {
    /// Whether a fresh access token may help.
    pub fn is_stale_token(&self) -> bool {
        matches!(self, Self::Token(_))
    }

    /// Whether asking again a little later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Throttled(_) | Self::Busy(_))
    }

    /// What it is called where calls are counted.
    pub fn label(&self) -> &'static str {
        match self {
            Self::CodeRejected => "code_rejected",
            Self::Credentials(_) => "credentials",
            Self::Token(_) => "token",
            Self::Permission(_) => "permission",
            Self::Address => "address",
            Self::Throttled(_) => "throttled",
            Self::UnknownUser => "unknown_user",
            Self::OutOfScope => "out_of_scope",
            Self::Unreachable(_) => "unreachable",
            Self::Busy(_) => "busy",
            Self::Unexpected(_) => "unexpected",
        }
    }

    /// Sorts an error of the new interfaces.
    pub fn from_new(status: u16, error: &NewError) -> Self {
        let code = error.code.as_str();
        let named = |code: &str| match &error.requestid {
            Some(id) => format!("{code}, request {id}"),
            None => code.to_owned(),
        };
        // Throttling also comes as 403 under this prefix: it is told apart first.
        if code.contains("QpsLimit")
            || code.contains("QpmLimit")
            || code.contains("ApiCountLimit")
            || code == "qps.exceed.limit"
        {
            return Self::Throttled(named(code));
        }
        if code.ends_with("IpNotInWhiteList") {
            return Self::Address;
        }
        if code.starts_with("Forbidden.AccessDenied") {
            let scopes = error.accessdenieddetail.as_ref();
            let scopes = scopes.map(|detail| detail.required_scopes.join(", "));
            return Self::Permission(scopes.filter(|s| !s.is_empty()).unwrap_or(named(code)));
        }
        match code {
            "invalidParameter.authCode.notFound" | "invalidCode" => Self::CodeRejected,
            "invalidClientIdOrSecret" | "invalid.client" | "unauthorized.client" => {
                Self::Credentials(named(code))
            }
            "InvalidAuthentication" | "invalidAccessToken" | "accesstoken.expired" => {
                Self::Token(named(code))
            }
            _ if status >= 500 => Self::Busy(named(code)),
            _ => Self::Unexpected(format!("status {status}, code {}", named(code)).into()),
        }
    }

    /// Sorts an error of the old interfaces. `None` when there is none.
    pub fn from_old<T>(answer: &OldAnswer<T>) -> Option<Self> {
        let code = answer.code();
        let named = || match &answer.request_id {
            Some(id) => format!("{code}, request {id}"),
            None => code.to_string(),
        };
        Some(match code {
            0 => return None,
            40001 | 40089 | 40096 => Self::Credentials(named()),
            40000 | 40014 | 41001 | 42001 => Self::Token(named()),
            40029 | 40078 | 41007 | 41026 | 42008 => Self::CodeRejected,
            60011 => {
                let missing = answer.permissions().join(", ");
                Self::Permission(if missing.is_empty() { named() } else { missing })
            }
            60020 => Self::Address,
            90001..=90014 | 90017 | 90018 | 90020 => Self::Throttled(named()),
            33012 | 60121 => Self::UnknownUser,
            50002 | 50004 => Self::OutOfScope,
            -1 | 15 => Self::Busy(named()),
            _ => Self::Unexpected(format!("errcode {}", named()).into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_error(status: u16, body: &str) -> DingTalkError {
        DingTalkError::from_new(status, &serde_json::from_str(body).unwrap())
    }

    #[test]
    fn throttling_is_not_taken_for_a_missing_permission() {
        let error = new_error(
            403,
            r#"{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}"#,
        );
        assert!(error.is_passing(), "{error:?}");
    }

    #[test]
    fn the_missing_permission_is_named() {
        let body = r#"{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","accessdenieddetail":{"requiredScopes":["Contact.User.Read"]}}"#;
        assert_eq!(
            new_error(403, body),
            DingTalkError::Permission("Contact.User.Read".into())
        );
    }

    #[test]
    fn a_token_of_yesterday_is_told_apart() {
        assert!(new_error(400, r#"{"code":"InvalidAuthentication"}"#).is_stale_token());
        assert_eq!(
            new_error(400, r#"{"code":"invalidParameter.authCode.notFound"}"#),
            DingTalkError::CodeRejected
        );
    }
}
