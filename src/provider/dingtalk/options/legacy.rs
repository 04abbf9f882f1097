//! Options that another program wrote, with values in other places than here.
//!
//! A NocoBase that had another DingTalk plugin leaves authenticators of the same type behind, whose
//! Client ID and secret may be in a group. They are read from there, and the row is only changed
//! when somebody saves it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::schema::is_set;

/// The options that may be in a group.
const KEYS: [&str; 3] = ["clientId", "clientSecret", "corpId"];
/// The groups, in order of priority.
const GROUPS: [&str; 2] = ["dingtalk", "public"];

/// The options, with values from groups moved to where the form has them. Existing values have
/// priority. Visitors can see the group `public`, so the Client ID and secret are removed from it.
pub fn without_legacy_groups(options: &Value) -> Cow<'_, Value> {
    let is_legacy = |group: &str| {
        let group = options.get(group).and_then(Value::as_object);
        group.is_some_and(|group| KEYS.iter().any(|key| group.contains_key(*key)))
    };
    if !GROUPS.into_iter().any(is_legacy) {
        return Cow::Borrowed(options);
    }
    let mut options = options.clone();
    if let Some(all) = options.as_object_mut() {
        for group in GROUPS {
            move_out(all, group);
        }
    }
    Cow::Owned(options)
}

fn move_out(options: &mut Map<String, Value>, group: &str) {
    for key in KEYS {
        let inner = options.get_mut(group).and_then(Value::as_object_mut);
        let Some(value) = inner.and_then(|inner| inner.shift_remove(key)) else {
            continue;
        };
        if !options.get(key).is_some_and(is_set) {
            options.insert(key.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_in_a_group_is_found_and_leaves_it() {
        let flat = json!({"clientId": "a", "clientSecret": "b", "public": {"autoSignup": true}});
        assert_eq!(*without_legacy_groups(&flat), flat);
        for (written, meant) in [
            (
                json!({"public": {"autoSignup": true, "clientId": "a", "clientSecret": "b"}}),
                json!({"public": {"autoSignup": true}, "clientId": "a", "clientSecret": "b"}),
            ),
            (
                json!({"dingtalk": {"clientId": "a", "clientSecret": "b", "corpId": "c"}}),
                json!({"dingtalk": {}, "clientId": "a", "clientSecret": "b", "corpId": "c"}),
            ),
            // The value of the form has priority, and what visitors must not see is removed all the
            // same.
            (
                json!({"clientId": "a", "clientSecret": "b", "public": {"clientSecret": "old"}}),
                json!({"clientId": "a", "clientSecret": "b", "public": {}}),
            ),
            (json!({"public": "x"}), json!({"public": "x"})),
            (json!(null), json!(null)),
        ] {
            assert_eq!(*without_legacy_groups(&written), meant, "{written}");
        }
    }
}
