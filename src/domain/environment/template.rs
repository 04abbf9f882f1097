//! Templates such as `{{ $env.NAME }}` in values.

use std::collections::HashSet;

use serde_json::Value;

/// Options whose templates NocoBase (2.2.15) fills in only when it sends mail.
const KEPT: [&str; 3] = ["emailContentText", "emailContentHTML", "emailSubject"];

/// The longest text between the braces, in bytes. Names have at most 255 characters, all of them
/// ASCII.
const LONGEST: usize = 300;

/// Whether a text can be the name of a variable: a letter, then letters, digits and underscores.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a text consists of a single variable.
pub fn is_variable(text: &str) -> bool {
    let mut parts = parts(text.trim());
    matches!(parts.next(), Some(Part::Variable { .. })) && parts.next().is_none()
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Text without variables.
    Text(&'a str),
    /// A variable, and the text of its template.
    Variable { name: &'a str, written: &'a str },
}

/// The parts of a text, in order.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    let mut waiting = None;
    std::iter::from_fn(move || {
        if let Some(variable) = waiting.take() {
            return Some(variable);
        }
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some((start, end, name)) = next_variable(rest, from) {
            let Some(name) = name else {
                from = end;
                continue;
            };
            let (before, after) = rest.split_at_checked(start)?;
            let (written, after) = after.split_at_checked(end - start)?;
            rest = after;
            let variable = Part::Variable { name, written };
            if before.is_empty() {
                return Some(variable);
            }
            waiting = Some(variable);
            return Some(Part::Text(before));
        }
        Some(Part::Text(std::mem::take(&mut rest)))
    })
}

/// The next pair of braces after a position: its beginning, its end, and the variable in it.
/// Without a variable in it, only the first brace is skipped.
fn next_variable(text: &str, from: usize) -> Option<(usize, usize, Option<&str>)> {
    let start = from + text.get(from..)?.find("{{")?;
    let inner = text.get(start + 2..)?;
    let braces = inner.bytes().take(LONGEST).position(|byte| byte == b'}');
    let variable = braces.and_then(|length| {
        let (name, rest) = inner.split_at_checked(length)?;
        let name = name.trim().strip_prefix("$env.")?;
        let closed = rest.starts_with("}}");
        (closed && is_name(name)).then_some((start + 2 + length + 2, name))
    });
    Some(match variable {
        Some((end, name)) => (start, end, Some(name)),
        None => (start, start + 1, None),
    })
}

/// The names of the variables in a value, in the order in which they come first, without repetitions.
pub fn names(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    // A large value can have tens of thousands of names, so each is not compared with all others.
    let mut known = HashSet::<String>::new();
    render(value, &mut |name| {
        if !known.contains(name) {
            known.insert(name.to_owned());
            found.push(name.to_owned());
        }
        Filled::Nothing
    });
    found
}

/// What replaces a variable.
pub enum Filled {
    /// This text. Variables in it are not replaced.
    With(String),
    /// The template itself.
    Template,
    /// Nothing. A value that consists of this variable only is removed.
    Nothing,
}

/// A copy of a value with its variables filled in; none when nothing is left of it.
pub fn render(value: &Value, fill: &mut impl FnMut(&str) -> Filled) -> Option<Value> {
    Some(match value {
        Value::String(text) => return render_text(text, fill).map(Value::String),
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| render(item, fill).unwrap_or(Value::Null));
            Value::Array(items.collect())
        }
        Value::Object(fields) => {
            let mut rendered = serde_json::Map::new();
            for (key, value) in fields {
                let value = if KEPT.contains(&key.as_str()) {
                    Some(value.clone())
                } else {
                    render(value, fill)
                };
                if let Some(value) = value {
                    rendered.insert(key.clone(), value);
                }
            }
            Value::Object(rendered)
        }
        other => other.clone(),
    })
}

fn render_text(text: &str, fill: &mut impl FnMut(&str) -> Filled) -> Option<String> {
    let alone = is_variable(text);
    let mut rendered = String::new();
    for part in parts(text) {
        match part {
            Part::Text(text) => rendered.push_str(text),
            Part::Variable { name, written } => match fill(name) {
                Filled::With(value) => rendered.push_str(&value),
                Filled::Template => rendered.push_str(written),
                Filled::Nothing if alone => return None,
                Filled::Nothing => {}
            },
        }
    }
    Some(rendered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rendered(value: &Value) -> Value {
        let fill = &mut |name: &str| match name {
            "FOO" => Filled::With("foo".to_owned()),
            "TRICK" => Filled::With("{{ $env.FOO }}".to_owned()),
            "SEC" => Filled::Template,
            _ => Filled::Nothing,
        };
        render(value, fill).unwrap_or(Value::Null)
    }

    #[test]
    fn variables_are_filled_in_wherever_a_text_stands() {
        for (value, expected) in [
            (json!("{{ $env.FOO }}"), json!("foo")),
            (json!("{{$env.FOO}}"), json!("foo")),
            (json!("pre {{$env.FOO}} post"), json!("pre foo post")),
            (json!("{{$env.FOO}}{{$env.FOO}}"), json!("foofoo")),
            (json!("a{{{$env.FOO}}}"), json!("a{foo}")),
            (json!("{{ {{$env.FOO}}"), json!("{{ foo")),
            (json!("密{{$env.FOO}}钥"), json!("密foo钥")),
            (
                json!({"a": [{"b": "{{$env.FOO}}"}]}),
                json!({"a": [{"b": "foo"}]}),
            ),
            (json!(1), json!(1)),
            (json!(""), json!("")),
        ] {
            assert_eq!(rendered(&value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_variable_stands_for_itself() {
        for text in [
            "{{t(\"Username\")}}",
            "{{$env.}}",
            "{{$env.1}}",
            "{{$env.A B}}",
            "{{$env.FOO",
            "$env.FOO",
            "{{ }}",
            "}}{{",
            "{{",
        ] {
            assert_eq!(rendered(&json!(text)), json!(text));
            assert!(names(&json!(text)).is_empty());
        }
        let mail = json!({"emailSubject": "{{$env.FOO}}"});
        assert_eq!(rendered(&mail), mail);
    }

    #[test]
    fn what_is_unknown_goes_and_what_is_filled_in_is_not_read_again() {
        let value = json!({"a": "{{$env.NO}}", "b": "x{{$env.NO}}", "c": ["{{$env.NO}}"],
            "d": "{{$env.TRICK}}", "e": "{{ $env.SEC }}"});
        let expected = json!({"b": "x", "c": [null], "d": "{{ $env.FOO }}", "e": "{{ $env.SEC }}"});
        assert_eq!(rendered(&value), expected);
        assert_eq!(names(&value), ["NO", "TRICK", "SEC"]);
    }

    #[test]
    fn each_name_is_found_once_where_it_comes_first() {
        let written = |name: &str| format!("{{{{ $env.{name} }}}}");
        // Two rounds of the same names, the second one backwards.
        let order: Vec<_> = (0..500).rev().map(|number| format!("N{number}")).collect();
        let round: String = order.iter().map(|name| written(name)).collect();
        let back: Vec<_> = order.iter().rev().map(|name| written(name)).collect();
        assert_eq!(names(&json!([round, back])), order);
    }

    #[test]
    fn a_variable_alone_is_told_from_a_text_with_one() {
        assert!(is_variable("{{ $env.FOO }}") && is_variable(" {{$env.FOO}} "));
        for text in ["", " ", "x{{$env.FOO}}", "{{$env.FOO}}x", "x"] {
            assert!(!is_variable(text), "{text:?}");
        }
    }
}
