//! What `doctor` says: a line for each thing, and at last the one command that is next.

use std::fmt::{Display, Write as _};
use std::io::{Stdout, Write as _, stdout};

/// Lines on the standard output, as they are found.
pub struct Report {
    output: Stdout,
    next: Option<String>,
}

impl Report {
    /// Nothing was said yet.
    pub fn new() -> Self {
        Self {
            output: stdout(),
            next: None,
        }
    }

    /// Whoever closes the output does not want to hear the rest.
    fn say(&self, kind: &str, what: impl Display) {
        let _ = writeln!(self.output.lock(), "{kind:<8} {what}");
    }

    /// Something is well.
    pub fn ok(&self, what: impl Display) {
        self.say("ok", what);
    }

    /// Something is worth knowing.
    pub fn note(&self, what: impl Display) {
        self.say("note", what);
    }

    /// Something is in the way.
    pub fn problem(&self, what: impl Display) {
        self.say("problem", what);
    }

    /// A command that leads on. The first that is suggested counts: what comes after it may follow from the same
    /// mistake.
    pub fn suggest(&mut self, command: impl Into<String>) {
        self.next.get_or_insert_with(|| command.into());
    }

    /// Says what is next: what was suggested, otherwise to start, or with something in the way to look again.
    pub fn end(&self, is_well: bool) {
        let usual = if is_well { "serve" } else { "doctor" };
        let next = self.next.clone().unwrap_or_else(|| program(usual));
        self.say("next", next);
    }
}

/// This program with a command. Who gave settings as flags has to give them again.
pub fn program(command: &str) -> String {
    let with_flags = std::env::args_os().len() > 2;
    let flags = if with_flags { " …the same flags" } else { "" };
    format!("nocobase-dingtalk {command}{flags}")
}

/// Looks again with these variables, which stay for the start.
pub fn with_settings<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut command = "export".to_owned();
    for (name, value) in settings {
        let _ = write!(command, " {name}={}", quoted(value));
    }
    format!("{command} && {}", program("doctor"))
}

/// Looks again without these variables of the environment.
pub fn without_settings(names: &[&str]) -> String {
    format!("unset {} && {}", names.join(" "), program("doctor"))
}

/// A text as a shell reads it back.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_values_back() {
        assert_eq!(quoted("http://127.0.0.1:13000"), "http://127.0.0.1:13000");
        assert_eq!(quoted("it's a $x"), r"'it'\''s a $x'");
        assert_eq!(quoted(""), "");
    }
}
