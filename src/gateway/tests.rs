//! Which requests the gateway answers together with NocoBase.

use super::destination::{Part, Splice, part};
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
