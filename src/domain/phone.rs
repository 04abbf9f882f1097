//! Phone numbers, in a form that can be compared.
//!
//! DingTalk keeps country code and number apart (`86`, `13800000000`); accounts hold whatever
//! somebody typed. Two numbers are the same only when both are understood, country included: as
//! bare digits, +1 380 000 0000 and a Chinese 138 0000 0000 look alike.

use std::fmt;

/// A complete phone number.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    /// `+`, country code, number.
    e164: String,
}

/// China's country code: numbers without any are read as Chinese mobile numbers.
const CHINA: &str = "86";

impl Phone {
    /// A number from DingTalk's contacts. Nothing when it is masked (`155****3240`) or not
    /// understood.
    pub fn of_contact(country: Option<&str>, number: &str) -> Option<Self> {
        if number.trim_start().starts_with('+') {
            return Self::of_account(number);
        }
        match country.map(|country| country.trim().trim_start_matches('+')) {
            Some(country) if !country.is_empty() => {
                Self::of_digits(&format!("{}{}", digits(country)?, digits(number)?))
            }
            _ => Self::of_account(number),
        }
    }

    /// A number as somebody typed it into an account.
    pub fn of_account(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = digits(text)?;
        if text.starts_with('+') {
            return Self::of_digits(&number);
        }
        if let Some(international) = number.strip_prefix("00") {
            return Self::of_digits(international);
        }
        if is_chinese_mobile(&number) {
            return Self::of_digits(&format!("{CHINA}{number}"));
        }
        let national = number.strip_prefix(CHINA)?;
        if is_chinese_mobile(national) {
            Self::of_digits(&number)
        } else {
            None
        }
    }

    fn of_digits(digits: &str) -> Option<Self> {
        // E.164 allows 15 digits; country codes do not start with 0.
        let plausible = (5..=15).contains(&digits.len()) && !digits.starts_with('0');
        plausible.then(|| Self {
            e164: format!("+{digits}"),
        })
    }

    /// As a Chinese user writes it: without country code when it is a Chinese one.
    pub fn local(&self) -> &str {
        self.e164
            .strip_prefix('+')
            .and_then(|digits| digits.strip_prefix(CHINA))
            .filter(|national| is_chinese_mobile(national))
            .unwrap_or(&self.e164)
    }

    /// The last digits, for a rough search.
    pub fn last_digits(&self) -> &str {
        let at = self.e164.len().saturating_sub(7).max(1);
        self.e164.split_at_checked(at).map_or("", |(_, last)| last)
    }
}

/// The text never shows a whole number: it may end in a log.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[phone]")
    }
}

/// The digits of a number; nothing when something stands there that no phone number has.
fn digits(text: &str) -> Option<String> {
    let separator = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '+' | '\u{a0}');
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            c if separator(c) => {}
            _ => return None,
        }
    }
    (!digits.is_empty()).then_some(digits)
}

fn is_chinese_mobile(number: &str) -> bool {
    let mut bytes = number.bytes();
    number.len() == 11
        && bytes.next() == Some(b'1')
        && bytes
            .next()
            .is_some_and(|second| (b'3'..=b'9').contains(&second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(country: Option<&str>, number: &str) -> Option<String> {
        Phone::of_contact(country, number).map(|phone| phone.e164)
    }

    fn account(text: &str) -> Option<String> {
        Phone::of_account(text).map(|phone| phone.e164)
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        let spellings = [
            "13800000000",
            "138 0000 0000",
            "138-0000-0000",
            "+86 138 0000 0000",
            "86-13800000000",
            "0086 13800000000",
            "+8613800000000",
            " (86) 138.0000.0000 ",
        ];
        for text in spellings {
            assert_eq!(account(text).as_deref(), Some("+8613800000000"), "{text}");
        }
        for country in [Some("86"), Some("+86"), None, Some("")] {
            assert_eq!(
                contact(country, "13800000000").as_deref(),
                Some("+8613800000000")
            );
        }
    }

    #[test]
    fn a_foreign_number_is_not_taken_for_a_chinese_one() {
        assert_eq!(
            contact(Some("1"), "3800000000").as_deref(),
            Some("+13800000000")
        );
        assert_ne!(contact(Some("1"), "3800000000"), account("13800000000"));
        assert_eq!(contact(Some("65"), "91234567"), account("+65 9123 4567"));
        assert_eq!(account("91234567"), None);
        assert_eq!(
            contact(None, "+65-91234567").as_deref(),
            Some("+6591234567")
        );
    }

    #[test]
    fn masked_and_senseless_numbers_are_none() {
        for text in [
            "155****3240",
            "",
            " ",
            "+",
            "ext. 7",
            "１３８００００００００",
            "0",
            "1234",
            "+0138000000",
        ] {
            assert_eq!(account(text), None, "{text}");
            assert_eq!(contact(Some("86"), "155****3240"), None);
        }
        assert_eq!(contact(Some("86"), "1234567890123456"), None);
    }

    #[test]
    fn the_local_form_has_no_chinese_country_code() {
        assert_eq!(
            Phone::of_account("+86 13800000000").unwrap().local(),
            "13800000000"
        );
        assert_eq!(
            Phone::of_account("+6591234567").unwrap().local(),
            "+6591234567"
        );
    }
}
