//! Which requests the gateway answers together with NocoBase.

mod changes;
mod destinations;
pub mod exchange;

use http::HeaderMap;
use http::header::HeaderValue;

use super::destination::{Part, Splice, part};
use super::headers::address_to_main;
use super::known_tables::are_named_in;
use crate::edge::address::Address;

fn splice(address: &str) -> Splice {
    let (resource, action) = address.split_once(':').unwrap();
    Splice {
        address: Address {
            resource: resource.to_owned(),
            action: action.to_owned(),
            key: None,
            parent_key: None,
        },
        part: part(resource, action).unwrap().unwrap(),
        target: String::new(),
    }
}

#[test]
fn what_may_change_something_runs_to_its_end() {
    for address in [
        "pm:enable",
        "authenticators:create",
        "authenticators:destroy",
        "authenticators:move",
        "authenticators.users:add",
        "userData:pull",
        "userDataSyncSources:update",
        "userDataSyncSources:destroy",
        "notificationChannels:update",
        "notificationChannels:destroy",
    ] {
        assert!(splice(address).changes(), "{address}");
    }
    for address in [
        "pm:list",
        "authenticators:list",
        "authenticators:get",
        "authenticators:publicList",
        "authenticators.users:list",
        "userData:listSyncTypes",
        "notificationChannels:list",
        "charts:query",
    ] {
        assert!(!splice(address).changes(), "{address}");
    }
}

#[test]
fn rows_of_authenticators_are_looked_at_below_every_path_and_others_are_not() {
    for (resource, action, expected) in [
        ("authenticators.users", "list", Some(Part::Authenticators)),
        ("userDataSyncSources", "destroy", Some(Part::SyncRemoved)),
        ("variables", "resolve", Some(Part::Question)),
        ("users", "list", None),
        ("users.authenticators", "list", None),
        ("userDataSyncSources", "list", None),
    ] {
        let found = part(resource, action).unwrap();
        assert_eq!(found, expected, "{resource}:{action}");
    }
    assert!(part("authenticators", "export").is_err());
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn what_the_gateway_asks_itself_goes_to_the_main_application() {
    let mut sent = headers(&[
        ("x-app", "sub"),
        ("x-hostname", "sub.example"),
        ("via", "a"),
    ]);
    address_to_main(&mut sent);
    assert_eq!(sent, headers(&[("x-app", "main"), ("via", "a")]));
}

#[test]
fn an_authenticator_is_named_in_a_header_or_in_a_cookie() {
    for (sent, expected) in [
        (("x-authenticator", "basic"), true),
        (("cookie", "a=1; nb_authenticator_main=basic"), true),
        (
            ("cookie", "another_cookie_that_is_long_enough=basic"),
            false,
        ),
        (("x-role", "admin"), false),
    ] {
        assert_eq!(are_named_in(&headers(&[sent])), expected, "{sent:?}");
    }
}
