//! Texts as NocoBase filled them in, with signs of HTML in values written as HTML does.

/// What NocoBase writes for signs of HTML, the ampersand last.
const ESCAPED: [(&str, &str); 7] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#x27;", "'"),
    ("&#x60;", "`"),
    ("&#x3D;", "="),
    ("&amp;", "&"),
];

/// The text without HTML's spelling of signs.
pub fn plain(text: &str) -> String {
    let mut plain = text.trim().to_owned();
    for (escaped, sign) in ESCAPED {
        plain = plain.replace(escaped, sign);
    }
    plain
}
