//! E-mail addresses, in a form that can be compared.

/// A text that is the same for every spelling of an address: case is ignored. The standard allows
/// case to matter before the `@`, but no service has mailboxes that differ only in case, and people
/// do not distinguish them.
pub fn comparable(address: &str) -> String {
    address.to_lowercase()
}
