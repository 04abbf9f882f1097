//! E-mail addresses, in a form that can be compared.

/// The same text for every spelling of an address: capitals do not count. By the standard they may,
/// before the `@`; but no service has mailboxes that differ by them, and nobody tells them apart.
pub fn comparable(address: &str) -> String {
    address.to_lowercase()
}
