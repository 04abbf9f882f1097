//! What is just allowed in options, and what no longer is.

use serde_json::{Value, json};

use super::SourceOptions;

#[test]
fn options_are_allowed_up_to_their_limits_and_no_further() {
    let limit = |percent: u8| json!({"safetyLimitPercent": percent});
    let column = |length: usize| {
        let name = "n".repeat(length);
        json!({"columns": {"jobNumber": {"name": name}}})
    };
    let departments = |count: usize| {
        let keys = vec!["1"; count];
        json!({"departments": keys})
    };
    let every = |hours: u8| json!({"schedule": {"kind": "every", "hours": hours}});
    let daily = |at: &str| json!({"schedule": {"kind": "daily", "at": at}});
    let is_allowed = |options: &Value| SourceOptions::parse(options).is_ok();
    for allowed in [
        limit(1),
        limit(100),
        column(1),
        column(63),
        departments(1000),
        every(1),
        every(168),
        daily("00:00"),
        daily("23:59"),
    ] {
        assert!(is_allowed(&allowed), "{allowed}");
    }
    for refused in [
        limit(0),
        limit(101),
        column(64),
        departments(1001),
        every(0),
        every(169),
        daily("24:00"),
        daily("23:60"),
    ] {
        assert!(!is_allowed(&refused), "{refused}");
    }
}
