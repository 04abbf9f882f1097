//! Values separated by commas (RFC 4180), safe to open in a program for tables.

/// Begins a file: by this mark programs know that it is UTF-8.
pub const MARK: &str = "\u{feff}";

/// What programs for tables take for the beginning of a formula.
const OF_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A line of values.
pub fn line(values: &[&str]) -> String {
    let cells: Vec<_> = values.iter().map(|value| cell(value)).collect();
    let mut line = cells.join(",");
    line.push_str("\r\n");
    line
}

/// A value between quotation marks. What could be a formula begins with an apostrophe, and is a text.
fn cell(value: &str) -> String {
    let text = value.replace('"', "\"\"");
    // Some of these characters have twins of double width, which some programs take for them.
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
