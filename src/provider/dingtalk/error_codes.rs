//! The meaning of DingTalk's error codes (its page "Server API error codes").

use super::error::DingTalkError;
use super::quotable::{Caller, Usage, word};
use super::wire::{NewError, OldAnswer, OldCode};

impl DingTalkError {
    /// The meaning of an error of the new interfaces.
    pub fn from_new(status: u16, error: &NewError) -> Self {
        let code = error.code.as_str();
        let named = named(&word(code), error.requestid.as_deref());
        // Exceeded limits can also have status 403 and the prefix of missing permissions, so they
        // are checked first.
        if code.contains("QpsLimit")
            || code == "qps.exceed.limit"
            || code.starts_with("send.too.fast")
        {
            return Self::Throttled(named);
        }
        if code.contains("QpmLimit") {
            return Self::Banned(named);
        }
        if code.contains("ApiCountLimit") {
            return Self::Allowance {
                code: named,
                usage: Usage::in_text(&error.message),
            };
        }
        if code.ends_with("IpNotInWhiteList") {
            return Self::Address(Caller::in_text(&error.message));
        }
        let scopes = error.accessdenieddetail.as_ref();
        let scopes = scopes.map(|detail| detail.required_scopes.join(", "));
        if let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) {
            return Self::Permission(scopes);
        }
        match code {
            "Forbidden.AccessDenied.AccessTokenPermissionDenied" => Self::Permission(named),
            "invalidParameter.authCode.notFound" | "invalidCode" => Self::CodeRejected,
            "invalidClientIdOrSecret" | "invalid.client" | "authFailed" => Self::Credentials(named),
            "unauthorized.client" => Self::Organization(named),
            "InvalidAuthentication" | "invalidAccessToken" | "accesstoken.expired" => {
                Self::Token(named)
            }
            "invalidParameter.user.notFound" | "staffId.notExisted" => Self::UnknownUser,
            _ if status >= 500 => Self::Busy(named),
            _ => Self::Refused(named),
        }
    }

    /// The meaning of an error of the old interfaces; `None` when the answer is not an error.
    pub fn from_old<T>(answer: &OldAnswer<T>) -> Option<Self> {
        let id = answer.request_id.as_deref();
        let code = match answer.code() {
            OldCode::Number(0) => return None,
            OldCode::Number(code) => code,
            OldCode::Word(code) => return Some(Self::Refused(named(&word(&code), id))),
        };
        let named = named(&code.to_string(), id);
        Some(match code {
            40001 | 40089 | 40096 => Self::Credentials(named),
            33001 => Self::Organization(named),
            40000 | 40014 | 41001 | 42001 => Self::Token(named),
            40029 | 40078 | 41007 | 41026 | 42008 => Self::CodeRejected,
            60011 => {
                let missing = answer.permissions().join(", ");
                Self::Permission(if missing.is_empty() { named } else { missing })
            }
            60020 => Self::Address(Caller::in_text(answer.text())),
            40056 => Self::Agent(named),
            90018 => Self::Throttled(named),
            90001..=90014 | 90017 => Self::Banned(named),
            90020 => Self::Allowance {
                code: named,
                usage: Usage::in_text(answer.text()),
            },
            33012 | 60121 => Self::UnknownUser,
            60003 => Self::UnknownDepartment,
            50002 | 50004 => Self::OutOfScope,
            -1 | 15 | 504 => Self::Busy(named),
            _ => Self::Refused(named),
        })
    }
}

impl DingTalkError {
    /// Whether DingTalk says that its server is not available for now and that the call shall be repeated (code -1 of the
    /// old interfaces): it has done nothing.
    pub fn is_temporarily_away(&self) -> bool {
        matches!(self, Self::Busy(code) if code == "-1" || code.starts_with("-1,"))
    }
}

