//! The claims of a token.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The claims in NocoBase's order. The kinds of tokens differ in the claims that are present:
/// sessions have `temp`, API keys have `roleName`, and password resets have neither and no
/// `userId`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The account. NocoBase also accepts a number as text.
    #[serde(
        default,
        deserialize_with = "account",
        skip_serializing_if = "Option::is_none"
    )]
    pub user_id: Option<i64>,
    /// Whether this is the token of a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temp: Option<bool>,
    /// The only role of an API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// When it was issued, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// When the session began, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_time: Option<i64>,
    /// When it expires, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When it becomes valid, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// The id of the token, a UUID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
}

impl Claims {
    /// Whether this is the token of a session, not an API key.
    pub fn is_session(&self) -> bool {
        self.temp == Some(true)
    }
}

fn account<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_account_is_a_number_also_when_it_is_written_as_text() {
        for (written, read) in [
            (json!(7), Some(7)),
            (json!("7"), Some(7)),
            (json!("seven"), None),
            (json!([7]), None),
            (json!(null), None),
        ] {
            let claims: Claims = serde_json::from_value(json!({ "userId": written })).unwrap();
            assert_eq!(claims.user_id, read, "{written}");
        }
    }
}
