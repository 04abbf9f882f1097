//! The query of a request, as the npm package `qs` parses it for NocoBase.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::Unclear;

/// How many parameters `qs` parses; NocoBase does not see the others.
const MOST: usize = 1000;

/// Characters that need no encoding in a query.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Names of properties that have a special meaning in JavaScript.
const OF_JAVASCRIPT: [&str; 3] = ["__proto__", "constructor", "prototype"];

/// Parameters in their order, each of which can be read in only one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Parses a query string.
    pub fn read(query: &str) -> Result<Self, Unclear> {
        let parts: Vec<_> = query.split('&').filter(|part| !part.is_empty()).collect();
        if parts.len() > MOST {
            return Err(Unclear);
        }
        parts
            .into_iter()
            .map(pair)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether there is a parameter of this name, alone or with brackets.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| root(key) == name)
    }

    /// The values of a parameter, alone or with brackets.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| root(key) == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The values of a parameter with exactly this name.
    pub fn exactly<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// How many names and values contain a word.
    pub fn mentioning(&self, word: &str) -> usize {
        let texts = self.0.iter().flat_map(|(key, value)| [key, value]);
        texts.filter(|text| text.contains(word)).count()
    }

    /// All parameters except those with this name.
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| root(key) != name);
        self
    }

    /// Only the parameters with these names.
    pub fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|(key, _)| names.contains(&root(key)));
        self
    }

    /// Adds a parameter.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Appends these parameters to a path, in a form that can be read in only one way.
    pub fn append_to(&self, path: &str) -> String {
        let mut target = path.to_owned();
        for (index, (name, value)) in self.0.iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.extend(utf8_percent_encode(name, ENCODED));
            target.push('=');
            target.extend(utf8_percent_encode(value, ENCODED));
        }
        target
    }

    /// Whether a filter or a sort order uses the options of authenticators, or cannot be parsed.
    /// Comparing a secret would reveal it letter by letter.
    pub fn look_into_options(&self) -> bool {
        let compares = |key: &str| matches!(root(key), "filter" | "sort") && mentions_options(key);
        let filters: Vec<_> = self.0.iter().filter(|(key, _)| key == "filter").collect();
        self.0.iter().any(|(key, _)| compares(key))
            || self.all("sort").any(mentions_options)
            || filters.len() > 1
            || filters.iter().any(|(_, text)| {
                let filter = serde_json::from_str(text);
                !text.is_empty() && filter.map_or(true, |filter| has_key_of_options(&filter))
            })
    }

    /// Whether all keys of rows are single values or lists of them, without operators.
    pub fn have_plain_keys(&self) -> bool {
        let named = self.0.iter().filter(|(key, _)| root(key) == "filterByTk");
        named.into_iter().all(|(key, value)| {
            let index = key.strip_prefix("filterByTk").unwrap_or_default();
            let index = index
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let is_list = index.is_none_or(|index| index.bytes().all(|byte| byte.is_ascii_digit()));
            is_list && !value.trim_start().starts_with('{')
        })
    }
}

/// The name before the first bracket.
fn root(key: &str) -> &str {
    key.split('[').next().unwrap_or_default()
}

fn mentions_options(text: &str) -> bool {
    text.to_ascii_lowercase().contains("options")
}

fn has_key_of_options(filter: &Value) -> bool {
    match filter {
        Value::Array(items) => items.iter().any(has_key_of_options),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| mentions_options(key) || has_key_of_options(value)),
        _ => false,
    }
}

fn pair(part: &str) -> Result<(String, String), Unclear> {
    // `qs` first decodes encoded brackets, and ends a name at `]=` before it searches for `=`.
    let brackets = part
        .replace("%5B", "[")
        .replace("%5b", "[")
        .replace("%5D", "]")
        .replace("%5d", "]");
    let at = brackets.find("]=").map(|at| at + 1);
    let ends = brackets.find('=');
    if at.is_some() && at != ends {
        return Err(Unclear);
    }
    let (name, value) = brackets.split_once('=').unwrap_or((&brackets, ""));
    let (name, value) = (decoded(name)?, decoded(value)?);
    let odd = |part: &str| OF_JAVASCRIPT.contains(&part.trim_end_matches(']'));
    // `qs` reads `[a]=1` as `a=1`.
    if name.starts_with('[') || name.contains('\0') || name.split('[').any(odd) {
        return Err(Unclear);
    }
    Ok((name, value))
}

