//! What is looked for in the values that somebody saves.

use serde_json::json;

use super::channels::has_key;
use super::save::{mentions, names_of_javascript};
use crate::domain::forwarding::channel::MARK;

#[test]
fn names_of_javascript_are_found_at_any_depth() {
    for name in ["__proto__", "constructor", "prototype", "__collection"] {
        for values in [
            json!({name: 1}),
            json!({"options": {"public": {name: {}}}}),
            json!([{"name": "n"}, {name: "x"}]),
            json!({"options": {"rules": [[{"a": {name: null}}]]}}),
        ] {
            assert!(names_of_javascript(&values), "{values}");
        }
    }
    for values in [
        json!({"name": "__proto__", "options": {"constructors": ["prototype"]}}),
        json!(["__collection", 1, null]),
        json!("constructor"),
    ] {
        assert!(!names_of_javascript(&values), "{values}");
    }
}

#[test]
fn the_mark_of_a_channel_is_found_at_any_depth() {
    for values in [
        json!({MARK: {}}),
        json!([{"options": {MARK: {}}}]),
        json!({"values": [{"options": {MARK: 1}}]}),
    ] {
        assert!(has_key(&values, MARK), "{values}");
    }
    assert!(!has_key(&json!({"title": MARK, "names": [MARK]}), MARK));
}

#[test]
fn a_type_that_could_become_a_text_counts_as_the_type() {
    for values in [
        json!({"authType": " DingTalk "}),
        json!({"authType": ["dingtalk"]}),
        json!({"authType": {"a": 1}}),
        json!([{"values": {"authType": []}}]),
    ] {
        assert!(mentions(&values, "authType", "dingtalk"), "{values}");
    }
    for values in [
        json!({"authType": "Email/Password", "title": "dingtalk"}),
        json!({"authType": null, "options": ["dingtalk"]}),
    ] {
        assert!(!mentions(&values, "authType", "dingtalk"), "{values}");
    }
}
