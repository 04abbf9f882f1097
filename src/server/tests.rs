//! Tests of properties that the tables of actions of gateway and standalone server must have.

#[cfg(feature = "standalone")]
use clap::Parser;

use crate::api::openapi::document;
#[cfg(feature = "standalone")]
use crate::config::Http;
use crate::domain::identity_provider::Providers;
use crate::edge::Routes;
use crate::gateway;
use crate::provider;
#[cfg(feature = "standalone")]
use crate::standalone;

/// Both tables, with all providers.
fn tables(providers: &Providers) -> Vec<Routes> {
    vec![
        gateway::routes(providers),
        #[cfg(feature = "standalone")]
        standalone::routes_without_pages(providers, &http()),
    ]
}

#[cfg(feature = "standalone")]
fn http() -> Http {
    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        http: Http,
    }
    CommandLine::parse_from(["test"]).http
}

/// The prefixes of names of actions that only read.
const READING: [&str; 5] = ["list", "get", "check", "find", "public"];
/// Other actions that make no change which must be completed.
const NO_CHANGES: [(&str, &str); 25] = [
    ("app", "clearCache"),
    // It completes its change itself, after the password was hashed.
    ("auth", "signIn"),
    ("auth", "syncCookies"),
    // They begin something that is only stored in a cookie.
    ("dingtalk", "bind"),
    ("dingtalk", "binding"),
    // It only writes a line to the log.
    ("dingtalk", "inAppFailed"),
    ("dingtalk", "openapi"),
    ("dingtalk", "optionsSchema"),
    ("dingtalk", "testConnection"),
    // They only read.
    ("dingtalk", "overview"),
    ("dingtalkAudit", "export"),
    ("dingtalkMessages", "channels"),
    ("dingtalkMessages", "messageSchema"),
    ("dingtalkMessages", "optionsSchema"),
    ("dingtalkPeople", "accounts"),
    ("dingtalkDirectory", "sources"),
    ("dingtalkDirectory", "optionsSchema"),
    ("dingtalkDirectory", "runs"),
    ("dingtalkDirectory", "findings"),
    ("dingtalkDirectory", "members"),
    ("dingtalkDirectory", "departments"),
    // They are refused, or do nothing.
    ("flowModels", "save"),
    ("pm", "add"),
    ("pm", "update"),
    ("pm", "remove"),
];

#[test]
fn what_may_change_something_is_done_to_its_end() {
    for routes in tables(&provider::tests::all()) {
        for (resource, action, _) in routes.iter() {
            let reads = READING.iter().any(|word| action.starts_with(word))
                || NO_CHANGES.contains(&(resource, action));
            let changes = routes.may_change(resource, action);
            assert_eq!(changes, Some(!reads), "{resource}:{action}");
        }
    }
}

#[test]
fn each_action_of_this_product_is_described() {
    let providers = provider::tests::all();
    for routes in tables(&providers) {
        let (_, missing) = document(routes.iter(), &providers, "/api/");
        assert_eq!(missing, [""; 0], "describe them in src/api/openapi");
    }
}

/// `UPDATE_SNAPSHOTS=1` writes the file again.
#[test]
fn the_openapi_document_is_the_one_in_docs() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    let providers = provider::tests::all();
    let routes = gateway::routes(&providers);
    let (document, _) = document(routes.iter(), &providers, "/api/");
    let mut text = serde_json::to_string_pretty(&document).unwrap();
    text.push('\n');
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(
        kept == text,
        "UPDATE_SNAPSHOTS=1 writes docs/openapi.json anew"
    );
}
