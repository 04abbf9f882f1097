//! The page to which a person goes after signing in, which must belong to this application.

use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

use crate::config::BasePath;

/// The first part of the paths of NocoBase's second web client, below the public path.
const MODERN_CLIENT: &str = "v";
/// The longest target that is accepted, in bytes.
const LONGEST: usize = 1024;
/// The longest target as the parameter of an address, in which a slash takes three bytes: a refusal
/// redirects to the sign-in page with it, and proxies accept 4 kB of headers.
const LONGEST_AS_PARAMETER: usize = 1536;

/// The generation of NocoBase's web client to which a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientGeneration {
    /// The web client at the root.
    Classic,
    /// The web client under `/v/`.
    Modern,
}

/// A page of this application: an absolute path, with query and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

impl Target {
    /// The page that a client asked for. It is the start page when the client asked for none, for a
    /// page elsewhere, or for the sign-in page (which would not notice a new session).
    ///
    /// The first web client sends paths relative to the public path, and the second one sends
    /// absolute paths.
    pub fn choose(asked: Option<&str>, public_path: &BasePath) -> Self {
        let complete = |path: &str| {
            let prefix = public_path.prefix();
            let below = path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'));
            if below {
                path.to_owned()
            } else {
                public_path.join(path)
            }
        };
        let page = asked.and_then(same_origin_page).map(|path| complete(&path));
        let page = page.filter(|page| fits_in_an_address(page));
        match page {
            Some(page) if !is_sign_in(&page, public_path) => Self(page),
            Some(page) if generation(&page, public_path) == ClientGeneration::Modern => {
                Self(public_path.join("/v/admin"))
            }
            _ => Self(public_path.join("/admin")),
        }
    }

    /// The path, with query and fragment.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same page with these parameters added.
    pub fn with_parameters(&self, parameters: &[(&str, &str)]) -> String {
        let (page, fragment) = match self.0.split_once('#') {
            Some((page, fragment)) => (page, Some(fragment)),
            None => (self.0.as_str(), None),
        };
        let (path, query) = page.split_once('?').unwrap_or((page, ""));
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        // Existing parameters of the same name are removed, because the first one would count.
        let is_added = |key: &str| parameters.iter().any(|(name, _)| *name == key);
        let others =
            form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| !is_added(key.as_ref()));
        let pairs = pairs.extend_pairs(others).extend_pairs(parameters).finish();
        match fragment {
            Some(fragment) => format!("{path}?{pairs}#{fragment}"),
            None => format!("{path}?{pairs}"),
        }
    }

    /// The web client to which the page belongs.
    pub fn generation(&self, public_path: &BasePath) -> ClientGeneration {
        generation(&self.0, public_path)
    }

    /// The sign-in page of the same web client.
    pub fn sign_in_page(&self, public_path: &BasePath) -> String {
        public_path.join(match self.generation(public_path) {
            ClientGeneration::Classic => "/signin",
            ClientGeneration::Modern => "/v/signin",
        })
    }

    /// The target as that web client expects it in `?redirect=`.
    pub fn as_redirect_parameter(&self, public_path: &BasePath) -> &str {
        match self.generation(public_path) {
            ClientGeneration::Modern => &self.0,
            ClientGeneration::Classic => {
                self.0.strip_prefix(public_path.prefix()).unwrap_or(&self.0)
            }
        }
    }
}

/// The path of an address that a browser can only interpret as a page of this origin.
fn same_origin_page(text: &str) -> Option<String> {
    // Browsers drop tabs and newlines, and treat a backslash as a slash.
    let strange = |c: char| c.is_control() || c == '\\';
    if text.len() > LONGEST || text.contains(strange) || !text.starts_with('/') {
        return None;
    }
    let base = Url::parse("http://this.invalid").ok()?;
    let url = base.join(text).ok()?;
    if url.origin() != base.origin() || url.path().starts_with("//") || climbs(url.path()) {
        return None;
    }
    // The path is built from the parsed address, so that the result is what was checked.
    let mut page = url.path().to_owned();
    if let Some(query) = url.query() {
        page.push('?');
        page.push_str(query);
    }
    if let Some(fragment) = url.fragment() {
        page.push('#');
        page.push_str(fragment);
    }
    Some(page)
}

fn fits_in_an_address(page: &str) -> bool {
    let parts = form_urlencoded::byte_serialize(page.as_bytes());
    parts.map(str::len).sum::<usize>() <= LONGEST_AS_PARAMETER
}

/// Whether a path would lead upwards for a proxy that decodes `%2f` and `%5c` before it resolves
/// dot segments. Browsers do not decode them; plain dot segments have been resolved before.
fn climbs(path: &str) -> bool {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    decoded.split(['/', '\\']).any(|part| part == "..")
}

