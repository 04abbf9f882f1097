//! User names that people choose for themselves must not look like somebody else's.
//!
//! NocoBase 2.2.15 allows almost any text. A name with a Cyrillic «о» in place of a Latin one, with
//! an invisible character or with a space at its end is different for the database, but looks the
//! same in a list of accounts. The rules are those of Unicode's report on security (UTS 39), level
//! «Highly Restrictive».

use unicode_normalization::is_nfkc;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection, skeleton};

/// Whether a name cannot be confused with others, as far as the name alone shows.
pub(super) fn is_plain(name: &str) -> bool {
    is_nfkc(name) && has_plain_spaces(name) && is_of_one_script(name) && !passes_for_ascii(name)
}

fn has_plain_spaces(name: &str) -> bool {
    let tidy = name.trim() == name && !name.contains("  ");
    let plain = |c: char| !c.is_control() && (c == ' ' || !c.is_whitespace());
    tidy && name.chars().all(plain)
}

/// Whether all letters are of one script, or Latin together with East Asian ones. Invisible
/// characters belong to no script.
fn is_of_one_script(name: &str) -> bool {
    // ASCII characters that are not letters belong to no script, and all of them look different.
    let letters: String = name
        .chars()
        .filter(|c| !c.is_ascii() || c.is_ascii_alphanumeric())
        .collect();
    letters.check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

/// Whether every letter of another script looks like an ASCII letter.
fn passes_for_ascii(name: &str) -> bool {
    !name.is_ascii() && skeleton(name).all(|c| c.is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_country_are_plain() {
        for name in [
            "ada",
            "Ada Lovelace",
            "ada.lovelace-1815_x",
            "王小明",
            "王Wang",
            "山田はなこ",
            "김철수",
            "Жанна",
            "Γεωργία",
            "José",
            "Nguyễn",
            "علي",
            "阿依古丽·买买提",
            "(*_*)",
        ] {
            assert!(is_plain(name), "{name}");
        }
    }

    #[test]
    fn names_that_pass_for_others_are_not() {
        for (name, why) in [
            ("n\u{43e}cobase", "a Cyrillic letter among Latin ones"),
            ("n\u{3bf}cobase", "a Greek one"),
            ("\u{436}i\u{436}", "a Latin letter among Cyrillic ones"),
            ("王\u{200b}小明", "an invisible space among Chinese ones"),
            ("\u{441}\u{43e}\u{440}\u{435}", "all Cyrillic, reads cope"),
            ("\u{ff4e}\u{ff4f}\u{ff43}\u{ff4f}", "wide letters"),
            ("\u{1d427}oco", "a mathematical letter"),
            ("\u{fb01}ne", "a ligature"),
            ("noco\u{200b}base", "an invisible space"),
            ("noco\u{200d}base", "an invisible joiner"),
            ("noco\u{ad}base", "a soft hyphen"),
            ("\u{202e}esabocon", "read from the other side"),
            ("noco\u{2060}base", "an invisible joiner of words"),
            ("jose\u{301}", "not composed"),
            ("noco\u{a0}base", "another space"),
            ("noco\u{3000}base", "a wide space"),
            (" ada", "a space before"),
            ("ada ", "a space behind"),
            ("ada  l", "two spaces"),
            ("ada\tl", "a tab"),
            ("ada\u{0}", "a zero"),
            ("ada\u{fe0f}", "a variation"),
        ] {
            assert!(!is_plain(name), "{why}: {name:?}");
        }
    }
}
