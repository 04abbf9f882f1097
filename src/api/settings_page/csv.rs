//! Comma-separated values (RFC 4180) that are safe to open in a spreadsheet.

/// The byte order mark at the beginning of a file, by which spreadsheets recognise UTF-8.
pub const MARK: &str = "\u{feff}";

/// Characters that begin a formula in a spreadsheet.
const OF_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A line of values.
pub fn line(values: &[&str]) -> String {
    let cells: Vec<_> = values.iter().map(|value| cell(value)).collect();
    let mut line = cells.join(",");
    line.push_str("\r\n");
    line
}

/// A quoted value. A value that could be a formula gets an apostrophe in front, so that
/// spreadsheets treat it as text.
fn cell(value: &str) -> String {
    let text = value.replace('"', "\"\"");
    // Some of these characters have full-width forms, which some spreadsheets treat the same.
    let first = value.trim_start().chars().next();
    let is_wide = |c: char| matches!(c, '＝' | '＋' | '－' | '＠');
    let begins = value.starts_with(OF_FORMULAS)
        || first.is_some_and(|first| OF_FORMULAS.contains(&first) || is_wide(first));
    if begins {
        format!("\"'{text}\"")
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_values() {
        for (value, expected) in [
            ("", "\"\""),
            ("plain", "\"plain\""),
            ("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\""),
            ("=1+1", "\"'=1+1\""),
            ("+86", "\"'+86\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            (" =cmd|' /C calc'!A0", "\"' =cmd|' /C calc'!A0\""),
            ("＝1", "\"'＝1\""),
        ] {
            assert_eq!(cell(value), expected);
        }
        assert_eq!(line(&["a", "b"]), "\"a\",\"b\"\r\n");
    }
}
