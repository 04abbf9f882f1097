//! Bindings that a test writes itself.

use nocobase_dingtalk::store::NewBinding;
use serde_json::json;

/// A binding that says nothing but who is bound to what.
pub fn new_binding(authenticator: &str, user_id: i64, uuid: &str) -> NewBinding {
    NewBinding {
        authenticator: authenticator.to_owned(),
        user_id,
        uuid: uuid.to_owned(),
        nickname: String::new(),
        avatar: String::new(),
        meta: json!({}),
        author: None,
    }
}
