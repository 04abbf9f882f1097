//! Requests and answers exactly as DingTalk sends them.
//!
//! Sources: DingTalk's pages "Obtain user token", "Get user's personal contact information",
//! "Obtain the access token of an internal app", "Query a user by unionid" and "Query user
//! details". Documented samples print numbers and booleans as strings where the service sends JSON
//! types, so both are accepted; an empty string means the same as an absent key.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Body of `POST /v1.0/oauth2/userAccessToken`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserTokenRequest<'a> {
    pub client_id: &'a str,
    pub client_secret: &'a str,
    pub code: &'a str,
    pub grant_type: &'static str,
}

/// Answer to it. The lifetime, `expireIn`, is of no use: the token is used once and dropped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserToken {
    pub access_token: String,
    /// The organisation that the person chose; only with the scope `corpid`.
    #[serde(default, deserialize_with = "text")]
    pub corp_id: Option<String>,
}

/// Answer of `GET /v1.0/contact/users/me`, as far as it counts: the rest is personal data that
/// says nothing about the organisation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    #[serde(default, deserialize_with = "text")]
    pub union_id: Option<String>,
    /// The name that the person gave themselves.
    #[serde(default, deserialize_with = "text")]
    pub nick: Option<String>,
}

/// Body of `POST /v1.0/oauth2/accessToken`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AppTokenRequest<'a> {
    pub app_key: &'a str,
    pub app_secret: &'a str,
}

/// Answer to it; `expireIn` counts seconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppToken {
    pub access_token: String,
    #[serde(deserialize_with = "integer")]
    pub expire_in: u64,
}

/// Error body of the new interfaces. Gateways also write the keys with capitals.
#[derive(Deserialize)]
pub struct NewError {
    #[serde(alias = "Code")]
    pub code: String,
    #[serde(default, alias = "requestId", alias = "RequestId")]
    pub requestid: Option<String>,
    #[serde(default, alias = "accessDeniedDetail", alias = "AccessDeniedDetail")]
    pub accessdenieddetail: Option<AccessDenied>,
}

/// What permission is missing.
#[derive(Deserialize)]
pub struct AccessDenied {
    #[serde(default, rename = "requiredScopes", alias = "RequiredScopes")]
    pub required_scopes: Vec<String>,
}

/// Envelope of the old interfaces, which fail with status 200.
#[derive(Deserialize)]
pub struct OldAnswer<T> {
    #[serde(default, deserialize_with = "signed")]
    pub errcode: i64,
    #[serde(default)]
    pub errmsg: String,
    /// The true code when `errcode` is 88.
    #[serde(default, deserialize_with = "text")]
    pub sub_code: Option<String>,
    #[serde(default)]
    pub sub_msg: Option<String>,
    #[serde(default)]
    pub request_id: Option<String>,
    #[serde(default = "Option::default")]
    pub result: Option<T>,
}

impl<T> OldAnswer<T> {
    /// The code that counts: gateways wrap theirs in 88.
    pub fn code(&self) -> i64 {
        if self.errcode != 88 {
            return self.errcode;
        }
        let wrapped = self
            .sub_code
            .as_deref()
            .and_then(|code| code.trim().parse().ok());
        wrapped
            .or_else(|| subcode_in(&self.errmsg))
            .unwrap_or(self.errcode)
    }

    /// Names of missing permissions in the text, which reads `[qyapi_get_member]`.
    pub fn permissions(&self) -> Vec<String> {
        let text = self.sub_msg.as_deref().unwrap_or(&self.errmsg);
        text.split(['[', ']', ',', '，', '{', '}', '=', ' '])
            .filter(|word| word.starts_with("qyapi_") || word.starts_with("Contact."))
            .map(str::to_owned)
            .collect()
    }
}

/// `…subcode=40014,submsg=…`
fn subcode_in(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("subcode=")?;
    rest.split(|c: char| !c.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

/// Body of `POST /topapi/user/getbyunionid`.
#[derive(Serialize)]
pub struct ByUnionId<'a> {
    pub unionid: &'a str,
}

/// Its result.
#[derive(Deserialize)]
pub struct OrganisationUser {
    #[serde(default, deserialize_with = "text")]
    pub userid: Option<String>,
    /// 0 is an employee, 1 an external contact; what is missing is not an employee.
    #[serde(default = "external", deserialize_with = "signed")]
    pub contact_type: i64,
}

fn external() -> i64 {
    1
}

/// Body of `POST /topapi/v2/user/getuserinfo`.
#[derive(Serialize)]
pub struct ByCode<'a> {
    pub code: &'a str,
}

/// Its result (page "Obtain the userid of a user by using the log-free code"), as far as it
/// counts: what else is known of the person is asked of the organisation.
#[derive(Deserialize)]
pub struct InAppUser {
    #[serde(default, deserialize_with = "text")]
    pub userid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub unionid: Option<String>,
}

