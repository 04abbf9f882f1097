//! The effective state of DingTalk authenticators in NocoBase's database.
//!
//! NocoBase falls back to any enabled authenticator for a name that it does not know, and refuses
//! every request when it cannot handle that authenticator's type. So the column `enabled` is always
//! false in these rows, and the effective state is kept in the options. See
//! `docs/decisions/0010-effective-state-in-options.md`.

use entity::authenticator::Model;
use serde_json::{Value, json};

/// The option that holds the effective state.
pub const OPTION: &str = "dingtalkGateway";

/// Writes the effective state into options.
pub fn put(options: &mut Value, enabled: bool) {
    if let Some(options) = options.as_object_mut() {
        options.insert(OPTION.to_owned(), json!({"enabled": enabled}));
    }
}

/// Takes the effective state out of options, and returns it if it was there.
pub fn take(options: &mut Value) -> Option<bool> {
    let state = options.as_object_mut()?.shift_remove(OPTION)?;
    Some(state.get("enabled") == Some(&Value::Bool(true)))
}

/// The row with the effective state in its column `enabled`. Rows without one are not changed.
pub(super) fn revealed(mut row: Model) -> Model {
    if let Some(enabled) = take(&mut row.options) {
        row.enabled = Some(enabled);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_comes_out() {
        let mut options = json!({"clientId": "a"});
        assert_eq!(take(&mut options), None);
        for enabled in [true, false] {
            put(&mut options, enabled);
            assert_eq!(take(&mut options), Some(enabled));
            assert_eq!(options, json!({"clientId": "a"}));
        }
        assert_eq!(take(&mut json!(null)), None);
        assert_eq!(take(&mut json!({OPTION: "x"})), Some(false));
    }
}
