//! Messages that a test stores itself.

use nocobase_dingtalk::store::NewSend;

/// A message by work notification of which nothing is kept for later.
pub fn new_send(send_id: &str) -> NewSend {
    NewSend {
        send_id: send_id.to_owned(),
        authenticator: "dingtalk".to_owned(),
        way: "workNotification",
        title: "x".to_owned(),
        digest: "d".to_owned(),
        requested_by_id: None,
        kept: None,
        followed: None,
    }
}