fn decoded(text: &str) -> Result<String, Unclear> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let is_byte = after
            .get(..2)
            .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if !is_byte {
            return Err(Unclear);
        }
        rest = after;
    }
    let spaces = text.replace('+', " ");
    let decoded = percent_decode_str(&spaces).decode_utf8();
    decoded.map(Into::into).map_err(|_| Unclear)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_and_written_in_one_way() {
        for (query, written) in [
            ("", "/x"),
            ("a=1&b=x%20y+z", "/x?a=1&b=x%20y%20z"),
            ("&&a&", "/x?a="),
            ("filter[name][$eq]=x", "/x?filter%5Bname%5D%5B%24eq%5D=x"),
            ("filter%5Bname%5d=%5Bx%5d", "/x?filter%5Bname%5D=%5Bx%5D"),
            ("%66ilter=%7B%7D", "/x?filter=%7B%7D"),
            ("a=b=c", "/x?a=b%3Dc"),
        ] {
            let read = Parameters::read(query).unwrap();
            assert_eq!(read.append_to("/x"), written, "{query}");
            assert_eq!(
                Parameters::read(written.split_once('?').map_or("", |(_, q)| q)),
                Ok(read)
            );
        }
    }

    #[test]
    fn what_two_readers_take_apart_differently_is_unclear() {
        let many = "a=1&".repeat(1001);
        for query in [
            "[filter]=x",
            "%5Bfilter%5D=x",
            "a=b]=c",
            "a=b%5D=c",
            "a=%zz",
            "a=%",
            "a=%ff",
            "__proto__[x]=1",
            "filter[__proto__][x]=1",
            "a[constructor]=1",
            "a%00=1",
            &many,
        ] {
            assert_eq!(Parameters::read(query), Err(Unclear), "{query}");
        }
    }

    #[test]
    fn as_many_parameters_as_nocobase_sees_are_read_and_only_some_stay() {
        assert!(Parameters::read(&"a=1&".repeat(MOST)).is_ok());
        let read = Parameters::read("token=t&a=1&locale[]=x").unwrap();
        let kept = read.only(&["token", "locale"]).append_to("/x");
        assert_eq!(kept, "/x?token=t&locale%5B%5D=x");
    }

    #[test]
    fn nobody_compares_with_what_is_in_the_options() {
        for query in [
            r#"filter={"options.clientSecret":{"$startsWith":"s"}}"#,
            r#"filter={"$or":[{"name":"x"},{"options":{"clientSecret":"x"}}]}"#,
            "filter[options][clientSecret]=x",
            "filter[options.clientSecret][$startsWith]=x",
            "%66ilter[$and][0][Options.x]=x",
            "filter=options",
            r#"filter={"\u006fptions":{"x":1}}"#,
            "filter={}&filter={}",
            "sort=-options.clientSecret",
            "sort[]=name&sort[]=options",
        ] {
            assert!(
                Parameters::read(query).unwrap().look_into_options(),
                "{query}"
            );
        }
        for query in [
            r#"filter={"name":"options"}"#,
            "fields[]=options",
            "filter[name]=options&sort=sort",
        ] {
            assert!(
                !Parameters::read(query).unwrap().look_into_options(),
                "{query}"
            );
        }
        let deep = format!(
            "filter={}1{}",
            r#"{"\u006fptions":"#.repeat(200),
            "}".repeat(200)
        );
        assert!(Parameters::read(&deep).unwrap().look_into_options());
    }

    #[test]
    fn keys_of_rows_are_values() {
        for (query, plain) in [
            ("filterByTk=1", true),
            ("filterByTk[]=1&filterByTk[1]=2", true),
            ("filterByTk=[1,2]", true),
            ("x=1", true),
            (r#"filterByTk={"options":1}"#, false),
            ("filterByTk[options]=1", false),
            ("filterByTk[0][options]=1", false),
        ] {
            assert_eq!(
                Parameters::read(query).unwrap().have_plain_keys(),
                plain,
                "{query}"
            );
        }
    }
}
