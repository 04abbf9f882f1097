//! Phone numbers, in a form that can be compared.
//!
//! DingTalk stores the country code and the number separately (`86`, `13800000000`), but not always
//! correctly; accounts contain whatever somebody typed, or what a spreadsheet made of it. Two
//! numbers are the same only if both can be interpreted, including the country: as mere digits, +1
//! 380 000 0000 and a Chinese 138 0000 0000 look alike. An ambiguous text is not a number, because
//! people get accounts by their numbers.

mod number_text;
mod plan;
#[cfg(test)]
pub(crate) mod spellings;

use std::fmt;

use self::number_text::NumberText;
use self::plan::{CHINA, Plan, is_chinese_mobile};

/// A complete phone number.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    /// `+`, country code, number.
    e164: String,
}

/// How many digits at the end of a number are used for searching.
const LAST_DIGITS: usize = 7;

impl Phone {
    /// A number from DingTalk's contacts. None when it is masked (`155****3240`), cannot be
    /// interpreted, or contains another country code than the one beside it.
    pub fn of_contact(country: Option<&str>, number: &str) -> Option<Self> {
        let Some(country) = country.filter(|country| !country.trim().is_empty()) else {
            return Self::of_account(number);
        };
        let country = NumberText::read(country)?.digits;
        let number = NumberText::read(number)?;
        if country == CHINA
            && let Some(usual) = Self::chinese_mobile(&number)
        {
            return Some(usual);
        }
        // Some codes include an area, such as 1787, which belongs to the number.
        let (plan, area) = Plan::split(&country)?;
        if !number.is_international {
            return Self::of(&plan, &format!("{area}{}", number.digits));
        }
        let (other, national) = Plan::split(&number.digits)?;
        let agree = other.code == plan.code && national.starts_with(area);
        Self::of(&plan, national).filter(|_| agree)
    }

    /// A number as somebody entered it into an account. Without a country code, it can only be a
    /// Chinese mobile number.
    pub fn of_account(text: &str) -> Option<Self> {
        let number = NumberText::read(text)?;
        if let Some(usual) = Self::chinese_mobile(&number) {
            return Some(usual);
        }
        let (plan, national) = Plan::split(&number.digits).filter(|_| number.is_international)?;
        Self::of(&plan, national)
    }

    /// A Chinese mobile number, with or without its country code. Most numbers are, and they need
    /// no table.
    fn chinese_mobile(number: &NumberText) -> Option<Self> {
        let digits = number.digits.as_str();
        let with_code = digits.strip_prefix(CHINA);
        let without_code = Some(digits).filter(|_| !number.is_international);
        let national = [with_code, without_code].into_iter().flatten();
        let national = national.into_iter().find(|text| is_chinese_mobile(text))?;
        Some(Self {
            e164: format!("+{CHINA}{national}"),
        })
    }

    fn of(plan: &Plan, digits: &str) -> Option<Self> {
        let national = plan.national(digits)?;
        Some(Self {
            e164: format!("+{}{national}", plan.code),
        })
    }

    /// The number whose [`Self::e164`] this is. The text is not checked.
    pub fn of_e164(text: &str) -> Self {
        Self {
            e164: text.to_owned(),
        }
    }

    /// The E.164 form, with plus and country code: equal for equal numbers.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The form that Chinese users prefer: a Chinese mobile number has no country code.
    pub fn local(&self) -> &str {
        self.e164
            .strip_prefix('+')
            .and_then(|digits| digits.strip_prefix(CHINA))
            .filter(|national| is_chinese_mobile(national))
            .unwrap_or(&self.e164)
    }

    /// The last digits, for a coarse search.
    pub fn last_digits(&self) -> &str {
        let at = self.e164.len().saturating_sub(LAST_DIGITS).max(1);
        self.e164.split_at_checked(at).map_or("", |(_, last)| last)
    }

    /// Whether a text ends with the same digits, although it may be another number or none.
    pub fn looks_like(&self, text: &str) -> bool {
        last_digits_of(text).as_deref() == Some(self.last_digits())
    }

    /// The usual spellings of this number, which an index can find.
    pub fn usual_spellings(&self) -> Vec<String> {
        let digits = self.e164.trim_start_matches('+');
        let mut spellings = vec![self.e164.clone(), digits.to_owned(), format!("00{digits}")];
        let Some((plan, national)) = Plan::split(digits) else {
            return spellings;
        };
        let code = &plan.code;
        for separator in [' ', '-'] {
            spellings.push(format!("+{code}{separator}{national}"));
            spellings.push(format!("{code}{separator}{national}"));
        }
        if code == CHINA && is_chinese_mobile(national) {
            spellings.push(national.to_owned());
            for separator in [" ", "-"] {
                let grouped = grouped(national, separator);
                spellings.push(format!("+{code}{separator}{grouped}"));
                spellings.push(format!("+{code} {grouped}"));
                spellings.push(grouped);
            }
        }
        spellings.sort_unstable();
        spellings.dedup();
        spellings
    }
}

/// The digits at the end of a text, whatever else it contains; none when there are too few for a
/// search.
pub fn last_digits_of(text: &str) -> Option<String> {
    let digits = number_text::digits_of(text);
    let at = digits.len().checked_sub(LAST_DIGITS)?;
    digits.get(at..).map(str::to_owned)
}

/// A Chinese mobile number in groups of three, four and four digits.
fn grouped(national: &str, separator: &str) -> String {
    let (network, rest) = national.split_at_checked(3).unwrap_or((national, ""));
    let (middle, last) = rest.split_at_checked(4).unwrap_or((rest, ""));
    [network, middle, last].join(separator)
}

/// The debug text never shows a whole number, because it may get into a log.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[phone]")
    }
}
