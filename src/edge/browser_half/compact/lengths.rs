//! How long what begins a text is, in bytes.

/// How long a text in quotation marks is.
pub fn quoted(text: &str, mark: char) -> usize {
    let mut is_escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        if !is_escaped && sign == mark {
            return at + sign.len_utf8();
        }
        is_escaped = !is_escaped && sign == '\\';
    }
    text.len()
}

/// How long a template is, with what it holds, which stays as it is.
pub fn template(text: &str) -> usize {
    let mut at = 1;
    while let Some(sign) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.split_at(at).1;
        at += match sign {
            '`' => return at + 1,
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '$' if rest.starts_with("${") => 2 + substitution(rest.split_at(2).1),
            other => other.len_utf8(),
        };
    }
    text.len()
}

/// How long what stands in a template between `${` and its end is, the end included.
fn substitution(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(sign) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.split_at(at).1;
        at += match sign {
            '\'' | '"' => quoted(rest, sign),
            '`' => template(rest),
            '}' if depth == 0 => return at + 1,
            other => {
                match other {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                other.len_utf8()
            }
        };
    }
    text.len()
}

/// How long a regular expression is, without its flags.
pub fn expression(text: &str) -> usize {
    let (mut is_escaped, mut in_class) = (false, false);
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if is_escaped => {}
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => return at + 1,
            _ => {}
        }
        is_escaped = !is_escaped && sign == '\\';
    }
    text.len()
}

/// How long a word is; nothing where none begins.
pub fn word(text: &str) -> usize {
    text.find(|sign| !super::is_word(sign))
        .unwrap_or(text.len())
}
