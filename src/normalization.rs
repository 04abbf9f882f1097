//! Texts as people paste them: from a page, a chat or a spreadsheet.
//!
//! They contain invisible characters, mainly marks of direction and width, and full-width letters
//! from East Asian keyboards.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Whether a character only controls how others are displayed (Unicode's category Cf).
pub fn is_format(c: char) -> bool {
    c.general_category() == GeneralCategory::Format
}

/// The intended text: in Unicode's compatibility form, without format characters, and trimmed.
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
