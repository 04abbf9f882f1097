//! Functions for fuzzing, one for each parser of text from outside: see `fuzz/`.
//!
//! Each takes arbitrary bytes, which it may refuse, and panics when a property is violated that
//! must hold for every input. The tests run them on the inputs in `fuzz/seeds`, to which inputs are
//! added that once failed.

#![expect(
    clippy::missing_panics_doc,
    reason = "to fail on a broken promise is what each of them is for"
)]

mod events;

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use clap::Parser;
use serde_json::{Value, json};

pub use self::events::{callback, event};
use crate::config::{BasePath, Http, dotenv};
use crate::domain::environment::template::{self, Filled};
use crate::domain::identity_provider::Providers;
use crate::domain::redirect::Target;
use crate::domain::session::SigningKey;
use crate::edge::address::Address;
use crate::edge::body::{Body, Format};
use crate::edge::cookies::Cookies;
use crate::edge::head::{authenticator_name, header, language};
use crate::edge::peer;
use crate::edge::query::Query;
use crate::gateway::{FromClient, ToClient};
use crate::phone::Phone;
use crate::provider;

/// The address of an action.
pub fn address(bytes: &[u8]) {
    let path = String::from_utf8_lossy(bytes);
    for method in [Method::GET, Method::POST, Method::DELETE, Method::HEAD] {
        if let Ok(address) = Address::parse(&method, &path) {
            assert!(!address.resource.is_empty() && !address.action.is_empty());
        }
    }
}

/// The query string, with all parameters of a list.
pub fn query(bytes: &[u8]) {
    let query = Query::parse(&String::from_utf8_lossy(bytes));
    query.keys();
    query.words("appends");
    query.selection();
    // Whether these succeed does not matter; they must not panic.
    let _ = query.listing();
}

/// The body, as JSON and as a form.
pub fn body(bytes: &[u8]) {
    for format in [Format::Json, Format::Form] {
        if let Ok(body) = Body::of(format, bytes) {
            let value = body.value();
            assert!(value.is_null() || value.is_object() || value.is_array());
        }
    }
}

/// Cookies, and the cookies that are sent back because of them.
pub fn cookies(bytes: &[u8]) {
    let Some(request) = request([("cookie", bytes)]) else {
        return;
    };
    let http = &SETTINGS.http;
    let name = Cookies::authenticator(&request).unwrap_or_default();
    let role = Cookies::role(&request).unwrap_or_default();
    let life = chrono::TimeDelta::days(1);
    let made = Cookies::new(&request, http).of_session("token", &name, Some(&role), life);
    for cookie in made {
        let written = cookie.encoded().to_string();
        assert!(HeaderValue::from_str(&written).is_ok(), "{written}");
    }
}

/// A token: only a signed text may be accepted.
pub fn token(bytes: &[u8]) {
    let key = SigningKey::new(b"a key that no input has");
    let text = String::from_utf8_lossy(bytes);
    assert!(key.read(&text).is_none());
    // Any claims, with a valid signature.
    if let Ok(claims @ Value::Object(_)) = serde_json::from_slice(bytes)
        && let Some(token) = key.sign(&claims)
    {
        key.read(&token);
    }
}

/// The page to go to after signing in, which must be one of this application.
pub fn redirect(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for path in ["/", "/nocobase/"] {
        let Ok(path) = path.parse::<BasePath>() else {
            continue;
        };
        let target = Target::choose(Some(&text), &path);
        let page = target.as_str();
        assert!(page.starts_with(path.as_str()), "{page}");
        assert!(
            !page.starts_with("//") && !page.starts_with("/\\"),
            "{page}"
        );
        let base = url::Url::parse("https://own.example").ok();
        let there = base.as_ref().and_then(|base| base.join(page).ok());
        assert!(there.is_some_and(|there| Some(there.origin()) == base.map(|base| base.origin())));
        assert!(HeaderValue::from_str(page).is_ok(), "{page}");
        // Parsing the result again must give the same result, unless it has become too long.
        if page.len() <= bytes.len() {
            assert_eq!(Target::choose(Some(page), &path), target);
        }
        target.sign_in_page(&path);
        target.as_redirect_parameter(&path);
    }
}

/// Phone numbers of contacts and accounts.
pub fn phone(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (country, number) = text.split_once('\n').unwrap_or(("", &text));
    let contact = Phone::of_contact(Some(country), number);
    for phone in [Phone::of_account(&text), contact].into_iter().flatten() {
        let local = phone.local();
        assert!(
            local
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'+'),
            "{local}"
        );
        assert!(local.ends_with(phone.last_digits()), "{local}");
        // The displayed form of a number must mean the same number.
        assert_eq!(Phone::of_account(local), Some(phone.clone()));
    }
}

