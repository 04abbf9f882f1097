//! The output of `doctor`: a line for each subject, and at the end the one command that comes next.

use std::fmt::{Display, Write as _};
use std::io::{Stdout, Write as _, stdout};

use crate::shell_word::quoted;

/// Prints lines to the standard output as they are found.
pub struct Report {
    output: Stdout,
    next: Option<String>,
}

impl Report {
    /// An empty report.
    pub fn new() -> Self {
        Self {
            output: stdout(),
            next: None,
        }
    }

    /// When the output has been closed, the rest is dropped.
    fn say(&self, kind: &str, what: impl Display) {
        let _ = writeln!(self.output.lock(), "{kind:<8} {what}");
    }

    /// Reports that something is in order.
    pub fn ok(&self, what: impl Display) {
        self.say("ok", what);
    }

    /// Reports something that is worth knowing.
    pub fn note(&self, what: impl Display) {
        self.say("note", what);
    }

    /// Reports a problem.
    pub fn problem(&self, what: impl Display) {
        self.say("problem", what);
    }

    /// Reports why everything is examined once more. Suggestions from before do not count.
    pub fn begin_again(&mut self, why: impl Display) {
        self.note(why);
        self.next = None;
    }

    /// Suggests a command. Only the first suggestion is printed, because later problems may have
    /// the same cause.
    pub fn suggest(&mut self, command: impl Into<String>) {
        self.next.get_or_insert_with(|| command.into());
    }

    /// Prints the next command: the suggested one, otherwise a start or, after a problem, `doctor`
    /// again.
    pub fn end(&self, is_well: bool) {
        let usual = if is_well { "serve" } else { "doctor" };
        let next = self.next.clone().unwrap_or_else(|| program(usual));
        self.say("next", next);
    }
}

/// The command line of this program with a subcommand. An operator who used flags has to repeat
/// them.
pub fn program(command: &str) -> String {
    let with_flags = std::env::args_os().len() > 2;
    let flags = if with_flags { " …the same flags" } else { "" };
    format!("nocobase-dingtalk {command}{flags}")
}

/// The command that runs `doctor` with these variables. They stay set for the start.
pub fn with_settings<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut command = "export".to_owned();
    for (name, value) in settings {
        let _ = write!(command, " {name}={}", quoted(value));
    }
    format!("{command} && {}", program("doctor"))
}

/// The command that runs `doctor` without these environment variables.
pub fn without_settings(names: &[&str]) -> String {
    format!("unset {} && {}", names.join(" "), program("doctor"))
}
