//! The report to the administrator about a person who was not linked to an account that may be
//! theirs.

use crate::domain::identity::Identity;

/// Reports in the log which accounts have a phone number with the same last digits, and that the
/// organization's number could not be interpreted. `new` is the account that was created for the
/// person.
pub fn report(identity: &Identity, similar: &[i64], new: Option<i64>) {
    let who = &identity.meta;
    let came_of_it = new.map_or_else(
        || format!("{who} has no account here"),
        |id| format!("account {id} was made for {who}"),
    );
    if !similar.is_empty() {
        let then = new.map_or_else(String::new, |id| format!(", remove account {id}"));
        log::warn!(
            "{came_of_it}, though the phone number of accounts {similar:?} ends in the same digits: it is \
             one of another country, or cannot be read for sure. If it is theirs, write it there with + \
             and its country code{then}, and let them sign in again"
        );
    }
    if identity.phone_is_unclear {
        log::warn!(
            "{came_of_it}: the phone number that the organization keeps of them is not understood and \
             counts as none. Correct country code and number in its contacts"
        );
    }
}
