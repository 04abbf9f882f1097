//! The file `.env`, as NocoBase reads its own: an operator can point us at that.
//!
//! NocoBase has npm's `dotenv` read it, which takes much for a setting and passes over what it does
//! not understand, in silence. A file that works there has to mean the same here, above all its
//! secrets: so this reads as that does, also where one would rather be told. `tests/dotenv` gives
//! the same texts to both.

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::{env, fs};

const FILE: &str = ".env";
/// What may stand around a value.
const QUOTES: [char; 3] = ['\'', '"', '`'];
/// What ends a line for JavaScript; carriage returns are gone by then.
const LINE_ENDS: [char; 3] = ['\n', '\u{2028}', '\u{2029}'];

/// Why the file was not read.
#[derive(Debug, thiserror::Error)]
pub enum DotenvError {
    /// It is there but cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// The library did not take what was written for it. The file itself may hold secrets.
    #[error("its settings cannot be set")]
    Unset,
}

/// A file that was read. It may hold secrets.
pub struct Dotenv {
    path: PathBuf,
    settings: Vec<(String, String)>,
}

impl Dotenv {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of a setting.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut settings = self.settings.iter();
        let (_, value) = settings.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Whether the environment says something else of a setting, and wins.
    pub fn loses(&self, name: &str) -> bool {
        let told = self.value(name);
        told.is_some_and(|told| env::var_os(name).is_some_and(|value| value != told))
    }
}

/// Sets what the nearest file, here or in a folder above, says and the environment does not. No
/// file is no mistake.
pub fn load() -> Result<Option<Dotenv>, DotenvError> {
    let Some(path) = find()? else {
        return Ok(None);
    };
    let settings = parse(&String::from_utf8_lossy(&fs::read(&path)?));
    dotenvy::from_read(Cursor::new(for_library(&settings))).map_err(|_| DotenvError::Unset)?;
    Ok(Some(Dotenv { path, settings }))
}

fn find() -> io::Result<Option<PathBuf>> {
    let here = env::current_dir()?;
    let files = here.ancestors().map(|folder| folder.join(FILE));
    Ok(files.into_iter().find(|file| file.is_file()))
}

/// Names and values, the last one of a name.
pub(crate) fn parse(text: &str) -> Vec<(String, String)> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut settings: Vec<(String, String)> = Vec::new();
    let mut rest = Some(text.as_str());
    while let Some(from) = rest {
        let mut end = from;
        if let Some((name, value, after)) = setting(from) {
            settings.retain(|(known, _)| known != name);
            settings.push((name.to_owned(), value));
            end = after;
        }
        rest = end.split_once(LINE_ENDS).map(|(_, next)| next);
    }
    settings
}

/// The setting that begins here, which may be lines further down, and what comes after its value.
fn setting(from: &str) -> Option<(&str, String, &str)> {
    let from = from.trim_start_matches(is_space);
    let exported = from
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(is_space))
        .and_then(|rest| name(rest.trim_start_matches(is_space)));
    let (name, rest) = exported.or_else(|| name(from))?;
    let (value, after) = value(rest);
    Some((name, value, after))
}

/// A name with its `=`, or with a colon and a space, and what comes after that.
fn name(text: &str) -> Option<(&str, &str)> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let (name, rest) = text.split_at_checked(text.find(|c| !of_name(c))?)?;
    if name.is_empty() {
        return None;
    }
    let rest = match rest.trim_start_matches(is_space).strip_prefix('=') {
        Some(rest) => rest,
        None => rest.strip_prefix(':')?.strip_prefix(is_space)?,
    };
    Some((name, rest))
}

/// A value, and what comes after it. Quotes may open some lines further down and hold several; what
/// has none ends with its line or where a comment begins.
fn value(text: &str) -> (String, &str) {
    let quoted = quoted(text.trim_start_matches(is_space));
    let (whole, after) = quoted.unwrap_or_else(|| {
        let end = text.find(['#', '\n']).unwrap_or(text.len());
        text.split_at_checked(end).unwrap_or((text, ""))
    });
    let whole = whole.trim_matches(is_space);
    let quote = whole.chars().next().filter(|c| QUOTES.contains(c));
    let inner = quote.and_then(|quote| whole.strip_prefix(quote)?.strip_suffix(quote));
    let value = inner.unwrap_or(whole);
    let value = if quote == Some('"') {
        value.replace("\\n", "\n").replace("\\r", "\r")
    } else {
        value.to_owned()
    };
    (value, after)
}

/// What stands in quotes here, with them, and what comes after. A quote behind a backslash may end
/// it or not; of all that are followed by nothing but a comment the last one does.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mut signs = text.char_indices();
    let (_, quote) = signs.next().filter(|(_, sign)| QUOTES.contains(sign))?;
    let mut found = None;
    let mut before = quote;
    for (at, sign) in signs {
        if sign == quote {
            let (whole, after) = text.split_at_checked(at + quote.len_utf8())?;
            if ends_line(after) {
                found = Some((whole, after));
            }
            if before != '\\' {
                break;
            }
        }
        before = sign;
    }
    found
}

/// Whether nothing but a comment is left of a line.
fn ends_line(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c| is_space(c) && !LINE_ENDS.contains(&c));
    rest.is_empty() || rest.starts_with('#') || rest.starts_with(LINE_ENDS)
}

/// White space as JavaScript has it: with the mark at the beginning of a file.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// The settings as the library reads them back. It alone may set variables; of what is written like
/// this nothing is a mistake to it. Names that no setting has, and values that no variable can have,
/// are left out.
fn for_library(settings: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in settings {
        let plain = !name.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        if plain && !name.contains('-') && !value.contains('\0') {
            for part in [name.as_str(), "=\"", &escaped(value), "\"\n"] {
                text.push_str(part);
            }
        }
    }
    text
}

/// A value as the library reads it back from between double quotes.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('$', "\\$")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    /// A text and what npm's `dotenv` reads in it, which `tests/dotenv` has made sure of.
    #[derive(Deserialize)]
    struct Known {
        text: String,
        values: BTreeMap<String, String>,
    }

    fn known() -> Vec<Known> {
        let texts = include_str!("../../tests/dotenv/texts.json");
        serde_json::from_str(texts).unwrap()
    }

    #[test]
    fn every_text_is_read_as_nocobase_reads_it() {
        let known = known();
        assert!(known.len() >= 40);
        for Known { text, values } in known {
            let read: BTreeMap<_, _> = parse(&text).into_iter().collect();
            assert_eq!(read, values, "{text:?}");
        }
    }

    #[test]
    fn the_library_reads_back_what_is_written_for_it() {
        let values = [
            "a b",
            "\"",
            "$HOME ${X}",
            "\\n\\",
            "1\n2",
            "1\r",
            "it's #1",
            "中",
        ];
        let values = values.map(|value| ("A".to_owned(), value.to_owned()));
        let all = known().into_iter().flat_map(|known| known.values);
        for setting in values.into_iter().chain(all) {
            let text = for_library(std::slice::from_ref(&setting));
            let mut read = dotenvy::from_read_iter(Cursor::new(text));
            match read.next() {
                Some(read) => assert_eq!(read.unwrap(), setting),
                // No setting has such a name.
                None => assert!(setting.0.contains('-') || setting.0.starts_with(['.', '1'])),
            }
        }
        let no_variable = ("A".to_owned(), "a\0b".to_owned());
        assert_eq!(for_library(&[no_variable]), "");
    }
}