/// Headers that describe the client and the address of the request.
pub fn peer(bytes: &[u8]) {
    let names = [
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "host",
        "origin",
        "referer",
        "x-authenticator",
    ];
    let lines = bytes.split(|byte| *byte == b'\n');
    let Some(request) = request(names.into_iter().zip(lines)) else {
        return;
    };
    let http = &SETTINGS.http;
    peer::address(&request, http);
    peer::cross_origin_page(&request, http, None);
    if let Some(origin) = peer::origin(request.head(), http) {
        assert!(url::Url::parse(origin.as_str()).is_ok(), "{origin}");
    }
    authenticator_name(&request);
    header(&request, "x-role");
    language(&request, &Query::default());
}

static PROVIDERS: LazyLock<Providers> = LazyLock::new(provider::tests::all);

/// Options of an authenticator, as an administrator sends them.
pub fn options(bytes: &[u8]) {
    let Ok(options) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    PROVIDERS.problems("dingtalk", &options);
    PROVIDERS.roles_given("dingtalk", &options);
    PROVIDERS.give_power("dingtalk", &options);
}

/// Frames of a WebSocket in both directions, in one piece and byte by byte.
pub fn frames(bytes: &[u8]) {
    let substitute = |name: &str| (name == "x").then(|| "basic".to_owned());
    let (mut whole, mut slow) = (FromClient::default(), FromClient::default());
    let at_once = whole.take(bytes, substitute);
    let mut in_steps = Vec::new();
    for byte in bytes {
        in_steps.extend_from_slice(&slow.take(std::slice::from_ref(byte), substitute));
    }
    assert_eq!(at_once, in_steps);
    let (mut whole, mut slow) = (ToClient::default(), ToClient::default());
    let gap = whole.follow(bytes);
    assert!(gap.is_none_or(|gap| gap <= bytes.len()));
    for byte in bytes {
        slow.follow(std::slice::from_ref(byte));
    }
    assert_eq!(whole.fits(), slow.fits());
}

/// A file of settings.
pub fn settings_file(bytes: &[u8]) {
    let settings = dotenv::parse(&String::from_utf8_lossy(bytes));
    assert!(settings.iter().all(|(name, _)| !name.is_empty()));
}

/// Variables in options.
pub fn variables(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let value = json!({"a": [text.clone()], "b": text});
    let names = template::names(&value);
    assert!(names.iter().all(|name| template::is_name(name)));
    // Replacing each variable by itself changes nothing.
    let same = template::render(&value, &mut |_| Filled::Template);
    assert_eq!(same, Some(value.clone()));
    // Replaced text is not searched for variables.
    template::render(&value, &mut |_| Filled::With("{{ $env.A }}".to_owned()));
    template::is_variable(&String::from_utf8_lossy(bytes));
}

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    http: Http,
}

/// The settings of a server behind a proxy on this machine.
static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| Settings::parse_from(["", "--trusted-proxies=127.0.0.1/32"]));

/// A request with these headers; none when one of them is invalid.
fn request<'a, I>(headers: I) -> Option<HttpRequest>
where
    I: IntoIterator<Item = (&'static str, &'a [u8])>,
{
    let mut request = TestRequest::default().peer_addr(([127, 0, 0, 1], 1).into());
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value).ok()?;
        request = request.append_header((HeaderName::from_static(name), value));
    }
    Some(request.to_http_request())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    type Parser = fn(&[u8]);

    #[test]
    fn known_inputs_break_no_promise() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        let parsers: [(&str, Parser); 14] = [
            ("address", super::address),
            ("body", super::body),
            ("callback", super::callback),
            ("cookies", super::cookies),
            ("event", super::event),
            ("frames", super::frames),
            ("options", super::options),
            ("peer", super::peer),
            ("phone", super::phone),
            ("query", super::query),
            ("redirect", super::redirect),
            ("settings_file", super::settings_file),
            ("token", super::token),
            ("variables", super::variables),
        ];
        let folders = fs::read_dir(&seeds).unwrap();
        assert_eq!(folders.count(), parsers.len(), "a folder each");
        for (name, parser) in parsers {
            parser(&[]);
            for seed in fs::read_dir(seeds.join(name)).unwrap() {
                let seed = seed.unwrap().path();
                println!("{}", seed.display());
                parser(&fs::read(seed).unwrap());
            }
        }
    }
}
