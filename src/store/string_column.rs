//! The rule for texts in NocoBase's string columns, which are `varchar(255)`: a column holds 255
//! characters, however many bytes they have. SQLite does not enforce this, so it is checked here.

/// How many characters a string column holds. Database servers refuse longer texts.
pub const STRING_CHARACTERS: usize = 255;

/// Whether a text has more characters than a string column holds.
pub fn is_too_long(text: &str) -> bool {
    text.chars().nth(STRING_CHARACTERS).is_some()
}

/// Whether a database can hold a text: PostgreSQL refuses NUL, even in comparisons.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// Whether a string column can hold a text as it is.
pub fn fits_string_column(text: &str) -> bool {
    !is_too_long(text) && is_storable(text)
}

/// As much of a text as a string column can hold.
pub fn shortened(text: &str) -> String {
    let storable = text.chars().filter(|&character| character != '\0');
    storable.take(STRING_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_and_not_bytes() {
        for character in ["a", "é", "王", "😀"] {
            let longest = character.repeat(STRING_CHARACTERS);
            assert!(fits_string_column(&longest), "{character}");
            assert_eq!(shortened(&longest), longest);
            let longer = format!("{longest}{character}");
            assert!(is_too_long(&longer) && !fits_string_column(&longer));
            assert_eq!(shortened(&longer), longest);
        }
    }

    #[test]
    fn no_column_holds_a_nul() {
        assert!(!fits_string_column("a\0b"));
        assert_eq!(shortened("a\0b"), "ab");
    }
}
