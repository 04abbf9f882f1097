//! Signatures of options, which prove that somebody with sufficient power saved them.
//!
//! The options of a gateway's authenticators are in NocoBase's table, and there are several ways to
//! write to it. Whoever may edit authenticators in NocoBase itself could let people sign in as
//! administrators, without the right to create any. So options that give power only count with a
//! signature, which the gateway adds after it has checked who saves them.

use entity::authenticator;
use hmac::{Hmac, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use super::derived_key::DerivedKey;
use crate::store::{Owner, effective_state};

/// The option that holds the signature.
const OPTION: &str = "dingtalkGatewaySignature";

/// Signs options.
pub struct OptionsKey(DerivedKey);

impl OptionsKey {
    /// A key, derived from the secret that signs tokens, which reveals nothing about that secret.
    pub fn new(secret: &[u8]) -> Self {
        let purpose = b"nocobase-dingtalk options of authenticators\0";
        Self(DerivedKey::new(purpose, secret))
    }

    /// Signs the options of the authenticator with this name. Secret options are not signed,
    /// because they do not decide who gets in as what.
    pub fn sign(&self, name: &str, options: &mut Value, secrets: &[&str]) {
        let signature = hex::encode(self.mac(name, options, secrets).finalize().into_bytes());
        if let Some(options) = options.as_object_mut() {
            options.insert(OPTION.to_owned(), Value::from(signature));
        }
    }

    /// Whether whoever saved an authenticator was allowed to give the power that its options give.
    /// The standalone server checked that when they were saved; in NocoBase's table the signature
    /// shows it.
    pub fn may_give_power(
        &self,
        owner: Owner,
        row: &authenticator::Model,
        secrets: &[&str],
    ) -> bool {
        owner == Owner::Us || self.verify(&row.name, &row.options, secrets)
    }

    /// Whether the options have a valid signature.
    pub fn verify(&self, name: &str, options: &Value, secrets: &[&str]) -> bool {
        let signature = options.get(OPTION).and_then(Value::as_str);
        let signature = signature.and_then(|text| hex::decode(text).ok());
        let mac = self.mac(name, options, secrets);
        signature.is_some_and(|signature| mac.verify_slice(&signature).is_ok())
    }

    fn mac(&self, name: &str, options: &Value, secrets: &[&str]) -> Hmac<Sha256> {
        let signed = match options {
            Value::Object(fields) => {
                let is_signed = |key: &str| {
                    ![OPTION, effective_state::OPTION].contains(&key) && !secrets.contains(&key)
                };
                let fields = fields.iter().filter(|(key, _)| is_signed(key));
                let fields = fields.map(|(key, value)| (key.clone(), value.clone()));
                sorted(&Value::Object(fields.collect()))
            }
            _ => Value::Null,
        };
        self.0
            .mac(Value::from(vec![Value::from(name), signed]).to_string())
    }
}

/// Removes the signature from options.
pub fn remove(options: &mut Value) {
    if let Some(options) = options.as_object_mut() {
        options.shift_remove(OPTION);
    }
}

/// The same value with sorted keys, because databases store keys in an order of their own.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.keys().collect();
            keys.sort_unstable();
            let pairs = keys.into_iter().filter_map(|key| {
                let value = fields.get(key)?;
                Some((key.clone(), sorted(value)))
            });
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const IGNORED: [&str; 1] = ["clientSecret"];

    #[test]
    fn only_what_was_signed_is_believed() {
        let key = OptionsKey::new(b"secret");
        let options = json!({"clientId": "a", "clientSecret": "b", "public": {"x": 1, "y": [2]}});
        assert!(!key.verify("ding", &options, &IGNORED));
        let mut signed = options.clone();
        key.sign("ding", &mut signed, &IGNORED);
        assert!(key.verify("ding", &signed, &IGNORED));
        // The order of the keys does not matter, and neither do unsigned options.
        let mut other = json!({"public": {"y": [2], "x": 1}, "clientSecret": "c", "clientId": "a"});
        other[OPTION] = signed[OPTION].clone();
        assert!(key.verify("ding", &other, &IGNORED));

        assert!(!key.verify("dong", &signed, &IGNORED));
        assert!(!OptionsKey::new(b"other").verify("ding", &signed, &IGNORED));
        for (field, value) in [
            ("clientId", json!("b")),
            ("more", json!(true)),
            ("public", json!({"x": 1, "y": [3]})),
            (OPTION, json!("00")),
            (OPTION, json!("no hex")),
            (OPTION, json!(1)),
        ] {
            let mut forged = signed.clone();
            forged[field] = value;
            assert!(!key.verify("ding", &forged, &IGNORED), "{field}");
        }
        remove(&mut signed);
        assert_eq!(signed, options);
    }

    #[test]
    fn the_order_of_keys_does_not_matter_inside_a_list_either() {
        let key = OptionsKey::new(b"secret");
        let mut signed = json!({"list": [{"a": 1, "b": 2}]});
        key.sign("ding", &mut signed, &IGNORED);
        let mut other = json!({"list": [{"b": 2, "a": 1}]});
        other[OPTION] = signed[OPTION].clone();
        assert!(key.verify("ding", &other, &IGNORED));
    }
}
