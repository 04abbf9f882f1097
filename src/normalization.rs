//! Texts as people paste them: from a page, a chat or a spreadsheet.
//!
//! With them come signs that nobody sees, marks of direction and width above all, and letters of
//! double width from East Asian keyboards.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Whether a sign only says how others are shown (Unicode's category Cf).
pub fn is_format(c: char) -> bool {
    c.general_category() == GeneralCategory::Format
}

/// The text that was meant: in compatibility form, without format signs and without blanks around it.
pub fn normalized(text: &str) -> String {
    let text: String = text.nfkc().filter(|c| !is_format(*c)).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_gone() {
        for pasted in [
            "ding1",
            " ding1\t\n",
            "\u{feff}ding1",
            "\u{200e}din\u{200b}g1\u{200f}",
            "\u{202d}ding1\u{202c}",
            "\u{3000}ｄｉｎｇ１\u{a0}",
        ] {
            assert_eq!(normalized(pasted), "ding1", "{pasted:?}");
        }
        assert_eq!(normalized("钉钉"), "钉钉");
        assert_eq!(normalized("\u{200b} \u{feff}"), "");
    }
}