/// The part of `page` after the public path, without query and fragment.
fn path_below<'a>(page: &'a str, public_path: &BasePath) -> &'a str {
    let path = page.split(['?', '#']).next().unwrap_or_default();
    path.strip_prefix(public_path.as_str()).unwrap_or_default()
}

fn generation(page: &str, public_path: &BasePath) -> ClientGeneration {
    match path_below(page, public_path).split('/').next() {
        Some(MODERN_CLIENT) => ClientGeneration::Modern,
        _ => ClientGeneration::Classic,
    }
}

fn is_sign_in(page: &str, public_path: &BasePath) -> bool {
    let path = path_below(page, public_path);
    let path = path.strip_prefix("v/").unwrap_or(path);
    let first = path.split('/').next().unwrap_or_default();
    // The sign-up page and the password pages also lead to nowhere after signing in.
    ["signin", "signup", "forgot-password", "reset-password"]
        .iter()
        .any(|page| first.eq_ignore_ascii_case(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_before_the_fragment_and_once() {
        let root: BasePath = "/".parse().unwrap();
        for (page, expected) in [
            ("/admin", "/admin?e=X+1"),
            ("/admin?a=1&e=2#f", "/admin?a=1&e=X+1#f"),
            ("/admin#?e=2", "/admin?e=X+1#?e=2"),
        ] {
            let target = Target::choose(Some(page), &root);
            assert_eq!(target.with_parameters(&[("e", "X 1")]), expected);
        }
    }

    fn chosen(asked: &str, public_path: &str) -> String {
        Target::choose(Some(asked), &public_path.parse().unwrap()).0
    }

    #[test]
    fn pages_of_this_origin_are_kept() {
        for page in [
            "/",
            "/admin",
            "/admin/x?a=1&b=//c",
            "/v/admin/y#z",
            "/apps/a/admin",
            "/admin/x/filterbytk/a%2Fb..c",
        ] {
            assert_eq!(chosen(page, "/"), page);
        }
        assert_eq!(Target::choose(None, &"/".parse().unwrap()).0, "/admin");
    }

    #[test]
    fn the_public_path_is_added_where_the_client_left_it_out() {
        assert_eq!(chosen("/admin?x=1", "/nocobase/"), "/nocobase/admin?x=1");
        assert_eq!(
            chosen("/nocobase/v/admin", "/nocobase/"),
            "/nocobase/v/admin"
        );
        assert_eq!(
            chosen("/nocobasex/admin", "/nocobase/"),
            "/nocobase/nocobasex/admin"
        );
    }

    #[test]
    fn pages_elsewhere_become_the_start_page() {
        let elsewhere = [
            "https://evil.example/",
            "http:evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "evil.example",
            "",
            "//evil.example/admin",
            "/..//evil.example",
            "/.//evil.example",
            "/admin\u{0}",
            "/\u{7f}/evil.example",
            "https:/evil.example",
            "/..%2fevil",
            "/a/..%2F..%2fevil",
            "/a/..%5cevil",
            "/a%2f..%2f..%2fevil",
            "/a%2f%2e%2e",
            "//user@evil.example",
        ];
        for text in elsewhere {
            assert_eq!(chosen(text, "/"), "/admin", "{text:?}");
        }
        for long in ["/".to_owned() + &"a".repeat(LONGEST), "/a".repeat(500)] {
            assert_eq!(chosen(&long, "/"), "/admin");
        }
    }

    #[test]
    fn the_sign_in_page_is_no_target() {
        assert_eq!(chosen("/signin?redirect=/admin/x", "/"), "/admin");
        assert_eq!(chosen("/v/signin", "/"), "/v/admin");
        assert_eq!(
            chosen("/nocobase/v/signin", "/nocobase/"),
            "/nocobase/v/admin"
        );
        assert_eq!(chosen("/./SignIn/", "/"), "/admin");
        assert_eq!(chosen("/signin-help", "/"), "/signin-help");
    }

    #[test]
    fn each_client_gets_its_own_sign_in_page_and_spelling() {
        let public_path = "/nocobase/".parse().unwrap();
        let classic = Target::choose(Some("/admin/x"), &public_path);
        assert_eq!(classic.sign_in_page(&public_path), "/nocobase/signin");
        assert_eq!(classic.as_redirect_parameter(&public_path), "/admin/x");
        let modern = Target::choose(Some("/nocobase/v/admin"), &public_path);
        assert_eq!(modern.sign_in_page(&public_path), "/nocobase/v/signin");
        assert_eq!(
            modern.as_redirect_parameter(&public_path),
            "/nocobase/v/admin"
        );
    }

    #[test]
    fn the_longest_pages_are_kept() {
        let long = "/".to_owned() + &"a".repeat(LONGEST - 1);
        assert_eq!(chosen(&long, "/"), long);
        // As a parameter each of these pairs takes four bytes.
        let slashes = "/a".repeat(LONGEST_AS_PARAMETER / 4);
        assert_eq!(chosen(&slashes, "/"), slashes);
    }
}
