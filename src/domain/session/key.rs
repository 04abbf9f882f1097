//! The key that signs tokens.

use hmac::Mac;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::{Builder, Uuid};

use super::Claims;
use crate::domain::derived_key::DerivedKey;

/// Signs tokens and verifies signatures.
pub struct SigningKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    cookie_key: DerivedKey,
    renewal_key: DerivedKey,
}

impl SigningKey {
    /// A key of these bytes, which are used as they are.
    pub fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // NocoBase signs with the first and accepts all three. Other kinds of algorithms are never
        // accepted, so a token cannot choose how it is verified.
        validation.algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        validation.required_spec_claims.clear();
        // Expiry is checked with the policy and the clock that is passed in: see `verify`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            cookie_key: DerivedKey::new(b"nocobase-dingtalk sign-in cookie\0", secret),
            // The text is part of the key, so it must stay as it is: older releases use it too.
            renewal_key: DerivedKey::new(b"nocobase-dingtalk successor\0", secret),
        }
    }

    /// A token with these claims; none when signing fails.
    pub fn sign<T: Serialize>(&self, claims: &T) -> Option<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding).ok()
    }

    /// The claims of a token with a valid signature.
    pub fn read(&self, token: &str) -> Option<Claims> {
        self.read_as(token)
    }

    /// The claims of another kind of token with a valid signature.
    pub fn read_as<T: DeserializeOwned + Clone>(&self, token: &str) -> Option<T> {
        let token = jsonwebtoken::decode::<T>(token, &self.decoding, &self.validation);
        token.ok().map(|token| token.claims)
    }

    /// The `jti` of the token that replaces the one with this `jti`. Every process with this secret
    /// computes the same, so all of them find the renewed token, whichever of them made it.
    pub fn renewed_jti(&self, jti: Uuid) -> Uuid {
        let digest = self.renewal_key.mac(jti.as_bytes()).finalize();
        let mut name = [0; 16];
        name.iter_mut()
            .zip(digest.into_bytes())
            .for_each(|(to, from)| *to = from);
        Builder::from_random_bytes(name).into_uuid()
    }

    /// A key for encrypting sign-in cookies, which reveals nothing about this one.
    pub fn cookie_key(&self) -> &[u8; 32] {
        self.cookie_key.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            user_id: Some(2),
            temp: Some(true),
            role_name: None,
            iat: Some(1_795_366_138),
            sign_in_time: Some(1_795_366_138_435),
            exp: Some(1_795_452_538),
            nbf: None,
            jti: Some("be2764cc-0000-4000-8000-000000000000".to_owned()),
        }
    }

    #[test]
    fn the_claims_stand_in_nocobases_order() {
        assert_eq!(
            serde_json::to_string(&claims()).unwrap(),
            r#"{"userId":2,"temp":true,"iat":1795366138,"signInTime":1795366138435,"exp":1795452538,"jti":"be2764cc-0000-4000-8000-000000000000"}"#
        );
    }

    #[test]
    fn only_this_key_is_believed() {
        let key = SigningKey::new(b"secret");
        let token = key.sign(&claims()).unwrap();
        assert_eq!(key.read(&token), Some(claims()));
        assert_eq!(SigningKey::new(b"other").read(&token), None);
        let (body, signature) = token.rsplit_once('.').unwrap();
        assert_eq!(key.read(&format!("{body}.")), None);
        assert_eq!(key.read(&format!("{body}x.{signature}")), None);
    }

    #[test]
    fn names_of_renewed_tokens_differ_and_only_this_key_finds_them() {
        let (key, other) = (SigningKey::new(b"secret"), SigningKey::new(b"other"));
        let jti = Uuid::new_v4();
        let next = key.renewed_jti(jti);
        assert_eq!(SigningKey::new(b"secret").renewed_jti(jti), next);
        let all = [jti, next, key.renewed_jti(next), other.renewed_jti(jti)];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| other != one));
            assert_eq!(one.get_version_num(), 4);
        }
    }

    #[test]
    fn a_token_does_not_choose_its_algorithm() {
        use base64::Engine;
        use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
        let key = SigningKey::new(b"secret");
        let token = key.sign(&claims()).unwrap();
        let body = token.split('.').nth(1).unwrap();
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"None","typ":"JWT"}"#,
            r#"{"alg":"RS256"}"#,
            "{}",
        ] {
            let header = B64.encode(header);
            assert_eq!(key.read(&format!("{header}.{body}.")), None);
            let signature = token.rsplit_once('.').unwrap().1;
            assert_eq!(key.read(&format!("{header}.{body}.{signature}")), None);
        }
    }
}
