//! Events by encrypted callback (DingTalk's page "Receive event push").

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::body::{Header, event, moment, text};
use super::crypto::CallbackKeys;
use crate::domain::events::{
    Callback, CallbackReader, CallbackRefusal, CallbackSecrets, SentCallback, digest,
};

/// What every callback is answered with.
const RECEIVED: &str = "success";
/// The event that asks whether somebody answers.
const CHECK: &str = "check_url";
/// How far the clocks of DingTalk and of this server may be apart.
const APART: TimeDelta = TimeDelta::minutes(10);

/// Reads callbacks to one application.
pub struct DingTalkCallbacks {
    keys: CallbackKeys,
    /// The Client ID.
    client_id: String,
    /// The organization, where it is known.
    corp_id: Option<String>,
}

impl DingTalkCallbacks {
    /// A reader for an application with these identifiers. None when token or key do not have DingTalk's form.
    pub fn new(
        secrets: CallbackSecrets<'_>,
        client_id: &str,
        corp_id: Option<&str>,
    ) -> Option<Self> {
        Some(Self {
            keys: CallbackKeys::new(secrets)?,
            client_id: client_id.to_owned(),
            corp_id: corp_id.map(str::to_owned),
        })
    }

    /// Whether a message is for this application: it ends in the Client ID where it was subscribed to in the
    /// developer console, and in the Corp ID where it was by a call.
    fn owns(&self, owner: &str) -> bool {
        owner == self.client_id || self.corp_id.as_deref() == Some(owner)
    }

    fn acknowledgement(&self, owner: &str, now: DateTime<Utc>) -> Value {
        let random = Uuid::new_v4();
        let encrypted = self.keys.encrypt(RECEIVED, owner, *random.as_bytes());
        let timestamp = now.timestamp_millis().to_string();
        let nonce: String = Uuid::new_v4().simple().to_string();
        let nonce: String = nonce.chars().take(16).collect();
        json!({
            "msg_signature": self.keys.sign(&timestamp, &nonce, &encrypted),
            "timeStamp": timestamp,
            "nonce": nonce,
            "encrypt": encrypted,
        })
    }
}

impl CallbackReader for DingTalkCallbacks {
    fn read(
        &self,
        sent: SentCallback<'_>,
        now: DateTime<Utc>,
    ) -> Result<Callback, CallbackRefusal> {
        let (timestamp, nonce) = (sent.timestamp, sent.nonce);
        let is_signed = self
            .keys
            .is_signed(sent.signature, timestamp, nonce, sent.encrypted);
        if !is_signed {
            return Err(CallbackRefusal::Signature);
        }
        let signed_at = moment(timestamp).ok_or(CallbackRefusal::Old)?;
        if (now - signed_at).abs() > APART {
            return Err(CallbackRefusal::Old);
        }
        let (message, owner) = self.keys.decrypt(sent.encrypted)?;
        if !self.owns(&owner) {
            return Err(CallbackRefusal::Foreign);
        }
        let body: Map<String, Value> =
            serde_json::from_str(&message).map_err(|_| CallbackRefusal::NoEvent)?;
        let kind = text(&body, &["EventType", "eventType"]).ok_or(CallbackRefusal::NoEvent)?;
        let acknowledgement = self.acknowledgement(&owner, now);
        if kind == CHECK {
            return Ok(Callback {
                event: None,
                acknowledgement,
            });
        }
        let corp_id = text(&body, &["CorpId", "corpId"]);
        if let (Some(expected), Some(named)) = (&self.corp_id, &corp_id)
            && expected != named
        {
            return Err(CallbackRefusal::Foreign);
        }
        let header = Header {
            kind: &kind,
            id: None,
            born: None,
            digest: digest(&message),
        };
        Ok(Callback {
            event: Some(event(header, &body)),
            acknowledgement,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::domain::events::Concerns;

    const SECRETS: CallbackSecrets<'static> = CallbackSecrets {
        token: "sandboxToken01",
        key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    };

    fn callbacks() -> DingTalkCallbacks {
        DingTalkCallbacks::new(SECRETS, "app", Some("corp")).unwrap()
    }

    /// What comes of a message with a good signature, made so many minutes ago.
    fn read(message: &str, owner: &str, minutes: i64) -> Result<Callback, CallbackRefusal> {
        let callbacks = callbacks();
        let now = Clock::system().now();
        let timestamp = (now - TimeDelta::minutes(minutes)).timestamp().to_string();
        let encrypted = callbacks.keys.encrypt(message, owner, [1; 16]);
        let signature = callbacks.keys.sign(&timestamp, "n", &encrypted);
        let sent = SentCallback {
            signature: &signature,
            timestamp: &timestamp,
            nonce: "n",
            encrypted: &encrypted,
        };
        callbacks.read(sent, now)
    }

    const LEFT: &str = r#"{"EventType":"user_leave_org","CorpId":"corp","UserId":["u1"]}"#;

    #[test]
    fn an_event_for_the_application_or_its_organization_is_read_and_acknowledged() {
        for owner in ["app", "corp"] {
            let read = read(LEFT, owner, 9).unwrap();
            let event = read.event.unwrap();
            assert_eq!(event.concerns, Concerns::Leavers(vec!["u1".into()]));
            let said = |name: &str| read.acknowledgement[name].as_str().unwrap().to_owned();
            let keys = callbacks().keys;
            let encrypted = said("encrypt");
            assert_eq!(
                keys.decrypt(&encrypted).unwrap(),
                ("success".to_owned(), owner.to_owned())
            );
            let signature = keys.sign(&said("timeStamp"), &said("nonce"), &encrypted);
            assert_eq!(signature, said("msg_signature"));
        }
        let check = read(r#"{"EventType":"check_url"}"#, "app", 0).unwrap();
        assert!(check.event.is_none());
    }

    #[test]
    fn what_is_old_foreign_or_no_event_is_refused() {
        let foreign = LEFT.replace("\"corp\"", "\"other\"");
        for (message, owner, minutes, refusal) in [
            (LEFT, "app", 11, CallbackRefusal::Old),
            (LEFT, "app", -11, CallbackRefusal::Old),
            (LEFT, "another", 0, CallbackRefusal::Foreign),
            (&foreign, "app", 0, CallbackRefusal::Foreign),
            ("[]", "app", 0, CallbackRefusal::NoEvent),
            ("{}", "app", 0, CallbackRefusal::NoEvent),
        ] {
            assert_eq!(read(message, owner, minutes).unwrap_err(), refusal);
        }
    }
}
