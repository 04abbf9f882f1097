//! The least that a NocoBase says, for a scripted upstream.

use serde_json::{Value, json};

use super::upstream::{Connection, ScriptedUpstream, header};

/// A good answer in JSON.
pub fn answer(body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The path of a request, and its query.
pub fn target(head: &str) -> (&str, &str) {
    let target = head.split(' ').nth(1).unwrap_or_default();
    target.split_once('?').unwrap_or((target, ""))
}

/// A NocoBase where `Bearer admin` may do everything, `Bearer clerk` may only configure
/// authenticators, and everything else is answered by this.
pub fn nocobase(
    other: impl Fn(&str, &mut Connection) -> String + Send + Sync + 'static,
) -> ScriptedUpstream {
    ScriptedUpstream::start(move |mut connection| {
        while let Some(head) = connection.request() {
            let told = if target(&head).0 == "/api/roles:check" {
                connection.body(&head);
                match header(&head, "authorization").unwrap_or_default().as_str() {
                    "Bearer clerk" => answer(&json!({"data": {
                        "role": "clerk", "allowAll": false,
                        "strategy": {"actions": ["view"]}, "snippets": ["pm.auth.authenticators"],
                    }})),
                    "Bearer nobody" => "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\
                        Content-Length: 49\r\n\r\n{\"errors\":[{\"code\":\"USER_HAS_NO_ROLES_ERR\"}]}   "
                        .to_owned(),
                    _ => answer(&json!({"data": {"role": "root", "allowAll": true}})),
                }
            } else {
                other(&head, &mut connection)
            };
            connection.say(told);
        }
    })
}
