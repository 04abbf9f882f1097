//! Requests and answers of DingTalk's directory, exactly as DingTalk sends them.
//!
//! Sources: DingTalk's pages "Get the list of departments", "Query department details", "Queries
//! the complete information of a department user" and "Query user details". Lists can also come as
//! texts, and numbers may be larger than floating point can represent.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::provider::dingtalk::wire::{signed, text};

/// Body of `POST /topapi/v2/department/get` and `/topapi/v2/department/listsub`.
#[derive(Serialize)]
pub struct ByDepartment {
    pub dept_id: i64,
    pub language: &'static str,
}

/// A department.
#[derive(Deserialize)]
pub struct WireDepartment {
    #[serde(deserialize_with = "signed")]
    pub dept_id: i64,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    /// The parent; absent for the root department.
    #[serde(default, deserialize_with = "text")]
    pub parent_id: Option<String>,
}

/// Body of `POST /topapi/v2/user/list`.
#[derive(Serialize)]
pub struct MembersRequest {
    pub dept_id: i64,
    pub cursor: i64,
    pub size: u8,
    pub order_field: &'static str,
    pub contain_access_limit: bool,
    pub language: &'static str,
}

/// The result of `/topapi/v2/user/list`.
#[derive(Deserialize)]
pub struct WireMembers {
    #[serde(default, deserialize_with = "yes_or_no")]
    pub has_more: bool,
    /// The cursor of the next page; absent on the last page.
    #[serde(default, deserialize_with = "whole_number")]
    pub next_cursor: Option<i64>,
    #[serde(default)]
    pub list: Vec<WireMember>,
}

/// A person, from the list of a department or read alone.
#[derive(Deserialize)]
pub struct WireMember {
    #[serde(default, deserialize_with = "text")]
    pub userid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub unionid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub avatar: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub mobile: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub state_code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub org_email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub job_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub work_place: Option<String>,
    #[serde(default, deserialize_with = "numbers")]
    pub dept_id_list: Vec<i64>,
    /// Whether the person leads this department.
    #[serde(default, deserialize_with = "yes_or_no")]
    pub leader: bool,
    /// The order in this department. The department with the greatest order is the person's main
    /// one.
    #[serde(default, deserialize_with = "whole_number")]
    pub dept_order: Option<i64>,
    /// Of each department, where a person is asked for alone.
    #[serde(default)]
    leader_in_dept: Value,
    #[serde(default)]
    dept_order_list: Value,
}

impl WireMember {
    /// The departments that are led, where a person is asked for alone.
    pub fn leads(&self, department: i64) -> bool {
        let led = of_department(&self.leader_in_dept, department);
        led.and_then(|led| led.get("leader")).is_some_and(is_true)
    }

    /// The rank of a department, where a person is asked for alone.
    pub fn rank_of(&self, department: i64) -> Option<i64> {
        whole(of_department(&self.dept_order_list, department)?.get("order")?)
    }
}

/// What a list says of one department.
fn of_department(list: &Value, department: i64) -> Option<&Value> {
    let of = |entry: &&Value| entry.get("dept_id").and_then(whole) == Some(department);
    list.as_array()?.iter().find(of)
}

/// An integer, which DingTalk also sends as a string; none for other values.
fn whole_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(whole(&Value::deserialize(from)?))
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A boolean, which DingTalk also sends as a string.
fn yes_or_no<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(is_true(&Value::deserialize(from)?))
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is) => *is,
        Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A list of integers, which DingTalk also sends as a text.
fn numbers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<i64>, D::Error> {
    let list = match Value::deserialize(from)? {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::Null),
        other => other,
    };
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(items.iter().filter_map(whole).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_texts_and_real_numbers_are_the_same() {
        for body in [
            r#"{"userid":"u","dept_id_list":[1,2],"leader":true,"dept_order":179997318850453160}"#,
            r#"{"userid":"u","dept_id_list":"[1, 2]","leader":"true","dept_order":"179997318850453160"}"#,
        ] {
            let member: WireMember = serde_json::from_str(body).unwrap();
            assert_eq!(member.dept_id_list, [1, 2]);
            assert!(member.leader);
            assert_eq!(member.dept_order, Some(179_997_318_850_453_160));
        }
    }

    #[test]
    fn the_last_page_names_no_cursor() {
        let page: WireMembers = serde_json::from_str(r#"{"has_more":false,"list":[]}"#).unwrap();
        assert!(!page.has_more);
        assert_eq!(page.next_cursor, None);
    }
}
