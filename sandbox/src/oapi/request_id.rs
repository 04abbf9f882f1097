//! Request ids in answers of the old family.

use uuid::Uuid;

/// A request id: a short text of digits and lowercase letters, unlike those of the new family.
pub fn request_id() -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = Uuid::new_v4().as_u128();
    let mut digit = || {
        let digit = usize::try_from(rest % 36)
            .ok()
            .and_then(|index| DIGITS.get(index));
        rest /= 36;
        digit.copied().map(char::from)
    };
    (0..13).filter_map(|_| digit()).collect()
}
