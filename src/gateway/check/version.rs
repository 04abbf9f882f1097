//! Comparing NocoBase's version with the one that was tested.

use std::cmp::Ordering;

use crate::domain::plugin;

/// Whether a version is older or newer than the one that was tested.
pub fn age_of(version: &str) -> &'static str {
    let numbers = |version: &str| -> Vec<u32> {
        let plain = version.split(['-', '+']).next().unwrap_or_default();
        plain
            .split('.')
            .map(|number| number.parse().unwrap_or(0))
            .collect()
    };
    match numbers(version).cmp(&numbers(plugin::NOCOBASE_VERSION)) {
        Ordering::Less => "older",
        Ordering::Greater => "newer",
        Ordering::Equal => "another",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (version, age) in [
            ("2.2.9", "older"),
            ("2.2.100", "newer"),
            ("2.2.15-beta.1", "another"),
            ("3.0", "newer"),
            ("", "older"),
        ] {
            assert_eq!(age_of(version), age, "{version}");
        }
    }
}
