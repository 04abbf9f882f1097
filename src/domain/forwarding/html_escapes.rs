//! Undoes the HTML escapes that NocoBase writes when it fills values into a text.

/// The escapes with their characters. The ampersand is last, so that nothing is undone twice.
const ESCAPED: [(&str, &str); 7] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#x27;", "'"),
    ("&#x60;", "`"),
    ("&#x3D;", "="),
    ("&amp;", "&"),
];

/// The text without HTML escapes.
pub fn plain(text: &str) -> String {
    let mut plain = text.trim().to_owned();
    for (escaped, sign) in ESCAPED {
        plain = plain.replace(escaped, sign);
    }
    plain
}
