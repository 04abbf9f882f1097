//! What is wrong with single values of a request.

use super::ApiError;
use crate::locale::Locale;

/// What is wrong with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Title of the value, in English.
    pub field: &'static str,
    /// The rule that it breaks, with `{{field}}` as the placeholder for the title.
    pub rule: &'static str,
}

impl Problem {
    /// The value must not be missing.
    pub const NULL: &'static str = "{{field}} cannot be null";
    /// Another row already has the value.
    pub const TAKEN: &'static str = "{{field}} already exists";
    /// The value has the wrong type, or is too long.
    pub const WRONG: &'static str = "{{field}} is not valid";
    /// The value holds characters that a header cannot carry.
    pub const NO_NAME: &'static str = "{{field}} may hold a-z, A-Z, 0-9, _ and - only";
    /// The value names a language for which there are no texts.
    pub const NO_TEXTS: &'static str = "{{field}}: this server has no texts in one of them";

    /// Refuses a request when some of these values are missing, and names all of them.
    pub fn required<const N: usize>(missing: [(&'static str, bool); N]) -> Result<(), ApiError> {
        let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
        let problems: Vec<_> = missing
            .map(|(field, _)| Self {
                field,
                rule: Self::NULL,
            })
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(ApiError::Invalid(problems))
    }

    /// The sentence for the client.
    pub(super) fn text(self, locale: Locale) -> String {
        locale
            .text(self.rule)
            .replace("{{field}}", locale.text(self.field))
    }
}
