//! Callbacks and the events in them.

use base64::Engine;
use serde_json::{Map, Value};

use crate::domain::events::{CallbackSecrets, Concerns};
use crate::provider::dingtalk::events::{self, CallbackKeys, Frame};

/// The encrypted text of a callback, which nobody has to have signed.
pub fn callback(bytes: &[u8]) {
    let Some(keys) = CallbackKeys::new(CALLBACK_SECRETS) else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    let _ = keys.decrypt(&text);
    // Bytes that come out of a decryption, such as lengths that lie.
    let _ = keys.decrypt(&keys.encrypt(&text, "owner", [0; 16]));
    let whole: Vec<u8> = bytes
        .iter()
        .copied()
        .cycle()
        .take(bytes.len() / 16 * 16)
        .collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(whole);
    let _ = keys.decrypt(&encoded);
}

const CALLBACK_SECRETS: CallbackSecrets<'static> = CallbackSecrets {
    token: "sandboxToken01",
    key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
};

/// What an event says, of each kind.
pub fn event(bytes: &[u8]) {
    // A frame of the Stream, whose event has to be storable whatever it says.
    let frame = Frame::read(&String::from_utf8_lossy(bytes), Some("corp"));
    if let Some(Frame::Event(event, _)) = frame {
        assert!(event.kept_id().len() <= 255 && event.kind.len() <= 64);
    }
    let Ok(body) = serde_json::from_slice::<Map<String, Value>>(bytes) else {
        return;
    };
    let said = body
        .get("EventType")
        .and_then(Value::as_str)
        .unwrap_or_default();
    for kind in [
        "user_modify_org",
        "user_leave_org",
        "org_dept_create",
        "org_change",
        said,
    ] {
        let header = events::Header {
            kind,
            id: None,
            born: None,
            digest: "none".to_owned(),
        };
        let event = events::event(header, &body);
        let id = event.kept_id();
        assert!(!id.is_empty() && id.len() <= 255, "{id}");
        assert!(event.kind.len() <= 64, "{}", event.kind);
        if let Concerns::People(keys) | Concerns::Leavers(keys) | Concerns::Departments(keys) =
            event.concerns
        {
            assert!(
                keys.iter()
                    .all(|key| !key.is_empty() && !key.contains('\0'))
            );
        }
    }
}
