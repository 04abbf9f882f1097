//! Languages: the texts of `locale/`, which are compiled in.
//!
//! The keys are the English texts, as in NocoBase's own files.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

/// NocoBase's codes of languages, with their texts.
const FILES: [(&str, &str); 15] = [
    ("en-US", include_str!("../locale/en-US.json")),
    ("de-DE", include_str!("../locale/de-DE.json")),
    ("es-ES", include_str!("../locale/es-ES.json")),
    ("fr-FR", include_str!("../locale/fr-FR.json")),
    ("it-IT", include_str!("../locale/it-IT.json")),
    ("ja-JP", include_str!("../locale/ja-JP.json")),
    ("ko-KR", include_str!("../locale/ko-KR.json")),
    ("nl-NL", include_str!("../locale/nl-NL.json")),
    ("pt-BR", include_str!("../locale/pt-BR.json")),
    ("ru-RU", include_str!("../locale/ru-RU.json")),
    ("tr-TR", include_str!("../locale/tr-TR.json")),
    ("uk-UA", include_str!("../locale/uk-UA.json")),
    ("vi-VN", include_str!("../locale/vi-VN.json")),
    ("zh-CN", include_str!("../locale/zh-CN.json")),
    ("zh-TW", include_str!("../locale/zh-TW.json")),
];

type Texts = HashMap<String, String>;

static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "compiled in, and read by a test")]
    let parse =
        |(_, json): &(&str, &str)| serde_json::from_str(json).expect("locale files are valid");
    FILES.iter().map(parse).collect()
});

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locale(usize);

impl Locale {
    /// The language with this code; English if there are no texts in it.
    pub fn of(code: &str) -> Self {
        Self(
            FILES
                .iter()
                .position(|(known, _)| *known == code)
                .unwrap_or_default(),
        )
    }

    /// The language for a browser's tag, such as `pt` or `zh-Hant-HK`: the one with the same code,
    /// or else one with the same base language. Chinese in traditional characters is `zh-TW`.
    pub fn nearest(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        let (language, rest) = tag.split_once('-').unwrap_or((&tag, ""));
        let is_traditional = |part| matches!(part, "hant" | "tw" | "hk" | "mo");
        let wanted = match language {
            "zh" if rest.split('-').any(is_traditional) && !rest.contains("hans") => "zh-tw",
            "zh" => "zh-cn",
            other => other,
        };
        let is_wanted = |(code, _): &(&str, &str)| {
            let code = code.to_ascii_lowercase();
            code == wanted
                || code
                    .split_once('-')
                    .is_some_and(|(language, _)| language == wanted)
        };
        FILES.iter().position(is_wanted).map(Self)
    }

    /// All languages.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..FILES.len()).map(Self)
    }

    /// The code, such as `zh-CN`.
    pub fn code(self) -> &'static str {
        FILES.get(self.0).map_or("en-US", |(code, _)| code)
    }

    /// The translation of an English text; the text itself if there is none.
    pub fn text(self, english: &str) -> &str {
        TEXTS
            .get(self.0)
            .and_then(|texts| texts.get(english))
            .map_or(english, String::as_str)
    }

    /// All texts, for the web client.
    pub fn texts(self) -> Value {
        TEXTS.get(self.0).map_or(Value::Null, |texts| {
            texts
                .iter()
                .map(|(key, text)| (key.clone(), Value::from(text.as_str())))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        let english = &TEXTS[0];
        for locale in Locale::all() {
            let texts = &TEXTS[locale.0];
            for key in english.keys() {
                let text = texts.get(key).filter(|text| !text.is_empty());
                let text = text.unwrap_or_else(|| panic!("{} lacks {key:?}", locale.code()));
                assert_eq!(
                    placeholders(text),
                    placeholders(key),
                    "{} of {key:?}",
                    locale.code()
                );
            }
            for key in texts.keys() {
                assert!(
                    english.contains_key(key),
                    "{} has {key:?} alone",
                    locale.code()
                );
            }
        }
    }

    fn placeholders(text: &str) -> Vec<&str> {
        let parts = text.split("{{").skip(1);
        let mut names: Vec<_> = parts.filter_map(|part| part.split("}}").next()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_browser_gets_the_nearest_language() {
        for (tag, code) in [
            ("de", "de-DE"),
            ("DE-at", "de-DE"),
            ("pt", "pt-BR"),
            ("pt-PT", "pt-BR"),
            ("en-GB", "en-US"),
            ("zh", "zh-CN"),
            ("zh-SG", "zh-CN"),
            ("zh-Hans-HK", "zh-CN"),
            ("zh-Hant", "zh-TW"),
            ("zh-HK", "zh-TW"),
        ] {
            let nearest = Locale::nearest(tag).map(Locale::code);
            assert_eq!(nearest, Some(code), "{tag}");
        }
        for tag in ["", "-", "xx", "d", "zhh", "日本"] {
            assert_eq!(Locale::nearest(tag), None, "{tag}");
        }
    }

    #[test]
    fn an_unknown_language_is_english() {
        assert_eq!(Locale::of("xx").code(), "en-US");
        assert_eq!(Locale::of("zh-CN").code(), "zh-CN");
    }
}
