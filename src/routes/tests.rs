//! What the table promises.

use super::*;

/// What names of actions that read begin with.
const READING: [&str; 5] = ["list", "get", "check", "find", "public"];
/// Other actions without a change that something has to follow.
const NO_CHANGES: [(&str, &str); 14] = [
    ("app", "clearCache"),
    // It sees to its end itself, once the password is hashed.
    ("auth", "signIn"),
    ("auth", "syncCookies"),
    // No link is ever sent.
    ("auth", "lostPassword"),
    // They begin something, which a cookie alone holds.
    ("dingtalk", "bind"),
    ("dingtalk", "binding"),
    // A line of the log.
    ("dingtalk", "inAppFailed"),
    ("dingtalk", "openapi"),
    ("dingtalk", "optionsSchema"),
    ("dingtalk", "testConnection"),
    // They are refused, or do nothing.
    ("flowModels", "save"),
    ("pm", "add"),
    ("pm", "update"),
    ("pm", "remove"),
];

#[test]
fn what_may_change_something_is_done_to_its_end() {
    let providers = crate::provider::tests::all();
    for routes in [Routes::standalone(&providers), Routes::gateway(&providers)] {
        for (resource, actions) in &routes.0 {
            for (action, route) in actions {
                let reads = READING.iter().any(|word| action.starts_with(word))
                    || NO_CHANGES.contains(&(*resource, *action));
                assert_eq!(route.changes, !reads, "{resource}:{action}");
            }
        }
    }
}
