//! Which rows a request to save names.

use crate::edge::address::Address;
use crate::gateway::reading::Parameters;

/// Parameters with which NocoBase changes rows that the request does not name by a key.
const FINDERS: [&str; 3] = ["filter", "forceUpdate", "targetCollection"];

/// The rows that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedRows<'a> {
    /// None, as when one is created.
    None,
    /// The row with this key. NocoBase also accepts a key that is written as JSON, which can stand
    /// for several rows, so the caller checks that it is a plain one.
    One(&'a str),
    /// Several, or those that a filter finds.
    Several,
}

impl<'a> NamedRows<'a> {
    /// Reads the key in the path, or else those in the parameters.
    pub fn of(address: &'a Address, parameters: &'a Parameters) -> Self {
        let keys: Vec<&str> = match &address.key {
            Some(key) => vec![key],
            None => parameters.all("filterByTk").collect(),
        };
        match keys.as_slice() {
            _ if FINDERS.iter().any(|name| parameters.has(name)) => Self::Several,
            [] => Self::None,
            [key] => Self::One(key),
            _ => Self::Several,
        }
    }
}
