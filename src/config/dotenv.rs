//! The file `.env`, read as NocoBase reads its own, so that an operator can use the same file for
//! both.
//!
//! NocoBase reads it with npm's `dotenv`, which accepts much as a setting and silently ignores what
//! it does not understand. A file that works there must mean the same here, above all for secrets,
//! so this parser does the same, even where an error would be better. `tests/dotenv` gives the same
//! texts to both.

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::{env, fs};

const FILE: &str = ".env";
/// The quotes that a value may have.
const QUOTES: [char; 3] = ['\'', '"', '`'];
/// What ends a line for JavaScript. Carriage returns have been removed before.
const LINE_ENDS: [char; 3] = ['\n', '\u{2028}', '\u{2029}'];

/// Why the file was not read.
#[derive(Debug, thiserror::Error)]
pub enum DotenvError {
    /// The file exists and cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// The library refused what was generated for it. The error has no details, because the file
    /// may contain secrets.
    #[error("its settings cannot be set")]
    Unset,
}

/// The contents of a file. They may contain secrets.
pub struct Dotenv {
    path: PathBuf,
    settings: Vec<(String, String)>,
}

impl Dotenv {
    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The value of a setting in the file.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut settings = self.settings.iter();
        let (_, value) = settings.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Whether the environment has another value for a setting, which has priority.
    pub fn loses(&self, name: &str) -> bool {
        let told = self.value(name);
        told.is_some_and(|told| env::var_os(name).is_some_and(|value| value != told))
    }
}

/// Sets the variables of the nearest `.env` file, here or in a folder above, that the environment
/// does not have. It is not an error when there is no file.
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

/// The settings with their values; the last value of a name counts.
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

/// The first setting in a text, which may begin some lines further down, and the text after it.
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

/// A name with its `=`, or with a colon and a space, and the text after it.
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

/// A value, and the text after it. A quoted value may begin some lines further down and have
/// several lines; others end with the line or before a comment.
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

/// A quoted text with its quotes, and the text after it. A quote after a backslash may be the end
/// or not: of the quotes that are followed only by a comment, the last one ends the text.
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

/// Whether only a comment is left of a line.
fn ends_line(rest: &str) -> bool {
    let rest = rest.trim_start_matches(|c| is_space(c) && !LINE_ENDS.contains(&c));
    rest.is_empty() || rest.starts_with('#') || rest.starts_with(LINE_ENDS)
}

/// Whether JavaScript considers this character white space, which includes the byte order mark.
fn is_space(c: char) -> bool {
    c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}')
}

/// The settings in the library's syntax. Only the library may set variables, and it accepts
/// everything that is written like this. Names that no setting has, and values that no variable can
/// have, are left out.
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

/// A value, escaped for double quotes in the library's syntax.
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

    /// A text, and what npm's `dotenv` reads in it, as `tests/dotenv` verifies.
    #[derive(Deserialize)]
    struct RecordedText {
        text: String,
        values: BTreeMap<String, String>,
    }

    fn known() -> Vec<RecordedText> {
        let texts = include_str!("../../tests/dotenv/texts.json");
        serde_json::from_str(texts).unwrap()
    }

    #[test]
    fn every_text_is_read_as_nocobase_reads_it() {
        let known = known();
        assert!(known.len() >= 40);
        for RecordedText { text, values } in known {
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
