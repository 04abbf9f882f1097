//! The results of a connection test, for the administrator.

use crate::locale::Locale;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything is in order.
    Success,
    /// It works for some people.
    Warning,
    /// Nobody could sign in.
    Error,
}

/// The result of a connection test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    /// The findings, in the order in which they are shown.
    pub findings: Vec<ConnectionFinding>,
    /// Values that the provider reported for options that are not set, by the keys of the options.
    pub told: Vec<(&'static str, String)>,
}

impl From<Vec<ConnectionFinding>> for Tested {
    fn from(findings: Vec<ConnectionFinding>) -> Self {
        let told = Vec::new();
        Self { findings, told }
    }
}

/// A finding, which can be expressed in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionFinding {
    /// The severity.
    pub level: Level,
    /// The subject: a key of the files in `locale/`, or a name that is the same in all languages.
    subject: Option<&'static str>,
    /// The sentence: a key of the files in `locale/`, with placeholders such as `{{name}}`.
    key: &'static str,
    values: Vec<(&'static str, String)>,
}

impl ConnectionFinding {
    /// A finding with this sentence.
    pub fn new(level: Level, key: &'static str) -> Self {
        Self {
            level,
            subject: None,
            key,
            values: Vec::new(),
        }
    }

    /// Adds the subject, a key of the files in `locale/` or a name that is the same in all
    /// languages.
    #[must_use]
    pub fn about(mut self, subject: &'static str) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The subject in this language.
    pub fn subject(&self, locale: Locale) -> Option<String> {
        self.subject.map(|subject| locale.text(subject).to_owned())
    }

    /// Fills in the placeholder `{{name}}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// The sentence in this language.
    pub fn text(&self, locale: Locale) -> String {
        let template = locale.text(self.key).to_owned();
        let fill = |text: String, (name, value): &(&str, String)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        };
        self.values.iter().fold(template, fill)
    }
}
