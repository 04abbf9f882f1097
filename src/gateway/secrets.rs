//! The last protection of stored secrets: they are masked in every answer of NocoBase's API.
//!
//! Rows of authenticators are masked when they are requested (`splice`). This protection does not
//! depend on how a secret came into an answer: by a spelling of a request that nobody has thought
//! of, under another name, or from a sub-application that shares the database. The mask has the
//! length of the secret, so that the length of the answer stays the same.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::{Bytes, BytesMut};
use entity::authenticator;
use serde_json::Value;

use crate::domain::environment;
use crate::domain::identity_provider::Providers;

/// The shortest text that is masked everywhere, in bytes. DingTalk's secrets have 64 characters, and
/// the part that all session tokens share has 36.
const SHORTEST: usize = 40;

/// Whether a text is long and made of what DingTalk's secrets are made of, with a digit among it.
/// Whoever may save a secret chooses it, so that a word of NocoBase's own answers, such as the name
/// of a package, would disappear from the pages of everybody, and so would the tokens of an account.
fn looks_random(text: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() >= SHORTEST
        && text.iter().all(plain)
        && text.iter().any(u8::is_ascii_digit)
        && !encodes_words(text)
}

/// Whether a text is a piece of printable ASCII in base64, as the claims of every session token are.
/// The piece may begin at any of the four places of a group. Of random texts this is true once in a
/// hundred thousand million times if they have 40 signs, and practically never if they have 64.
fn encodes_words(text: &[u8]) -> bool {
    (0..4).any(|start| {
        let rest = text.get(start..).unwrap_or_default();
        let groups = rest.get(..rest.len() - rest.len() % 4).unwrap_or_default();
        // Without `+` and `/`, which no secret has, both kinds of base64 read a text alike.
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(groups);
        decoded.is_ok_and(|bytes| bytes.iter().all(|byte| matches!(byte, b' '..=b'~')))
    })
}

/// The stored secrets.
#[derive(Debug, Default)]
pub struct Secrets {
    texts: Vec<Vec<u8>>,
    /// Finds all of them at once; none when there are none, or more than it can be built for.
    search: Option<AhoCorasick>,
}

impl Secrets {
    /// The secrets in the options of providers' authenticators, in their JSON form.
    pub fn of<'a, I>(providers: &Providers, rows: I) -> Self
    where
        I: IntoIterator<Item = &'a authenticator::Model>,
    {
        let mut texts = Vec::new();
        for row in rows {
            let options = providers.without_legacy_groups(&row.auth_type, &row.options);
            for secret in providers.secrets(&row.auth_type) {
                let text = options.get(*secret).and_then(Value::as_str);
                // A variable only names the secret.
                if let Some(text) = text.filter(|text| !environment::is_variable(text)) {
                    let quoted = Value::from(text).to_string().into_bytes();
                    texts.extend(quoted.get(1..quoted.len() - 1).map(<[u8]>::to_vec));
                }
            }
        }
        texts.retain(|text| looks_random(text));
        texts.sort_unstable();
        texts.dedup();
        let search = Some(&texts).filter(|texts| !texts.is_empty());
        Self {
            search: search.and_then(|texts| AhoCorasick::new(texts).ok()),
            texts,
        }
    }

    /// Whether there are no secrets to mask.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Masks every secret in a complete text.
    pub fn mask(&self, text: Bytes) -> Bytes {
        let places = self.places(&text);
        if places.is_empty() {
            return text;
        }
        let mut masked = BytesMut::from(&text[..]);
        for place in places {
            if let Some(secret) = masked.get_mut(place) {
                secret.fill(b'*');
            }
        }
        masked.freeze()
    }

    /// Where secrets stand in a text. Without the search for all of them, each is looked for by
    /// itself, so that none is ever passed on.
    fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        match &self.search {
            Some(search) if search.find(text).is_none() => Vec::new(),
            Some(search) => {
                let found = search.find_overlapping_iter(text);
                found.map(|found| found.range()).collect()
            }
            None => {
                let of_each = self.texts.iter().flat_map(|secret| {
                    let parts = text.windows(secret.len()).enumerate();
                    let same = parts.filter(move |(_, part)| *part == secret.as_slice());
                    same.map(move |(start, _)| start..start + secret.len())
                });
                of_each.collect()
            }
        }
    }

    /// How many bytes at the end of a text may be the beginning of a secret.
    fn begun(&self, text: &[u8]) -> usize {
        let longest = self.texts.iter().map(Vec::len).max().unwrap_or_default();
        let most = text.len().min(longest.saturating_sub(1));
        let begins = |length: &usize| {
            let end = text.get(text.len() - length..).unwrap_or_default();
            self.texts.iter().any(|secret| secret.starts_with(end))
        };
        (1..=most).rev().find(begins).unwrap_or_default()
    }
}

/// Masks secrets in a text that arrives in pieces.
pub struct Masking {
    secrets: Arc<Secrets>,
    /// The end of the last piece, which may be the beginning of a secret.
    held: Bytes,
}

