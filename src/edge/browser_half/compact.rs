//! Scripts without what only their readers need: comments, and blanks, commas and semicolons that mean nothing.
//!
//! Nothing is renamed or moved, so that a script stays the one that its files hold. A new line stays
//! wherever it could end a statement.

/// After these a new line ends nothing, since something has to follow.
const GOES_ON_AFTER: &str = "{([,;:?&|=>";
/// Before these a new line ends nothing, since they go on with what is before them.
const GOES_ON_BEFORE: &str = "})].,;:?&|";
/// After these a slash begins a regular expression, and divides nothing.
const NO_VALUE_BEFORE: &str = "{}([,;:?&|=>!+-*%<~^";

/// A script that means the same, and is shorter.
pub fn compact(script: &str) -> String {
    let mut short = String::with_capacity(script.len());
    let mut rest = script;
    // Whether blanks, a new line among them or not, stand before what comes next.
    let (mut blank, mut new_line) = (false, false);
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() {
            blank = true;
            new_line |= first == '\n';
            rest = rest.split_at(first.len_utf8()).1;
            continue;
        } else if rest.starts_with("//") {
            blank = true;
            rest = rest.split_at(rest.find('\n').unwrap_or(rest.len())).1;
            continue;
        } else if rest.starts_with("/*") {
            blank = true;
            let end = rest.find("*/").map_or(rest.len(), |at| at + 2);
            rest = rest.split_at(end).1;
            continue;
        } else if matches!(first, '\'' | '"') {
            quoted(rest, first)
        } else if first == '`' {
            template(rest)
        } else if first == '/' && begins_expression(&short) {
            expression(rest)
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        if blank {
            between(&mut short, first, new_line);
        }
        drop_end_before(&mut short, first);
        short.push_str(token);
        (blank, new_line) = (false, false);
        rest = after;
    }
    short.push('\n');
    short
}

/// Keeps of blanks what means something.
fn between(short: &mut String, next: char, new_line: bool) {
    let Some(last) = short.chars().next_back() else {
        return;
    };
    let is_word = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '$');
    // `a + +b` is no `a ++b`, and `a / /b/` begins no comment.
    let would_join = is_word(last) && is_word(next) || last == next && "+-/".contains(last);
    if new_line && !GOES_ON_AFTER.contains(last) && !GOES_ON_BEFORE.contains(next) {
        short.push('\n');
    } else if would_join {
        short.push(' ');
    }
}

/// Takes off a comma behind which no entry comes, and a semicolon behind which a block ends.
fn drop_end_before(short: &mut String, next: char) {
    let mut last = short.chars().rev();
    let means_nothing = match (last.next(), last.next()) {
        (Some(';'), _) => next == '}',
        // Behind another comma it stands for an entry that is not there.
        (Some(','), Some(before)) => "}])".contains(next) && !",[(".contains(before),
        _ => false,
    };
    if means_nothing {
        short.pop();
    }
}

/// How long a text in quotation marks is.
fn quoted(text: &str, mark: char) -> usize {
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
fn template(text: &str) -> usize {
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

/// Whether a slash after this begins a regular expression.
fn begins_expression(short: &str) -> bool {
    let last = short.trim_end().chars().next_back();
    last.is_none_or(|last| NO_VALUE_BEFORE.contains(last)) || short.trim_end().ends_with("return")
}

/// How long a regular expression is, without its flags.
fn expression(text: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn what_means_nothing_goes_and_the_rest_stays() {
        for (script, short) in [
            ("// A comment.\n'use strict';\n", "'use strict';\n"),
            ("/** Of a\n * function. */\nlet a = 1; // one", "let a=1;\n"),
            ("a\nb", "a\nb\n"),
            ("a()\n  .b();", "a().b();\n"),
            ("const {\n  a, b,\n} = c;", "const{a,b}=c;\n"),
            ("return value\n}", "return value}\n"),
            ("{ a(';',); [b,,]; }", "{a(';');[b,,]}\n"),
            ("x = a + +b - -c", "x=a+ +b- -c\n"),
            ("'a  // b' + \"c  /* d */\"", "'a  // b'+\"c  /* d */\"\n"),
            (r"'it\'s  //' ; a", "'it\\'s  //';a\n"),
            (
                "`a  ${ b ? `  // ${c}` : '}' }  d` ; e",
                "`a  ${ b ? `  // ${c}` : '}' }  d`;e\n",
            ),
            ("if (/[/ '] +/.test(a)) b", "if(/[/ '] +/.test(a))b\n"),
            ("a = b / c / d; // e", "a=b/c/d;\n"),
            ("return /  a/", "return/  a/\n"),
            ("'Grüße' + '«x»'", "'Grüße'+'«x»'\n"),
            ("`never ends", "`never ends\n"),
            ("'never ends", "'never ends\n"),
            ("/never ends", "/never ends\n"),
            ("/* never ends", "\n"),
        ] {
            assert_eq!(compact(script), short, "{script}");
        }
    }
}
