//! Requests and answers of DingTalk's directory, exactly as it sends them.
//!
//! Sources: DingTalk's pages "Get the list of departments", "Query department details", "Queries the
//! complete information of a department user" and "Query user details". Lists also come as texts, and
//! numbers may be greater than what floating point holds.

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
    /// Absent for the one that holds all others.
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

/// Its result.
#[derive(Deserialize)]
pub struct WireMembers {
    #[serde(default, deserialize_with = "yes_or_no")]
    pub has_more: bool,
    /// Absent on the last page.
    #[serde(default, deserialize_with = "whole_number")]
    pub next_cursor: Option<i64>,
    #[serde(default)]
    pub list: Vec<WireMember>,
}

/// A person: of a department, or asked for alone.
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
    /// Of this department.
    #[serde(default, deserialize_with = "yes_or_no")]
    pub leader: bool,
    /// Of this department: the greater, the more it is the main one.
    #[serde(default, deserialize_with = "whole_number")]
    pub dept_order: Option<i64>,
}

/// An integer, also written as a string; nothing when it is none.
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
    Ok(match Value::deserialize(from)? {
        Value::Bool(is) => is,
        Value::String(text) => text.trim().eq_ignore_ascii_case("true"),
        _ => false,
    })
}

/// Integers in a list, or in a text that is a list.
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
