//! The tokens of a statement, as far as names depend on them.

/// A part of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A keyword, a function, a number or a placeholder.
    Word(&'a str),
    /// A name between quotation marks, without them.
    Name(&'a str),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// An operator or a text between apostrophes.
    Other,
}

/// A token, and where it ends in the statement.
#[derive(Clone, Copy, Debug)]
pub struct Located<'a> {
    /// The token.
    pub token: Token<'a>,
    /// Byte at which it begins.
    pub start: usize,
    /// Byte after its last.
    pub end: usize,
}

/// The mark around names: `` ` `` on MySQL and MariaDB, `"` elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// The mark.
    pub name: &'static str,
    /// Whether a backslash in a text escapes the character after it.
    pub backslash_escapes: bool,
}

/// Cuts a statement into tokens. White space is left out. No statement of ours has a comment, so
/// comments are not recognised.
pub fn tokens(sql: &str, marks: Marks) -> Vec<Located<'_>> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let start = sql.len() - rest.len();
        let (token, length) = next(rest, first, marks);
        let end = start + length;
        if let Some(token) = token {
            found.push(Located { token, start, end });
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    found
}

/// The token at the beginning of a text, and how many bytes it takes.
fn next(rest: &str, first: char, marks: Marks) -> (Option<Token<'_>>, usize) {
    let one = first.len_utf8();
    match first {
        '(' => (Some(Token::Open), one),
        ')' => (Some(Token::Close), one),
        ',' => (Some(Token::Comma), one),
        '.' => (Some(Token::Dot), one),
        '\'' => (Some(Token::Other), text_length(rest, marks)),
        _ if rest.starts_with(marks.name) => {
            match rest.get(one..).and_then(|rest| rest.find(marks.name)) {
                Some(length) => (
                    rest.get(one..one + length).map(Token::Name),
                    length + 2 * one,
                ),
                None => (Some(Token::Other), rest.len()),
            }
        }
        c if c.is_whitespace() => (None, one),
        c if is_of_word(c) => {
            let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
            (rest.get(..length).map(Token::Word), length)
        }
        _ => (Some(Token::Other), one),
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '?')
}

/// How many bytes a text between apostrophes takes, with them. An apostrophe in it is written twice.
fn text_length(text: &str, marks: Marks) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if marks.backslash_escapes => {
                chars.next();
            }
            '\'' if chars.next_if(|(_, next)| *next == '\'').is_none() => return at + 1,
            _ => {}
        }
    }
    text.len()
}
