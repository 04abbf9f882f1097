//! Numbering plans: what can be a number of a country.
//!
//! Of the crate `phonenumber` only its table is used, which is that of Google's libphonenumber; why
//! it does not read the numbers, docs/decisions/0013 says.

use phonenumber::metadata::{DATABASE, Descriptor, Descriptors, Metadata};

/// China's country code.
pub const CHINA: &str = "86";
/// Country codes whose plans do not grow in length: what the table does not know there is no number.
const SETTLED: [&str; 2] = [CHINA, "1"];
/// Digits of a country code at most.
const LONGEST_CODE: usize = 3;
/// Digits of a number without its country code at least.
const SHORTEST: usize = 4;

/// The plan of a country code.
pub struct Plan {
    /// The code, without a plus.
    pub code: String,
    /// One for each country that shares the code.
    countries: Vec<&'static Metadata>,
}

impl Plan {
    /// The plan of the code with which these digits begin, and the digits after it. No code is the
    /// beginning of another.
    pub fn split(digits: &str) -> Option<(Self, &str)> {
        (1..=LONGEST_CODE).find_map(|length| {
            let (code, rest) = digits.split_at_checked(length)?;
            let countries = DATABASE.by_code(&code.parse::<u16>().ok()?)?;
            let plan = Self {
                code: code.to_owned(),
                countries,
            };
            (!code.starts_with('0')).then_some((plan, rest))
        })
    }

    /// The number of this country that digits stand for, if they stand for one: people and programs
    /// put the country code before it once more, or the digit that is dialled within the country.
    ///
    /// Of the readings that are left when such beginnings are taken away, one that is in use is
    /// meant. Where none is, for plans grow, its length decides. Two that are equally good are none.
    pub fn national(&self, digits: &str) -> Option<String> {
        let readings = self.readings(digits);
        let mut good: Vec<_> = readings.iter().filter(|text| self.uses(text)).collect();
        if good.is_empty() && !SETTLED.contains(&self.code.as_str()) {
            good = readings.iter().filter(|text| self.has_room(text)).collect();
        }
        match good.as_slice() {
            [one] => Some((*one).clone()),
            _ => None,
        }
    }

    /// The digits as they are, and without each beginning that may not belong to the number.
    fn readings(&self, digits: &str) -> Vec<String> {
        let inland = self
            .countries
            .iter()
            .filter_map(|one| one.national_prefix());
        let mut beginnings: Vec<_> = inland.map(str::to_owned).collect();
        beginnings.extend([self.code.clone(), format!("00{}", self.code)]);
        let mut readings = vec![digits.to_owned()];
        let mut at = 0;
        while let Some(reading) = readings.get(at).cloned() {
            for beginning in &beginnings {
                if let Some(rest) = reading.strip_prefix(beginning.as_str())
                    && rest.len() >= SHORTEST
                    && !readings.iter().any(|known| known == rest)
                {
                    readings.push(rest.to_owned());
                }
            }
            at += 1;
        }
        readings
    }

    /// Whether numbers like this are given to people.
    fn uses(&self, number: &str) -> bool {
        if self.code == CHINA && is_chinese_mobile(number) {
            return true;
        }
        self.mobile().any(|kind| kind.is_match(number))
    }

    /// Whether mobile numbers have as many digits.
    fn has_room(&self, number: &str) -> bool {
        let Ok(length) = u16::try_from(number.len()) else {
            return false;
        };
        self.mobile()
            .any(|kind| kind.possible_length().contains(&length))
    }

    /// What the countries say of mobile numbers. Nobody has another one at DingTalk.
    fn mobile(&self) -> impl Iterator<Item = &'static Descriptor> {
        let kinds = self.countries.iter().map(|country| country.descriptors());
        kinds.filter_map(Descriptors::mobile)
    }
}

/// Whether this is a Chinese mobile number, also one of a block that is not in use yet.
pub fn is_chinese_mobile(number: &str) -> bool {
    let mut bytes = number.bytes();
    number.len() == 11
        && bytes.next() == Some(b'1')
        && bytes
            .next()
            .is_some_and(|second| (b'3'..=b'9').contains(&second))
        && bytes.all(|byte| byte.is_ascii_digit())
}
