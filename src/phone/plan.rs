//! Numbering plans: which texts can be numbers of a country.
//!
//! Of the crate `phonenumber` only the table is used, which is that of Google's libphonenumber;
//! docs/decisions/0013 explains why the crate does not parse the numbers.

use phonenumber::metadata::{DATABASE, Descriptor, Descriptors, Metadata};

/// China's country code.
pub const CHINA: &str = "86";
/// Country codes whose numbers do not get longer, so that other lengths than those in the table are
/// invalid.
const SETTLED: [&str; 2] = [CHINA, "1"];
/// The largest number of digits of a country code.
const LONGEST_CODE: usize = 3;
/// The smallest number of digits of a number without its country code.
const SHORTEST: usize = 4;

/// The numbering plan of a country code.
pub struct Plan {
    /// The code, without a plus.
    pub code: String,
    /// The table's data for each country that shares the code.
    countries: Vec<&'static Metadata>,
}

impl Plan {
    /// The plan of the country code with which these digits begin, and the other digits. No code is
    /// the beginning of another one.
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

    /// The number of this country that the digits stand for, if there is one: people and programs
    /// repeat the country code, or add the digit that is dialled within the country.
    ///
    /// Of the readings without such prefixes, the one that is in use is meant. If none is in use,
    /// because plans grow, the length decides. Two readings that are equally good are ambiguous.
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

    /// The digits as they are, and without each prefix that may not belong to the number.
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

    /// Whether numbers like this are assigned to people.
    fn uses(&self, number: &str) -> bool {
        if self.code == CHINA && is_chinese_mobile(number) {
            return true;
        }
        self.mobile().any(|kind| kind.is_match(number))
    }

    /// Whether mobile numbers have this many digits.
    fn has_room(&self, number: &str) -> bool {
        let Ok(length) = u16::try_from(number.len()) else {
            return false;
        };
        self.mobile()
            .any(|kind| kind.possible_length().contains(&length))
    }

    /// The table's data about mobile numbers. DingTalk has no other numbers.
    fn mobile(&self) -> impl Iterator<Item = &'static Descriptor> {
        let kinds = self.countries.iter().map(|country| country.descriptors());
        kinds.filter_map(Descriptors::mobile)
    }
}

/// Whether this is a Chinese mobile number, even of a block that is not in use yet.
pub fn is_chinese_mobile(number: &str) -> bool {
    let mut bytes = number.bytes();
    number.len() == 11
        && bytes.next() == Some(b'1')
        && bytes
            .next()
            .is_some_and(|second| (b'3'..=b'9').contains(&second))
        && bytes.all(|byte| byte.is_ascii_digit())
}
