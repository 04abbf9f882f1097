//! Addresses in messages.

use url::Url;

use crate::oauth::escape;

/// A link, if the address can be opened in a browser. For an address that only DingTalk's client
/// opens, the link leads to the page that it contains.
pub fn link(url: &str, title: &str) -> String {
    let Some(url) = web_address(url) else {
        return escape(title);
    };
    format!("<a href=\"{}\">{}</a>", escape(url.as_str()), escape(title))
}

fn web_address(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    if url.scheme() == "dingtalk" {
        let mut query = url.query_pairs();
        let (_, inner) = query.find(|(name, _)| name == "url")?;
        let inner = Url::parse(&inner).ok()?;
        return matches!(inner.scheme(), "http" | "https").then_some(inner);
    }
    matches!(url.scheme(), "http" | "https").then_some(url)
}
