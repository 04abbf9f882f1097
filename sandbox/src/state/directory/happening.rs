//! The events that a change of the directory causes.

use serde_json::{Map, Value, json};

use crate::state::person::Person;

/// An event in an organization, with the names and values of DingTalk's events.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The organization.
    pub corp_id: String,
    /// The name of the event, such as `user_add_org`.
    pub event_type: String,
    /// The values of the event, which are little more than identifiers.
    pub data: Map<String, Value>,
}

impl Happening {
    /// An event about a department.
    pub fn of_department(corp_id: &str, event_type: &str, id: i64) -> Self {
        Self::new(corp_id, event_type, json!({"deptId": [id]}))
    }

    /// An event with these values. A value that is not an object counts as none.
    pub fn new(corp_id: &str, event_type: &str, data: Value) -> Self {
        Self {
            corp_id: corp_id.to_owned(),
            event_type: event_type.to_owned(),
            data: match data {
                Value::Object(data) => data,
                _ => Map::new(),
            },
        }
    }

    fn of_person(event_type: &str, person: &Person) -> Self {
        let data = json!({"userId": [person.userid]});
        Self::new(&person.corp_id, event_type, data)
    }

    /// The events when a person's record changes. A new person causes two events, «added» and
    /// «modified», as with DingTalk.
    pub fn between(before: Option<&Person>, after: &Person) -> Vec<Self> {
        let works_there = |person: &&Person| person.is_employee_of(&person.corp_id);
        let (was, is) = (before.filter(works_there), Some(after).filter(works_there));
        let same = matches!((was, is), (Some(was), Some(is)) if was.corp_id == is.corp_id && was.userid == is.userid);
        if !same {
            let left = was.map(|was| Self::of_person("user_leave_org", was));
            let added = is.into_iter().flat_map(|is| {
                let events = ["user_add_org", "user_modify_org"];
                events.map(|event| Self::of_person(event, is))
            });
            return left.into_iter().chain(added).collect();
        }
        let (Some(was), Some(is)) = (was, is) else {
            return Vec::new();
        };
        let mut happenings = Vec::new();
        if record(was) != record(is) {
            let diff = json!({"prev": shown(was), "curr": shown(is), "userid": is.userid});
            let data = json!({"diffInfo": diff, "userId": [is.userid]});
            happenings.push(Self::new(&is.corp_id, "user_modify_org", data));
        }
        if is.active && !was.active {
            happenings.push(Self::of_person("user_active_org", is));
        }
        match (was.admin, is.admin) {
            (false, true) => happenings.push(Self::of_person("org_admin_add", is)),
            (true, false) => happenings.push(Self::of_person("org_admin_remove", is)),
            _ => {}
        }
        happenings
    }
}

/// The organization's record alone. A new nickname of the person does not change it.
fn record(person: &Person) -> Option<Value> {
    let mut record = serde_json::to_value(person).ok()?;
    let fields = record.as_object_mut()?;
    for own in ["personal", "situation", "active", "admin"] {
        fields.remove(own);
    }
    Some(record)
}

/// The fields that `diffInfo` shows. Phone numbers and departments are never among them.
fn shown(person: &Person) -> Map<String, Value> {
    let hired = person.hired_date.and_then(|hired| {
        let day = chrono::DateTime::from_timestamp_millis(hired)?;
        Some(day.format("%Y-%m-%d").to_string())
    });
    [
        ("name", Some(person.name.clone())),
        ("telephone", person.telephone.clone()),
        ("email", person.email.clone()),
        ("jobNumber", person.job_number.clone()),
        ("workPlace", person.work_place.clone()),
        ("remark", person.remark.clone()),
        ("managerUserid", person.manager.clone()),
        ("hiredDate", hired),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))))
    .collect()
}
