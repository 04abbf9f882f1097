//! What is wrong with what was sent, value by value.

use super::ApiError;
use crate::locale::Locale;

/// What is wrong with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Title of the value, in English.
    pub field: &'static str,
    /// The rule that it breaks, with `{{field}}` for the title.
    pub rule: &'static str,
}

impl Problem {
    /// It must be there.
    pub const NULL: &'static str = "{{field}} cannot be null";
    /// Another row has it.
    pub const TAKEN: &'static str = "{{field}} already exists";
    /// It is of another type, or too long.
    pub const WRONG: &'static str = "{{field}} is not valid";
    /// It holds what no header carries.
    pub const NO_NAME: &'static str = "{{field}} may hold a-z, A-Z, 0-9, _ and - only";
    /// Languages, one of which there are no texts in.
    pub const NO_TEXTS: &'static str = "{{field}}: this server has no texts in one of them";

    /// Refuses a request in which some of these are missing, and names them all.
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
