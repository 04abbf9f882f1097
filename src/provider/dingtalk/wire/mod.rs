//! Requests and answers exactly as DingTalk sends them.
//!
//! Sources: DingTalk's pages "Obtain user token", "Get user's personal contact information",
//! "Obtain the access token of an internal app", "Query a user by unionid" and "Query user
//! details". The documented samples print numbers and booleans as strings where the service sends
//! JSON types, so both are accepted; an empty string means the same as an absent key.

#[cfg(test)]
mod tests;

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

/// The answer to it. The lifetime, `expireIn`, is ignored, because the token is used once and then
/// dropped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserToken {
    pub access_token: String,
    /// The organization that the person chose; present only with the scope `corpid`.
    #[serde(default, deserialize_with = "text")]
    pub corp_id: Option<String>,
}

/// The part of the answer of `GET /v1.0/contact/users/me` that is used. The rest is personal data
/// that says nothing about the organization.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    #[serde(default, deserialize_with = "text")]
    pub union_id: Option<String>,
    /// The name that the person chose for themselves.
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

/// The answer to it; `expireIn` is in seconds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppToken {
    pub access_token: String,
    #[serde(deserialize_with = "integer")]
    pub expire_in: u64,
    /// The application's organization. DingTalk's page does not mention it, but it is used if it is
    /// present.
    #[serde(default, deserialize_with = "text")]
    pub corp_id: Option<String>,
}

/// Body of `POST /v1.0/oauth2/{corpId}/token`, the only one of these in `snake_case`.
#[derive(Serialize)]
pub struct OrganizationTokenRequest<'a> {
    pub client_id: &'a str,
    pub client_secret: &'a str,
    pub grant_type: &'static str,
}

/// An error of the new interfaces. DingTalk's gateways sometimes capitalise the keys.
#[derive(Deserialize)]
pub struct NewError {
    #[serde(alias = "Code")]
    pub code: String,
    #[serde(default, alias = "Message")]
    pub message: String,
    #[serde(default, alias = "requestId", alias = "RequestId")]
    pub requestid: Option<String>,
    #[serde(default, alias = "accessDeniedDetail", alias = "AccessDeniedDetail")]
    pub accessdenieddetail: Option<AccessDenied>,
}

/// The missing permission.
#[derive(Deserialize)]
pub struct AccessDenied {
    #[serde(default, rename = "requiredScopes", alias = "RequiredScopes")]
    pub required_scopes: Vec<String>,
}

/// The envelope of the old interfaces, which send errors with status 200.
#[derive(Deserialize)]
pub struct OldAnswer<T> {
    #[serde(default, deserialize_with = "signed")]
    pub errcode: i64,
    #[serde(default)]
    pub errmsg: String,
    /// The actual code when `errcode` is 88.
    #[serde(default, deserialize_with = "text")]
    pub sub_code: Option<String>,
    #[serde(default)]
    pub sub_msg: Option<String>,
    #[serde(default)]
    pub request_id: Option<String>,
    #[serde(default = "Option::default")]
    pub result: Option<T>,
}

/// A code of the old interfaces. Some services behind DingTalk's gateway use words, such as
/// `isv.…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OldCode {
    Number(i64),
    Word(String),
}

impl<T> OldAnswer<T> {
    /// The code that matters; DingTalk's gateways wrap it in code 88.
    pub fn code(&self) -> OldCode {
        let outer = OldCode::Number(self.errcode);
        if self.errcode != 88 {
            return outer;
        }
        let wrapped = self
            .sub_code
            .as_deref()
            .or_else(|| subcode_in(&self.errmsg));
        let wrapped = wrapped.map(str::trim).filter(|code| !code.is_empty());
        wrapped.map_or(outer, |code| match code.parse() {
            Ok(number) => OldCode::Number(number),
            Err(_) => OldCode::Word(code.to_owned()),
        })
    }

    /// The text that DingTalk sends with the code.
    pub fn text(&self) -> &str {
        self.sub_msg.as_deref().unwrap_or(&self.errmsg)
    }

    /// The missing permissions in the text, which contains `[qyapi_get_member]`.
    pub fn permissions(&self) -> Vec<String> {
        self.text()
            .split(['[', ']', ',', '，', '{', '}', '=', ' '])
            .filter(|word| word.starts_with("qyapi_") || word.starts_with("Contact."))
            .map(str::to_owned)
            .collect()
    }
}

/// The code in a text such as `…subcode=40014,submsg=…`.
fn subcode_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("subcode=")?;
    rest.split([',', ']']).next()
}

/// What an address that called too often gets in place of an answer.
#[derive(Deserialize)]
pub struct Ban {
    pub punish: String,
}

/// Body of `POST /topapi/user/getbyunionid`.
#[derive(Serialize)]
pub struct ByUnionId<'a> {
    pub unionid: &'a str,
}

/// The result of `/topapi/user/getbyunionid`.
#[derive(Deserialize)]
pub struct OrganizationUser {
    #[serde(default, deserialize_with = "text")]
    pub userid: Option<String>,
    /// 0 is an employee and 1 an external contact. A missing value does not count as an employee.
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

/// The part of the result that is used (page "Obtain the userid of a user by using the log-free
/// code"). All other data is read from the organization.
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

/// The part of the result that is used: the organization's data about a person.
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

/// The answer of `GET /auth/scopes`, which has no `result`: the part of the contacts that the
/// application may see (DingTalk's page "Obtain the authorization scope").
#[derive(Default, Deserialize)]
pub struct Scopes {
    /// The profile fields that the application may read.
    #[serde(default)]
    pub auth_user_field: Vec<String>,
    #[serde(default)]
    pub auth_org_scopes: OrganizationScopes,
}

/// Answer of `GET /call_back/get_call_back_failed_result`.
#[derive(Deserialize)]
pub struct FailedCallbacks {
    #[serde(default)]
    pub has_more: bool,
    /// Each with its name in `call_back_tag`, and what it says under that name.
    #[serde(default)]
    pub failed_list: Vec<Value>,
}

/// Departments, by number, and individual people.
#[derive(Default, Deserialize)]
pub struct OrganizationScopes {
    #[serde(default)]
    pub authed_dept: Vec<Value>,
    #[serde(default)]
    pub authed_user: Vec<Value>,
}

/// A string or an integer. An empty string counts as absent, and so does a number that was rounded
/// while it was parsed, because two identifiers could become equal.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    })
}

/// An integer, which DingTalk also sends as a string.
pub(super) fn signed<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
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
