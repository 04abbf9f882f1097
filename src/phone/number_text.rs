//! Phone numbers as people, spreadsheets and DingTalk write them.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::normalization::is_format;

/// A text that can be a number: its digits, and whether they begin with a country code.
#[derive(Debug, PartialEq, Eq)]
pub struct NumberText {
    /// The digits, all of them ASCII; at least one.
    pub digits: String,
    /// Whether the digits follow a plus or `00`. The `00` is not one of the digits.
    pub is_international: bool,
}

impl NumberText {
    /// Parses a text. None when it contains something that no phone number has: a mask, a word, an
    /// extension.
    pub fn read(text: &str) -> Option<Self> {
        let text = plain(text);
        let text = without_traces_of_spreadsheets(text.trim());
        let mut digits = String::new();
        let mut is_international = false;
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() && !is_international => is_international = true,
                c if separates(c) => {}
                _ => return None,
            }
        }
        let after_zeros = digits.strip_prefix("00").filter(|_| !is_international);
        let read = Self {
            digits: after_zeros.unwrap_or(&digits).to_owned(),
            is_international: is_international || after_zeros.is_some(),
        };
        (!read.digits.is_empty()).then_some(read)
    }
}

/// The digits in a text, whatever else it contains.
pub fn digits_of(text: &str) -> String {
    let text = plain(text);
    let text = without_traces_of_spreadsheets(text.trim());
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Converts letters and digits of every width to their usual form, and removes invisible
/// characters.
fn plain(text: &str) -> String {
    text.nfkc().filter(|c| !is_format(*c)).collect()
}

/// Removes the traces of spreadsheets, which put an apostrophe before texts and `.0` after what
/// they took for a number.
fn without_traces_of_spreadsheets(text: &str) -> &str {
    let text = text.strip_prefix(['\'', '\u{2019}']).unwrap_or(text);
    let number = text.strip_suffix(".0");
    let is_number = |text: &&str| text.chars().all(|c| c.is_ascii_digit());
    number.filter(is_number).unwrap_or(text)
}

/// Whether people put this character between digits: spaces and dashes of every kind, brackets,
/// dots, slashes.
fn separates(c: char) -> bool {
    // In Unicode, a minus is not a dash.
    let plain = c.is_whitespace() || matches!(c, '.' | '(' | ')' | '/' | '\u{2212}');
    plain || c.general_category() == GeneralCategory::DashPunctuation
}