/// A code with the id by which DingTalk's support finds the request.
fn named(code: &str, request_id: Option<&str>) -> String {
    match request_id {
        Some(id) => format!("{code}, request {}", word(id)),
        None => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(status: u16, body: &str) -> DingTalkError {
        DingTalkError::from_new(status, &serde_json::from_str(body).unwrap())
    }

    fn old(body: &str) -> DingTalkError {
        let answer: OldAnswer<serde_json::Value> = serde_json::from_str(body).unwrap();
        DingTalkError::from_old(&answer).unwrap()
    }

    #[test]
    fn limits_are_told_apart_by_how_long_they_last() {
        let denied = |what| {
            new(
                403,
                &format!(r#"{{"code":"Forbidden.AccessDenied.{what}"}}"#),
            )
        };
        for (error, label, passes) in [
            (denied("QpsLimitForAppkeyAndApi"), "throttled", true),
            (denied("QpsLimitForApi"), "throttled", true),
            (denied("QpmLimitForAppkeyAndApi"), "banned", false),
            (denied("ApiCountLimitForOrg"), "allowance", false),
            (
                old(r#"{"errcode":88,"sub_code":"90018"}"#),
                "throttled",
                true,
            ),
            (old(r#"{"errcode":88,"sub_code":"90002"}"#), "banned", false),
            (old(r#"{"errcode":90020}"#), "allowance", false),
            (
                old(r#"{"errcode":88,"sub_code":"90020"}"#),
                "allowance",
                false,
            ),
        ] {
            assert_eq!(
                (error.label(), error.is_passing()),
                (label, passes),
                "{error}"
            );
        }
    }

    #[test]
    fn how_much_is_used_up_is_said() {
        let error = old(
            r#"{"errcode":90020,"errmsg":"您的企业本月api调用量已超过限制,调用量:10001次,额度:10000次,请登录开发者后台-资源管理-查看用量明细"}"#,
        );
        let text = error.to_string();
        assert!(
            text.contains("for this month, 10001 of 10000 (90020)"),
            "{text}"
        );
    }

    #[test]
    fn the_missing_permission_is_named() {
        let body = r#"{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","accessdenieddetail":{"requiredScopes":["Contact.User.Read"]}}"#;
        let missing = DingTalkError::Permission("Contact.User.Read".into());
        assert_eq!(new(403, body), missing);
    }

    #[test]
    fn a_token_of_yesterday_is_told_apart() {
        assert!(new(400, r#"{"code":"InvalidAuthentication"}"#).is_stale_token());
        assert_eq!(
            new(400, r#"{"code":"invalidParameter.authCode.notFound"}"#),
            DingTalkError::CodeRejected
        );
    }

    #[test]
    fn what_is_not_known_is_a_refusal_with_its_code() {
        for (error, code) in [
            (
                old(r#"{"errcode":88,"sub_code":"isv.permission-denied"}"#),
                "isv.permission-denied",
            ),
            (
                old(r#"{"errcode":88,"errmsg":"[subcode=isv.user-not-exist,submsg=x]"}"#),
                "isv.user-not-exist",
            ),
            (old(r#"{"errcode":88,"errmsg":"?"}"#), "88"),
            (
                old(r#"{"errcode":40079,"request_id":"1a2b"}"#),
                "40079, request 1a2b",
            ),
            (new(400, r#"{"code":"some.new.code"}"#), "some.new.code"),
            (
                new(403, r#"{"code":"Forbidden.AccessDenied.SomethingNew"}"#),
                "Forbidden.AccessDenied.SomethingNew",
            ),
        ] {
            assert_eq!(error.to_string(), format!("DingTalk refused: {code}"));
        }
        assert_eq!(new(503, r#"{"code":"x"}"#).label(), "busy");
    }

    #[test]
    fn codes_of_other_interfaces_have_their_meaning() {
        assert_eq!(
            new(400, r#"{"code":"staffId.notExisted"}"#),
            DingTalkError::UnknownUser
        );
        assert_eq!(new(401, r#"{"code":"authFailed"}"#).label(), "credentials");
        assert_eq!(old(r#"{"errcode":33001}"#).label(), "organization");
    }

    #[test]
    fn no_code_writes_a_line_of_its_own_into_the_log() {
        let error = new(400, "{\"code\":\"a\\nb c\",\"requestid\":\"x\\u001b[2J\"}");
        assert_eq!(error.to_string(), "DingTalk refused: abc, request x2J");
    }
}
