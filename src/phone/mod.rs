//! Phone numbers, in a form that can be compared.
//!
//! DingTalk keeps country code and number apart (`86`, `13800000000`), but not always cleanly;
//! accounts hold whatever somebody typed or a spreadsheet made of it. Two numbers are the same only
//! when both are understood, country included: as bare digits, +1 380 000 0000 and a Chinese
//! 138 0000 0000 look alike. What can be read in two ways is no number: people get accounts by it.

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

/// Digits at the end of a number by which it is looked for.
const LAST_DIGITS: usize = 7;

impl Phone {
    /// A number from DingTalk's contacts. Nothing when it is masked (`155****3240`) or not
    /// understood, or when it names another country than the code beside it does.
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
        // Some codes name a part of a country, such as 1787; the rest belongs to the number.
        let (plan, area) = Plan::split(&country)?;
        if !number.is_international {
            return Self::of(&plan, &format!("{area}{}", number.digits));
        }
        let (other, national) = Plan::split(&number.digits)?;
        let agree = other.code == plan.code && national.starts_with(area);
        Self::of(&plan, national).filter(|_| agree)
    }

    /// A number as somebody wrote it into an account. Without a country code it can only be a
    /// Chinese mobile number.
    pub fn of_account(text: &str) -> Option<Self> {
        let number = NumberText::read(text)?;
        if let Some(usual) = Self::chinese_mobile(&number) {
            return Some(usual);
        }
        let (plan, national) = Plan::split(&number.digits).filter(|_| number.is_international)?;
        Self::of(&plan, national)
    }

    /// A Chinese mobile number, with or without its country code. Most are, and need no table.
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

    /// In the form of E.164, with plus and country code: equal for equal numbers.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// As a Chinese user writes it: without country code when it is a Chinese mobile number.
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

    /// Whether a text ends like this number, though it may mean another one or none.
    pub fn looks_like(&self, text: &str) -> bool {
        last_digits_of(text).as_deref() == Some(self.last_digits())
    }

    /// How people and programs usually write this number. An index finds these texts as they are.
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

/// The digits in which a text ends, whatever else it holds and means; nothing when there are too few
/// to find anything by.
pub fn last_digits_of(text: &str) -> Option<String> {
    let digits = number_text::digits_of(text);
    let at = digits.len().checked_sub(LAST_DIGITS)?;
    digits.get(at..).map(str::to_owned)
}

/// A Chinese mobile number as it is read out: three digits, four, and four.
fn grouped(national: &str, separator: &str) -> String {
    let (network, rest) = national.split_at_checked(3).unwrap_or((national, ""));
    let (middle, last) = rest.split_at_checked(4).unwrap_or((rest, ""));
    [network, middle, last].join(separator)
}

/// The text never shows a whole number: it may end in a log.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[phone]")
    }
}
