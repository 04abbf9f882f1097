//! Tokens of the recording: those of sign-ins, and those that it minted itself.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::APP_KEY;

/// How to make a token.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mint {
    /// Claims. Times are relative to now: seconds, and milliseconds for `signInTime`. The `jti` is
    /// `unknown`, or the name of the exchange whose token's it is.
    claims: Option<Map<String, Value>>,
    /// The token whose claims it has.
    #[serde(rename = "as")]
    like: Option<String>,
    /// Another secret than the server's.
    secret: Option<String>,
    /// Another algorithm than HS256.
    alg: Option<String>,
    /// `tampered`: its end is replaced.
    signature: Option<String>,
}

/// Tokens by the name that the recording has for them.
#[derive(Default)]
pub struct Tokens(BTreeMap<String, String>);

impl Tokens {
    pub fn remember(&mut self, name: &str, token: &str) {
        self.0.insert(name.to_owned(), token.to_owned());
    }

    /// Makes the token, unless an earlier exchange had it.
    pub fn mint(&mut self, name: &str, mint: &Mint, now_ms: i64) {
        if !self.0.contains_key(name) {
            let token = self.minted(mint, now_ms);
            self.0.insert(name.to_owned(), token);
        }
    }

    fn minted(&self, mint: &Mint, now_ms: i64) -> String {
        let like = mint.like.as_deref().map(|name| &self.0[name]);
        if mint.signature.is_some() {
            let token = like.unwrap();
            let kept: String = token.chars().take(token.len() - 3).collect();
            return format!("{kept}AAA");
        }
        let claims = match (like, &mint.claims) {
            (Some(token), _) => claims_of(token),
            (None, Some(relative)) => self.absolute(relative, now_ms),
            (None, None) => panic!("a token without claims"),
        };
        let secret = mint.secret.as_deref().unwrap_or(APP_KEY).as_bytes();
        let sign = |algorithm| {
            let key = EncodingKey::from_secret(secret);
            jsonwebtoken::encode(&Header::new(algorithm), &claims, &key).unwrap()
        };
        match mint.alg.as_deref() {
            None => sign(Algorithm::HS256),
            Some("HS512") => sign(Algorithm::HS512),
            Some("none") => {
                let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
                let head = part(&json!({"alg": "none", "typ": "JWT"}));
                format!("{head}.{}.", part(&claims))
            }
            Some(other) => panic!("nobody mints with {other}"),
        }
    }

    fn absolute(&self, relative: &Map<String, Value>, now_ms: i64) -> Value {
        let mut claims = relative.clone();
        for (name, value) in &mut claims {
            match name.as_str() {
                "iat" | "exp" | "nbf" => *value = (value.as_i64().unwrap() + now_ms / 1000).into(),
                "signInTime" => *value = (value.as_i64().unwrap() + now_ms).into(),
                "jti" => {
                    *value = match value.as_str().unwrap() {
                        "unknown" => Uuid::new_v4().to_string().into(),
                        exchange => claims_of(&self.0[exchange])["jti"].clone(),
                    };
                }
                _ => {}
            }
        }
        Value::Object(claims)
    }

    /// Replaces the names of tokens by the tokens.
    pub fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, token) in &self.0 {
            text = text.replace(&format!("{{{{token:{name}}}}}"), token);
        }
        text
    }
}

fn claims_of(token: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
    serde_json::from_slice(&claims.unwrap()).unwrap()
}
