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

/// One finding, which can be said in every language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How good or bad it is.
    pub level: Level,
    /// The sentence, a key of the files in `locale/`, with `{{name}}` where values stand.
    key: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Finding {
    /// A finding that this sentence says.
    pub fn new(level: Level, key: &'static str) -> Self {
        Self {
            level,
            key,
            values: Vec::new(),
        }
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
