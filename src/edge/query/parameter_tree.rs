//! Nested parameters, in the format of the npm package `qs`: `a[b]=1`, `a[]=1&a[]=2`.

use serde_json::{Map, Value};

/// How many levels of brackets are parsed. Deeper ones stay a part of the name.
const DEEPEST: usize = 5;

/// The parameters as one tree of objects, lists and texts.
pub fn tree(pairs: &[(String, String)]) -> Value {
    let mut root = Value::Object(Map::new());
    for (name, value) in pairs {
        let path = path(name);
        insert(&mut root, &path, value);
    }
    root
}

/// Splits a name: `a[b][]` becomes `a`, `b` and an empty part.
fn path(name: &str) -> Vec<&str> {
    let Some((first, mut rest)) = name.split_once('[') else {
        return vec![name];
    };
    if first.is_empty() {
        return vec![name];
    }
    let mut path = vec![first];
    while let Some((part, after)) = rest.split_once(']') {
        if path.len() > DEEPEST {
            return vec![name];
        }
        path.push(part);
        match after.strip_prefix('[') {
            Some(next) => rest = next,
            None if after.is_empty() => return path,
            None => break,
        }
    }
    vec![name]
}

/// Puts a value at its place. Where two parameters disagree about that place, both become a list,
/// as `qs` does for repeated names.
fn insert(at: &mut Value, path: &[&str], value: &str) {
    match (path, &mut *at) {
        ([], Value::Null) => *at = Value::from(value),
        ([], Value::Array(items)) => items.push(Value::from(value)),
        ([], other) => {
            let first = other.take();
            *other = Value::Array(vec![first, Value::from(value)]);
        }
        ([part, rest @ ..], Value::Object(fields)) => {
            insert(fields.entry(*part).or_insert(Value::Null), rest, value);
        }
        // `a[]` and `a[0]`.
        ([part, rest @ ..], Value::Null) if is_index(part) => {
            let mut item = Value::Null;
            insert(&mut item, rest, value);
            *at = Value::Array(vec![item]);
        }
        ([part, rest @ ..], Value::Array(items)) if is_index(part) => {
            let mut item = Value::Null;
            insert(&mut item, rest, value);
            items.push(item);
        }
        ([_, ..], Value::Null) => {
            *at = Value::Object(Map::new());
            insert(at, path, value);
        }
        // For `a=1&a[b]=2` the first value stays.
        ([_, ..], _) => {}
    }
}

fn is_index(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(text: &str) -> Value {
        let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        tree(&pairs)
    }

    #[test]
    fn brackets_nest() {
        for (text, expected) in [
            ("a=1", json!({"a": "1"})),
            ("a=1&a=2", json!({"a": ["1", "2"]})),
            ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
            ("a[0]=1&a[1]=2", json!({"a": ["1", "2"]})),
            ("a[b]=1&a[c]=2", json!({"a": {"b": "1", "c": "2"}})),
            (
                "filter[name][$eq]=x",
                json!({"filter": {"name": {"$eq": "x"}}}),
            ),
            (
                "filter[$and][0][id]=1",
                json!({"filter": {"$and": [{"id": "1"}]}}),
            ),
            ("a=1&a[b]=2", json!({"a": "1"})),
            ("a[b", json!({"a[b": ""})),
            ("[a]=1", json!({"[a]": "1"})),
            ("a[b]c=1", json!({"a[b]c": "1"})),
            ("", json!({})),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let text = format!("a{}=1", "[b]".repeat(1000));
        assert_eq!(parsed(&text).as_object().map(Map::len), Some(1));
    }
}
