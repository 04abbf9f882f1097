//! Scripts without what only their readers need: comments, and blanks, signs and words that mean nothing.
//!
//! Nothing is renamed or moved, so that a script stays the one that its files hold. A new line stays
//! wherever it could end a statement. Constants that follow each other become one declaration. What
//! has a shorter form of the same meaning is written in it: `let`, `!0`, `!1` and `void 0`.

mod lengths;

use lengths::{expression, quoted, template, word};

/// After these a new line ends nothing, since something has to follow.
const GOES_ON_AFTER: &str = "{([,;:?&|=>";
/// Before these a new line ends nothing, since they go on with what is before them.
const GOES_ON_BEFORE: &str = "})].,;:?&|";
/// After these a slash begins a regular expression, and divides nothing.
const NO_VALUE_BEFORE: &str = "{}([,;:?&|=>!+-*%<~^";

/// The directive with which files begin. After other statements it has no effect.
const STRICT: &str = "'use strict'";

/// A script that means the same, and is shorter.
pub fn compact(script: &str) -> String {
    let mut short = String::with_capacity(script.len());
    let mut rest = script;
    let mut place = ScriptPosition::default();
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
            word(rest).max(first.len_utf8())
        };
        let (token, after) = rest.split_at(length);
        let written = shorter(token, &short, after);
        let first = written.chars().next().unwrap_or(first);
        if token == STRICT && place.is_outside() && short.ends_with(';') {
            rest = after.strip_prefix(';').unwrap_or(after);
            continue;
        }
        if blank {
            let ends = new_line && !place.is_behind_block(&short);
            between(&mut short, first, ends);
        }
        drop_end_before(&mut short, first);
        if first == '=' && after.starts_with('>') {
            bare_parameter(&mut short);
        }
        if place.goes_on(&short, token) {
            short.pop();
            short.push(',');
        } else {
            short.push_str(written);
        }
        (blank, new_line) = (false, false);
        rest = after;
    }
    short.push('\n');
    short
}

/// A shorter way to write a token, behind `short` and before `after`. These words may also be names of properties. To a
/// constant nothing is assigned, so it may as well be a variable.
fn shorter<'script>(token: &'script str, short: &str, after: &str) -> &'script str {
    if short.ends_with('.') || after.trim_start().starts_with([':', '(']) {
        return token;
    }
    match token {
        "const" => "let",
        "true" => "!0",
        "undefined" => "void 0",
        "false" => "!1",
        _ => token,
    }
}

/// Keeps of blanks what means something.
fn between(short: &mut String, next: char, new_line: bool) {
    let Some(last) = short.chars().next_back() else {
        return;
    };
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

/// Whether a slash after this begins a regular expression.
fn begins_expression(short: &str) -> bool {
    let last = short.trim_end().chars().next_back();
    last.is_none_or(|last| NO_VALUE_BEFORE.contains(last)) || short.trim_end().ends_with("return")
}

/// Takes the brackets off the only parameter of a function with an arrow.
fn bare_parameter(short: &mut String) {
    let Some(open) = short.rfind('(') else {
        return;
    };
    let (before, name) = short.split_at(open);
    let name = name
        .strip_prefix('(')
        .and_then(|name| name.strip_suffix(')'));
    let name = name.filter(|name| !name.is_empty() && name.chars().all(is_word));
    let Some(name) = name.map(str::to_owned) else {
        return;
    };
    let joins = before.chars().next_back().is_some_and(is_word);
    short.truncate(open);
    if joins {
        short.push(' ');
    }
    short.push_str(&name);
}

/// What the latest statement of a level is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Latest {
    /// A declaration of constants.
    Constants,
    /// One that ends with its block.
    Block,
    /// One that begins with `async`: what follows says which.
    Asynchronous,
    /// Any other.
    #[default]
    Other,
}

impl Latest {
    /// The statement that begins with this word.
    fn beginning(word: &str) -> Self {
        match word {
            "const" => Self::Constants,
            "async" => Self::Asynchronous,
            "class" | "else" | "for" | "function" | "if" => Self::Block,
            _ => Self::Other,
        }
    }
}

/// Where in the script its end is.
#[derive(Default)]
struct ScriptPosition {
    /// The latest statement of each open bracket.
    levels: Vec<Latest>,
    /// The latest statement outside of all brackets.
    outside: Latest,
}

impl ScriptPosition {
    /// Whether no bracket is open.
    fn is_outside(&self) -> bool {
        self.levels.is_empty()
    }

    /// Whether a statement has just ended with its block, so that nothing else has to end it.
    fn is_behind_block(&self, short: &str) -> bool {
        let latest = self.levels.last().unwrap_or(&self.outside);
        *latest == Latest::Block && short.ends_with('}')
    }

    /// Takes note of a token. True for a `const` that goes on with the declaration before it.
    fn goes_on(&mut self, short: &str, token: &str) -> bool {
        let latest = self.levels.last_mut().unwrap_or(&mut self.outside);
        let begins = short.is_empty()
            || short.ends_with([';', '{', '\n'])
            || short.ends_with('}') && token.starts_with(is_word);
        let goes_on = token == "const" && *latest == Latest::Constants && short.ends_with(';');
        if begins || *latest == Latest::Asynchronous {
            *latest = Latest::beginning(token);
        }
        match token {
            "{" | "(" | "[" => self.levels.push(Latest::Other),
            "}" | ")" | "]" => drop(self.levels.pop()),
            _ => {}
        }
        goes_on
    }
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '$')
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
            ("const {\n  a, b,\n} = c;", "let{a,b}=c;\n"),
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
            (
                "(a) => b; async (c) => d; return (e) => f",
                "a=>b;async c=>d;return e=>f\n",
            ),
            (
                "(a, b) => c; () => d; ({ e }) => f(g)",
                "(a,b)=>c;()=>d;({e})=>f(g)\n",
            ),
            (
                "const a = () => { const b = 1; const { c } = b; c(); const d = 2; };\nconst [e] = f;\ng();\nconst h = 1;",
                "let a=()=>{let b=1,{c}=b;c();let d=2},[e]=f;g();let h=1;\n",
            ),
            (
                "for (const a of b) c(); const d = 1;",
                "for(let a of b)c();let d=1;\n",
            ),
            (
                "function a() {}\nb();\nif (c) {}\nd = {}\ne",
                "function a(){}b();if(c){}d={}\ne\n",
            ),
            ("const a = 1\nconst b = 2", "let a=1\nlet b=2\n"),
            ("a.const = { const: 1 }", "a.const={const:1}\n"),
            (
                "'use strict'; a('use strict');\n'use strict';\nb;",
                "'use strict';a('use strict');b;\n",
            ),
            (
                "a = true ? b.true : { true: false, false() {} };\nreturn true",
                "a=!0?b.true:{true:!1,false(){}};return!0\n",
            ),
            ("return undefined", "return void 0\n"),
            ("`never ends", "`never ends\n"),
            ("'never ends", "'never ends\n"),
            ("/never ends", "/never ends\n"),
            ("/* never ends", "\n"),
        ] {
            assert_eq!(compact(script), short, "{script}");
        }
    }
}
