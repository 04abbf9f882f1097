//! Cookies that an answer gives to the browser.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::compare::Rules;
use super::record::Record;
use super::replay::Answer;

/// How long a browser keeps a cookie.
#[derive(Debug, PartialEq)]
enum Life {
    Session,
    Days,
    Over,
}

/// What matters of a cookie.
#[derive(Debug, PartialEq)]
struct Cookie {
    /// Nothing where it is another in each answer.
    value: Option<String>,
    life: Life,
    /// The rest, in lower case.
    attributes: BTreeSet<String>,
}

/// Compares the cookies of two answers. Of those with the same name the last one counts, as in a
/// browser.
pub fn compare(record: &Record, answer: &Answer, rules: &mut Rules, found: &mut BTreeSet<String>) {
    let theirs = record.response_headers.get("set-cookie");
    let theirs = theirs.and_then(Value::as_array).into_iter().flatten();
    let theirs = cookies(theirs.filter_map(Value::as_str), rules);
    let ours = cookies(answer.all("set-cookie"), rules);
    for name in theirs.keys().chain(ours.keys()) {
        if theirs.get(name) != ours.get(name) {
            found.insert(format!("cookie {name}"));
        }
    }
}

fn cookies<'a, I: Iterator<Item = &'a str>>(
    headers: I,
    rules: &mut Rules,
) -> BTreeMap<String, Cookie> {
    headers.map(|header| parse(header, rules)).collect()
}

fn parse(header: &str, rules: &mut Rules) -> (String, Cookie) {
    let mut parts = header.split("; ");
    let (name, value) = parts.next().unwrap().split_once('=').unwrap();
    let mut life = Life::Session;
    let mut attributes = BTreeSet::new();
    for part in parts.map(str::to_lowercase) {
        match part.split_once('=') {
            Some(("expires", date)) if life == Life::Session => {
                life = if date.contains(" 1970 ") {
                    Life::Over
                } else {
                    Life::Days
                };
            }
            // Where both are given, this one counts.
            Some(("max-age", seconds)) => {
                rules.apply("max-age");
                life = if seconds == "0" {
                    Life::Over
                } else {
                    Life::Days
                };
            }
            Some(("expires", _)) => {}
            _ => {
                attributes.insert(part);
            }
        }
    }
    let varies = name.contains("token") && !value.is_empty();
    let value = (!varies).then(|| value.to_owned());
    let cookie = Cookie {
        value,
        life,
        attributes,
    };
    (name.to_owned(), cookie)
}
