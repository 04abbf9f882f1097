//! Whether a DingTalk authenticator is in use, in a database of NocoBase's.
//!
//! NocoBase must not know: of an enabled authenticator whose type it cannot handle it refuses every
//! request, and takes it for every name that it does not know. So the column says no, and the truth
//! stands in the options. See `docs/decisions/0010-true-state-in-options.md`.

use entity::authenticator::Model;
use serde_json::{Value, json};

/// The option that holds the truth.
pub const OPTION: &str = "dingtalkGateway";

/// Writes the truth into options.
pub fn put(options: &mut Value, enabled: bool) {
    if let Some(options) = options.as_object_mut() {
        options.insert(OPTION.to_owned(), json!({"enabled": enabled}));
    }
}

/// Takes the truth out of options; nothing when it is not there.
pub fn take(options: &mut Value) -> Option<bool> {
    let truth = options.as_object_mut()?.shift_remove(OPTION)?;
    Some(truth.get("enabled") == Some(&Value::Bool(true)))
}

/// The row as it truly is. Rows of others stay as they are.
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
