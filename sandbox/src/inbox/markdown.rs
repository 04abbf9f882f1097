//! Converts the part of DingTalk's Markdown that cards need: headings, lists, quotes, bold text and
//! links.

use super::link::link;
use crate::oauth::escape;

/// The text as HTML. HTML in the text is escaped.
pub fn html(markdown: &str) -> String {
    markdown.lines().map(line).collect()
}

fn line(text: &str) -> String {
    let text = text.trim();
    let heading = text.trim_start_matches('#');
    let level = text.len() - heading.len();
    if (1..=6).contains(&level) && heading.starts_with(' ') {
        return format!("<p><strong>{}</strong></p>", words(heading.trim()));
    }
    for (mark, shown) in [("- ", "• "), ("* ", "• "), ("> ", "│ ")] {
        if let Some(rest) = text.strip_prefix(mark) {
            return format!("<p>{shown}{}</p>", words(rest));
        }
    }
    if text.is_empty() {
        return String::new();
    }
    format!("<p>{}</p>", words(text))
}

/// Converts bold text and links within a line.
fn words(text: &str) -> String {
    let bold = text.find("**").map(|at| (at, "**"));
    let linked = text.find('[').map(|at| (at, "["));
    let first = [bold, linked].into_iter().flatten().min();
    let Some((at, mark)) = first else {
        return escape(text);
    };
    let (before, rest) = text.split_at(at);
    let rest = rest.strip_prefix(mark).unwrap_or_default();
    let found = if mark == "[" {
        let label = rest.split_once("](");
        let target = label.and_then(|(label, rest)| Some((label, rest.split_once(')')?)));
        target.map(|(label, (url, rest))| (link(url, label), rest))
    } else {
        let bold = rest.split_once("**");
        bold.map(|(bold, rest)| (format!("<strong>{}</strong>", escape(bold)), rest))
    };
    match found {
        Some((shown, rest)) => escape(before) + &shown + &words(rest),
        None => escape(before) + mark + &words(rest),
    }
}
