//! The parameter `targetCollection`, by which NocoBase reads and writes rows of another collection
//! than that of the path.
//!
//! NocoBase's pages use it for tables that inherit from each other. NocoBase 2.2.15 checks the
//! permissions of the collection in the path only, so such a request would also get around what the
//! gateway checks for its own collections.

use percent_encoding::percent_decode_str;

use super::path::COLLECTIONS;
use super::{Parameters, Unclear};

const PARAMETER: &str = "targetCollection";

/// The bindings of accounts, which no path of the gateway's own leads to.
const BINDINGS: &str = "usersAuthenticators";

/// Whether the parameter could lead to a collection that the gateway looks after. A query without
/// this parameter is not parsed, because every request comes by here.
pub fn leads_to_guarded_collection(query: &str) -> Result<bool, Unclear> {
    if !is_mentioned(query) {
        return Ok(false);
    }
    let parameters = Parameters::read(query)?;
    Ok(parameters.all(PARAMETER).any(is_guarded))
}

/// Whether the name of any parameter contains that of this one, perhaps percent-encoded.
fn is_mentioned(query: &str) -> bool {
    if !query.contains(PARAMETER) && !query.contains('%') {
        return false;
    }
    query.split('&').any(|part| {
        let name = part.split('=').next().unwrap_or_default();
        let is_encoded = name.contains('%');
        name.contains(PARAMETER)
            || (is_encoded
                && percent_decode_str(name)
                    .decode_utf8_lossy()
                    .contains(PARAMETER))
    })
}

/// Whether a value can stand for one of these collections. With a dot, it is the path of an
/// association, which can lead to any collection.
fn is_guarded(value: &str) -> bool {
    let name = value.trim();
    value.contains('.') || name == BINDINGS || COLLECTIONS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_that_is_looked_after_is_found_in_any_spelling() {
        for query in [
            "targetCollection=authenticators",
            "a=1&targetCollection=usersAuthenticators",
            "%74argetCollection=authenticators",
            "targetCollection=%61uthenticators",
            "targetCollection[]=userDataSyncSources",
            "targetCollection%5B0%5D=notificationChannels",
            "targetCollection=articles&targetCollection=authenticators",
            "targetCollection=posts.authenticator",
            "targetCollection=authenticators.",
        ] {
            assert_eq!(leads_to_guarded_collection(query), Ok(true), "{query}");
        }
        for query in [
            "",
            "targetCollection=articles",
            "targetCollection=",
            "filter=%7B%22targetCollection%22%3A%22authenticators%22%7D",
            "x=targetCollection&y=authenticators",
            // What has no such parameter is not parsed.
            "[a]=%zz",
        ] {
            assert_eq!(leads_to_guarded_collection(query), Ok(false), "{query}");
        }
        for query in [
            "[targetCollection]=authenticators",
            "%5BtargetCollection%5D=authenticators",
            "targetCollection[__proto__]=x",
            "targetCollection=%zz",
        ] {
            assert_eq!(leads_to_guarded_collection(query), Err(Unclear), "{query}");
        }
    }
}
