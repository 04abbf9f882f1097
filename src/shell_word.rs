//! Words of commands that an operator runs in a shell.

/// A text as a word of a command line: in quotation marks if a shell would not take it as it is. An
/// empty text stays empty.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_values_back() {
        assert_eq!(quoted("http://127.0.0.1:13000"), "http://127.0.0.1:13000");
        assert_eq!(quoted("--user=root"), "--user=root");
        assert_eq!(quoted("it's a $x"), r"'it'\''s a $x'");
        assert_eq!(quoted(""), "");
    }
}