impl Masking {
    /// Masks these secrets.
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self {
            secrets,
            held: Bytes::new(),
        }
    }

    /// Takes the next piece, and returns what can be passed on, which may be nothing.
    pub fn take(&mut self, piece: Bytes) -> Bytes {
        let secrets = &self.secrets;
        if secrets.is_empty() {
            return piece;
        }
        let text = if self.held.is_empty() {
            piece
        } else {
            let mut text = BytesMut::from(&self.held[..]);
            text.extend_from_slice(&piece);
            text.freeze()
        };
        let mut masked = secrets.mask(text);
        let begun = secrets.begun(&masked);
        self.held = masked.split_off(masked.len() - begun);
        masked
    }

    /// Returns what was held back, because no more pieces follow.
    pub fn end(&mut self) -> Bytes {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    const ONE: &str = "a-secret-of-more-than-40-signs-as-DingTalk-has";
    const OTHER: &str = "signs_and_more_0123456789_of_them_0123456789";

    /// How the claims of every token of the account 1 begin.
    const CLAIMS: &str = "eyJ1c2VySWQiOjEsInRlbXAiOnRydWUsImlhdCI6";

    fn secrets() -> Secrets {
        let rows = [
            json!({"clientId": "an-id-of-more-than-sixteen", "clientSecret": ONE}),
            json!({"clientSecret": OTHER}),
            json!({"clientSecret": "{{ $env.DINGTALK_SECRET }}"}),
            json!({"clientSecret": "short"}),
            json!({"clientSecret": "@nocobase/plugin-notification-in-app-message-2"}),
            json!({"clientSecret": "plugin-notification-in-app-message-of-somebody"}),
            json!({"clientSecret": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"}),
            json!({"clientSecret": CLAIMS}),
            json!({"clientSecret": 1}),
            json!(null),
        ];
        let rows = rows.map(|options| authenticator::Model {
            id: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            name: "ding".to_owned(),
            auth_type: "dingtalk".to_owned(),
            title: None,
            description: String::new(),
            options,
            enabled: None,
            sort: None,
            created_by_id: None,
            updated_by_id: None,
        });
        Secrets::of(&crate::provider::tests::all(), &rows)
    }

    fn in_pieces(text: &str, size: usize) -> String {
        let mut masking = Masking::new(Arc::new(secrets()));
        let mut out = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            out.extend(masking.take(Bytes::copy_from_slice(piece)));
        }
        out.extend(masking.end());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_secret_is_masked_wherever_a_piece_ends() {
        let row =
            json!({"a": ONE, "b": OTHER, "c": format!("{ONE}{ONE}"), "d": "a-secret-of-more"});
        let text = row.to_string();
        let mask = |secret: &str| "*".repeat(secret.len());
        let expected = text.replace(ONE, &mask(ONE)).replace(OTHER, &mask(OTHER));
        assert!(!expected.contains(ONE) && !expected.contains("_and_"));
        for size in [1, 2, 3, 7, 16, 1000] {
            assert_eq!(in_pieces(&text, size), expected, "{size}");
        }
    }

    #[test]
    fn secrets_are_masked_also_when_the_search_for_all_of_them_cannot_be_built() {
        let slow = Secrets {
            search: None,
            ..secrets()
        };
        assert!(!slow.is_empty());
        let text = Bytes::from(format!("{ONE}{ONE} of {OTHER}, and more"));
        let masked = slow.mask(text.clone());
        assert_eq!(masked, secrets().mask(text.clone()));
        assert_ne!(masked, text);
        assert_eq!(slow.mask(Bytes::from_static(b"short")), "short");
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let text = r#"{"clientId":"an-id-of-more-than-sixteen","x":"{{ $env.DINGTALK_SECRET }} short a-secret-of @nocobase/plugin-notification-in-app-message-2 plugin-notification-in-app-message-of-somebody eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.x"}"#;
        for size in [1, 5, 1000] {
            assert_eq!(in_pieces(text, size), text, "{size}");
        }
        let token = format!(r#"{{"data":{{"token":"x.{CLAIMS}MTcwMDAwMDAwMH0.y"}}}}"#);
        assert_eq!(in_pieces(&token, 7), token, "whoever signs in gets it");
        let none = Secrets::of(&Providers::default(), []);
        assert!(none.is_empty() && !secrets().is_empty());
        assert_eq!(none.mask(Bytes::from_static(b"x")), "x");
    }

    #[test]
    fn only_what_may_be_the_beginning_of_a_secret_waits_and_comes_in_the_end() {
        let mut masking = Masking::new(Arc::new(secrets()));
        let whole = masking.take(Bytes::from_static(b"data: 1\n\n"));
        assert_eq!(whole, "data: 1\n\n");
        let begun = masking.take(Bytes::from_static(b"data: a-secret"));
        assert_eq!(begun, "data: ");
        assert_eq!(masking.end(), "a-secret");
    }

    #[test]
    fn a_text_of_forty_signs_is_long_enough() {
        assert!(looks_random(&[b'7'; SHORTEST]));
        assert!(!looks_random(&[b'7'; SHORTEST - 1]));
    }

    #[test]
    fn a_piece_of_a_session_token_is_no_secret_wherever_it_begins() {
        let claims = json!({"userId": 1, "temp": true, "iat": 1_735_689_600, "exp": 1_735_776_000});
        let token = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        let pieces: Vec<_> = token.as_bytes().windows(SHORTEST).collect();
        for piece in pieces.into_iter().chain([CLAIMS.as_bytes()]) {
            assert!(!looks_random(piece), "{}", String::from_utf8_lossy(piece));
        }
        for secret in [dingtalk_sandbox::seed::CLIENT_SECRET, ONE, OTHER] {
            assert!(looks_random(secret.as_bytes()), "{secret}");
        }
    }
}
