//! What is written to accounts, and what is read of rows.

use serde_json::{Map, Value, json};

use super::accounts::{NOT_ADDED, values_of};
use super::departments::id_of;
use crate::domain::directory::{Profile, StepError};

fn with_column(name: &str) -> Result<Map<String, Value>, StepError> {
    values_of(&Profile {
        columns: [(name.to_owned(), "x".to_owned())].into(),
        ..Profile::default()
    })
}

#[test]
fn only_columns_that_an_administrator_has_added_are_written() {
    for name in ["jobTitle", "work_place", "f_1"] {
        let values = with_column(name).unwrap();
        assert_eq!(Value::Object(values), json!({name: "x"}));
    }
    for name in NOT_ADDED {
        assert!(
            matches!(with_column(name), Err(StepError::Refused(_))),
            "{name}"
        );
    }
    for name in [
        "roles.name",
        "roles[]",
        "__proto__.x",
        "a b",
        "größe",
        "$or",
    ] {
        assert!(
            matches!(with_column(name), Err(StepError::Refused(_))),
            "{name}"
        );
    }
}

#[test]
fn an_id_is_a_number_in_whatever_form() {
    for (row, id) in [
        (json!({"id": 7}), Some(7)),
        (json!({"id": "399964920938496"}), Some(399_964_920_938_496)),
        (json!({"id": "x"}), None),
        (json!({"id": null}), None),
        (json!({}), None),
    ] {
        assert_eq!(id_of(&row), id, "{row}");
    }
}
