//! What an administrator reads after a test of the connection to a provider.

use crate::locale::Locale;

/// How good or bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is as it should be.
    Success,
    /// It works for some.
    Warning,
    /// Nobody could sign in.
    Error,
}

/// What came of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tested {
    /// What was found, in the order in which it is read.
    pub findings: Vec<Finding>,
    /// Values of options that the provider told and that are not set, by the keys of the options.
    pub told: Vec<(&'static str, String)>,
}

impl From<Vec<Finding>> for Tested {
    fn from(findings: Vec<Finding>) -> Self {
        let told = Vec::new();
        Self { findings, told }
    }
}

/// One finding, which can be said in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How good or bad it is.
    pub level: Level,
    /// What was looked at: a key of the files in `locale/`, or a name that is the same everywhere.
    subject: Option<&'static str>,
    /// The sentence, a key of the files in `locale/`, with `{{name}}` where values stand.
    key: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Finding {
    /// A finding that this sentence says.
    pub fn new(level: Level, key: &'static str) -> Self {
        Self {
            level,
            subject: None,
            key,
            values: Vec::new(),
        }
    }

    /// About this, a key of the files in `locale/` or a name that is the same everywhere.
    #[must_use]
    pub fn about(mut self, subject: &'static str) -> Self {
        self.subject = Some(subject);
        self
    }

    /// What was looked at, in this language.
    pub fn subject(&self, locale: Locale) -> Option<String> {
        self.subject.map(|subject| locale.text(subject).to_owned())
    }

    /// With this value in the place of `{{name}}`.
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
