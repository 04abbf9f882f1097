//! Which rows a request to remove rows is for.

use serde_json::Value;

use crate::edge::address::Address;
use crate::gateway::reading::Parameters;

/// Of these rows, those that a request to remove rows can have removed: the ones that it names, or
/// all if it does not name each by its key. A filter can find any row.
///
/// What somebody else removes at the same moment does not count as removed by this request.
pub(super) fn named<T>(
    address: &Address,
    query: &str,
    mut rows: Vec<T>,
    key: impl Fn(&T) -> String,
) -> Vec<T> {
    let parameters = Parameters::read(query).unwrap_or_default();
    let keys = keys(address, &parameters);
    // A database can compare keys in a way of its own, so that another spelling finds a row, too.
    let is_known = |wanted: &&str| rows.iter().any(|row| key(row) == **wanted);
    if !keys.is_empty() && keys.iter().all(is_known) {
        rows.retain(|row| {
            let key = key(row);
            keys.iter().any(|wanted| *wanted == key)
        });
    }
    rows
}

/// The keys of a request; empty when something else decides, too, for which rows it is.
fn keys<'a>(address: &'a Address, parameters: &'a Parameters) -> Vec<&'a str> {
    if parameters.has("filter") || !parameters.have_plain_keys() {
        return Vec::new();
    }
    match &address.key {
        Some(key) => vec![key],
        None => parameters.all("filterByTk").collect(),
    }
}

/// Whether NocoBase says that it has removed nothing, such as a row that somebody else has removed
/// before.
pub(super) fn is_nothing(data: &Value) -> bool {
    data.as_u64() == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_for_the_rows_that_it_names_or_for_any() {
        for (key, query, expected) in [
            (Some("a"), "", "a"),
            (None, "filterByTk=b", "b"),
            (None, "filterByTk[]=a&filterByTk[]=c", "a c"),
            (None, "filterByTk[0]=a", "a"),
            // Of what it names otherwise, the database decides.
            (None, "", "a b c"),
            (None, "filterByTk=A", "a b c"),
            (None, "filterByTk=a&filter={}", "a b c"),
            (None, "filterByTk[title]=a", "a b c"),
            (None, "filterByTk=[%22a%22]", "a b c"),
            (Some("x"), "", "a b c"),
        ] {
            let address = Address {
                resource: "rows".to_owned(),
                action: "destroy".to_owned(),
                key: key.map(str::to_owned),
                parent_key: None,
            };
            let rows = vec!["a", "b", "c"];
            let found = named(&address, query, rows, |row| (*row).to_owned());
            assert_eq!(found.join(" "), expected, "{key:?} {query}");
        }
    }
}
