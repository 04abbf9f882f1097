//! Making messages as short as DingTalk wants them.

use serde_json::Value;

/// Bytes of a message, as JSON (page "Message types and data format").
pub const LONGEST: usize = 2048;

/// What a text that was cut ends in.
const ELLIPSIS: &str = "…";

/// The message with as much of the text as there is room for, cut at a word. Nothing when there is no room even
/// without any of it.
pub fn fit(text: &str, make: impl Fn(&str) -> Value) -> Option<Value> {
    let fits = |text: &str| {
        let message = make(text);
        (message.to_string().len() <= LONGEST).then_some(message)
    };
    if let Some(whole) = fits(text) {
        return Some(whole);
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    // The longest beginning that fits: those before it do, and those behind it do not.
    let fitting = ends.partition_point(|end| {
        let cut = text.get(..*end).unwrap_or_default();
        fits(&format!("{cut}{ELLIPSIS}")).is_some()
    });
    let end = *ends.get(fitting.checked_sub(1)?)?;
    let cut = at_word(text.get(..end).unwrap_or_default());
    fits(&format!("{cut}{ELLIPSIS}"))
}

/// The text without a part of a word at its end. Languages without spaces are cut where they are.
fn at_word(text: &str) -> &str {
    let space = text.rfind(char::is_whitespace);
    let cut = space.and_then(|space| text.get(..space));
    match cut {
        Some(cut) if text.len() - cut.len() <= 40 => cut.trim_end(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(text: &str) -> Option<String> {
        let made = fit(text, |text| json!({"text": {"content": text}}))?;
        Some(made["text"]["content"].as_str().unwrap().to_owned())
    }

    #[test]
    fn what_fits_stays_and_what_does_not_is_cut_at_a_word() {
        assert_eq!(text("Hello").as_deref(), Some("Hello"));
        let long = "word ".repeat(1000);
        let cut = text(&long).unwrap();
        assert!(cut.ends_with("word…"), "{cut}");
        assert!(cut.len() > 1900, "{}", cut.len());
    }

    #[test]
    fn no_character_is_cut_in_two_and_what_json_writes_longer_is_counted() {
        for sign in ["字", "😀", "\"", "x\n", "\u{1}"] {
            let cut = text(&sign.repeat(3000)).unwrap();
            let made = json!({"text": {"content": cut}}).to_string();
            assert!(
                made.len() <= LONGEST && made.len() > LONGEST - 60,
                "{sign:?} {}",
                made.len()
            );
        }
    }

    #[test]
    fn what_is_too_long_without_its_text_is_none() {
        let title = "x".repeat(LONGEST);
        assert_eq!(fit("y", |text| json!({"title": title, "text": text})), None);
    }
}
