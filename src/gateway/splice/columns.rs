//! The values that a request may save in an authenticator.
//!
//! NocoBase also accepts rows of associations in these values: with `users` it would create accounts
//! with any role, or remove everybody's bindings, without asking whether the caller may do that.

use serde_json::Value;

/// The columns of NocoBase's collection, and the title of the type. NocoBase's own form sends the
/// row as it was listed, with the values that were changed.
const COLUMNS: [&str; 13] = [
    "id",
    "name",
    "authType",
    "authTypeTitle",
    "title",
    "description",
    "options",
    "enabled",
    "sort",
    "createdAt",
    "updatedAt",
    "createdById",
    "updatedById",
];

/// Whether the values are those of columns, in one row or in several. Names that begin with `__`
/// belong to NocoBase's client, and NocoBase ignores them.
pub(super) fn are_of_columns(values: &Value) -> bool {
    match values {
        Value::Array(rows) => rows.iter().all(are_of_columns),
        Value::Object(fields) => {
            let mut names = fields.keys().map(String::as_str);
            names.all(|name| COLUMNS.contains(&name) || name.starts_with("__"))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_has_columns_and_no_associations() {
        let listed = json!({
            "id": 1, "createdAt": "2026-11-22T16:27:44.998Z", "updatedAt": null, "name": "basic",
            "authType": "Email/Password", "title": null, "description": "", "options": {"users": []},
            "enabled": true, "createdById": null, "updatedById": 1, "sort": 1, "__index": 0,
        });
        for values in [listed.clone(), json!([listed]), json!({}), Value::Null] {
            assert!(are_of_columns(&values), "{values}");
        }
        for name in [
            "users",
            "createdBy",
            "updatedBy",
            "users.roles",
            "filterKeys",
        ] {
            let mut row = json!({"name": "x"});
            row[name] = json!([]);
            assert!(!are_of_columns(&row), "{name}");
            assert!(!are_of_columns(&json!([{}, row])), "{name}");
        }
    }
}