/// Body of `POST /topapi/v2/user/get`.
#[derive(Serialize)]
pub struct ByUserId<'a> {
    pub userid: &'a str,
    pub language: &'static str,
}

/// Its result, as far as we use it: what the organisation says about a person.
#[derive(Default, Deserialize)]
pub struct Employee {
    #[serde(default, deserialize_with = "text")]
    pub userid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub unionid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub avatar: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub mobile: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub state_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub org_email: Option<String>,
}

/// Answer of `GET /auth/scopes`, which has no `result`: what the application may see of the
/// contacts (DingTalk's page "Obtain the authorization scope").
#[derive(Default, Deserialize)]
pub struct Scopes {
    /// Fields of people that it may read.
    #[serde(default)]
    pub auth_user_field: Vec<String>,
    #[serde(default)]
    pub auth_org_scopes: OrganisationScopes,
}

/// Departments, by number, and single people.
#[derive(Default, Deserialize)]
pub struct OrganisationScopes {
    #[serde(default)]
    pub authed_dept: Vec<Value>,
    #[serde(default)]
    pub authed_user: Vec<Value>,
}

/// A string or whole number; empty counts as absent, and so does a number that was rounded when it
/// was read: two identifiers might become one.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    })
}

/// An integer, also written as a string.
fn signed<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let value = Value::deserialize(from)?;
    let number = match &value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| serde::de::Error::custom("not an integer"))
}

fn integer<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = signed(from)?;
    u64::try_from(number).map_err(|_| serde::de::Error::custom("negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> i64 {
        serde_json::from_str::<OldAnswer<Value>>(body)
            .unwrap()
            .code()
    }

    #[test]
    fn the_code_of_an_old_answer_may_be_wrapped() {
        assert_eq!(code(r#"{"errcode":60121,"errmsg":"x"}"#), 60121);
        assert_eq!(code(r#"{"errcode":"60121","errmsg":"x"}"#), 60121);
        assert_eq!(
            code(r#"{"errcode":88,"sub_code":"40014","errmsg":"x"}"#),
            40014
        );
        assert_eq!(
            code(r#"{"errcode":88,"errmsg":"ding talk error[subcode=60020,submsg=ip]"}"#),
            60020
        );
        assert_eq!(code(r#"{"errcode":88,"errmsg":"?"}"#), 88);
        assert_eq!(code(r#"{"errcode":0,"errmsg":"ok","result":{}}"#), 0);
    }

    #[test]
    fn a_missing_permission_is_named() {
        let body = r#"{"errcode":88,"sub_code":"60011","sub_msg":"应用尚未开通所需的权限：[qyapi_get_member]，点击链接"}"#;
        let answer: OldAnswer<Value> = serde_json::from_str(body).unwrap();
        assert_eq!(answer.permissions(), ["qyapi_get_member"]);
    }

    #[test]
    fn numbers_that_a_double_cannot_hold_are_kept_or_dropped_and_never_rounded() {
        let user: OrganisationUser =
            serde_json::from_str(r#"{"userid":9007199254740993,"contact_type":0}"#).unwrap();
        assert_eq!(user.userid.as_deref(), Some("9007199254740993"));
        for rounded in ["123456789012345678901234567890", "1e3", "0.5"] {
            let user = format!(r#"{{"userid":{rounded},"contact_type":0}}"#);
            let user: OrganisationUser = serde_json::from_str(&user).unwrap();
            assert_eq!(user.userid, None, "{rounded}");
        }
        // What is not used may be of any size.
        let order = r#"{"userid":"u","dept_order_list":[{"dept_id":1,"order":179997318850453160},
            {"order":18446744073709551617}],"hired_date":1e400}"#;
        let employee: Employee = serde_json::from_str(order).unwrap();
        assert_eq!(employee.userid.as_deref(), Some("u"));
    }

    #[test]
    fn absent_empty_and_null_are_the_same() {
        for body in [
            "{}",
            r#"{"mobile":"","org_email":"","state_code":""}"#,
            r#"{"mobile":null,"org_email":null,"state_code":null}"#,
            r#"{"mobile":[],"org_email":{},"state_code":false}"#,
        ] {
            let employee: Employee = serde_json::from_str(body).unwrap();
            let values = (employee.mobile, employee.org_email, employee.state_code);
            assert_eq!(values, (None, None, None), "{body}");
        }
        let me: Me = serde_json::from_str("{}").unwrap();
        assert_eq!((me.union_id, me.nick), (None, None));
    }

    #[test]
    fn strings_and_numbers_are_both_read() {
        let user: OrganisationUser =
            serde_json::from_str(r#"{"userid":7,"contact_type":"0"}"#).unwrap();
        assert_eq!((user.userid.as_deref(), user.contact_type), (Some("7"), 0));
        let user: OrganisationUser = serde_json::from_str(r#"{"userid":""}"#).unwrap();
        assert_eq!((user.userid, user.contact_type), (None, 1));
    }
}
