//! Options that another program wrote, in the places where ours stand.
//!
//! A NocoBase that had a DingTalk plugin of its own leaves authenticators of the same type behind.
//! Their client may stand in a group: it is read from there, and a row is written anew only when
//! somebody saves it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::schema::is_set;

/// What is looked for.
const KEYS: [&str; 3] = ["clientId", "clientSecret", "corpId"];
/// Where it may stand, the more telling first.
const GROUPS: [&str; 2] = ["dingtalk", "public"];

/// The options with what stands in a group put where the form has it. What is there already stays.
/// Visitors see the group `public`: of the client nothing is left in it.
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
            // What the form wrote counts, and what visitors may not see is gone all the same.
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
