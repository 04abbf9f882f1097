//! The file `.env`, as NocoBase reads its own: an operator can point us at that.
//!
//! NocoBase's reader takes values without quotes as they stand, spaces and all: a new application
//! comes with `INIT_ROOT_NICKNAME=Super Admin`. Ours wants quotes, so each value gets them.

use std::io::{self, Cursor};
use std::path::PathBuf;
use std::{env, fs};

const FILE: &str = ".env";

/// Why the file was not read.
#[derive(Debug, thiserror::Error)]
pub enum DotenvError {
    /// It is there but cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// A line says nothing. The line itself may hold a secret.
    #[error("line {0} is not NAME=value")]
    Line(usize),
    /// A value that begins with a quote has no other.
    #[error("the quotes that open in line {0} are not closed")]
    Quotes(usize),
}

/// Sets what the nearest file, here or in a folder above, says and the environment does not. No
/// file is no mistake.
pub fn load() -> Result<(), DotenvError> {
    let Some(file) = find()? else { return Ok(()) };
    let settings = parse(&fs::read_to_string(file)?)?;
    let mut text = String::new();
    for (name, value) in &settings {
        for part in [name.as_str(), "=\"", &escaped(value), "\"\n"] {
            text.push_str(part);
        }
    }
    // Of what is written like this nothing is a mistake to the library.
    dotenvy::from_read(Cursor::new(text)).map_err(|_| DotenvError::Line(0))
}

fn find() -> io::Result<Option<PathBuf>> {
    let here = env::current_dir()?;
    let files = here.ancestors().map(|folder| folder.join(FILE));
    Ok(files.into_iter().find(|file| file.is_file()))
}

/// Names and values, the last one of a name.
pub(crate) fn parse(text: &str) -> Result<Vec<(String, String)>, DotenvError> {
    let mut settings: Vec<(String, String)> = Vec::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or(DotenvError::Line(index + 1))?;
        let name = name.trim();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(DotenvError::Line(index + 1));
        }
        let value = value.trim();
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => {
                let rest = lines.by_ref().map(|(_, line)| line);
                let value = quoted(value, quote, rest).ok_or(DotenvError::Quotes(index + 1))?;
                if quote == '"' {
                    value.replace("\\n", "\n").replace("\\r", "\r")
                } else {
                    value
                }
            }
            _ => value
                .split('#')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
        };
        settings.retain(|(known, _)| known != name);
        settings.push((name.to_owned(), value));
    }
    Ok(settings)
}

/// What stands between quotes, over as many lines as it takes.
fn quoted<'a>(
    first: &'a str,
    quote: char,
    mut rest: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let mut text = first.strip_prefix(quote)?.to_owned();
    loop {
        if let Some((value, after)) = text.rsplit_once(quote)
            && (after.trim().is_empty() || after.trim_start().starts_with('#'))
        {
            return Some(value.to_owned());
        }
        text.push('\n');
        text.push_str(rest.next()?);
    }
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
    use super::*;

    fn value(text: &str) -> String {
        let settings = parse(text).unwrap();
        assert_eq!(settings.len(), 1, "{settings:?}");
        settings[0].1.clone()
    }

    #[test]
    fn values_are_read_as_nocobase_does() {
        assert_eq!(value("A=Super Admin"), "Super Admin");
        assert_eq!(value("  export A = x # why"), "x");
        assert_eq!(value("A='a # b' # c"), "a # b");
        assert_eq!(value("A=\"two\\nlines\""), "two\nlines");
        assert_eq!(value("A='two\nlines'"), "two\nlines");
        assert_eq!(value("A='as\\n it is'"), "as\\n it is");
        assert_eq!(value("# c\n\nA=a=b==\r\n"), "a=b==");
        assert_eq!(value("A="), "");
        assert_eq!(value("A=1\nA=2"), "2");
        assert_eq!(value("A=it's"), "it's");
    }

    #[test]
    fn the_library_reads_back_what_is_written_for_it() {
        for value in ["a b", "\"", "$HOME ${X}", "\\n\\", "1\n2", "it's #1", "中"] {
            let text = format!("A=\"{}\"\n", escaped(value));
            let mut read = dotenvy::from_read_iter(Cursor::new(text));
            assert_eq!(read.next().unwrap().unwrap().1, value);
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line_alone() {
        let problem = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(problem("A=1\ns3cret"), "line 2 is not NAME=value");
        assert_eq!(problem("A b=s3cret"), "line 1 is not NAME=value");
        assert_eq!(
            problem("A='s3cret"),
            "the quotes that open in line 1 are not closed"
        );
    }
}
