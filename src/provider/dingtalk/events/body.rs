//! What an event says. Pages and recorded events differ in capitals and in what there is beside the
//! identifiers, and both forms are read (DingTalk's pages on the events of the address book).

use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value};

use crate::domain::events::{Concerns, Event, digest};

/// Most people or departments of one event that are kept; whoever says more has all read again.
const MOST: usize = 1000;
/// Longest identifier of a person or department.
const LONGEST: usize = 128;

/// Which kind an event is, and what else is known of it beside its body.
pub struct Header<'a> {
    /// DingTalk's name of what happened.
    pub kind: &'a str,
    /// Its identifier.
    pub id: Option<&'a str>,
    /// When it happened, in milliseconds.
    pub born: Option<&'a str>,
    /// An identifier for the case that it has none.
    pub digest: String,
}

/// The event that these say.
pub fn event(header: Header<'_>, body: &Map<String, Value>) -> Event {
    let id = header.id.map(str::to_owned);
    let id = id.or_else(|| text(body, &["eventId"]));
    let born = header.born.map(str::to_owned);
    let born = born.or_else(|| text(body, &["EventTime", "timeStamp", "TimeStamp", "timestamp"]));
    Event {
        id: id.filter(|id| !id.is_empty()).unwrap_or(header.digest),
        kind: kept_kind(header.kind),
        concerns: concerns(header.kind, body),
        born: born.as_deref().and_then(moment),
    }
}

/// A callback that was not answered, as DingTalk lists it: what it says stands under its name, in small letters and
/// without an identifier.
pub fn unanswered(listed: &Value) -> Option<Event> {
    let listed_as = listed.as_object()?;
    let kind = text(listed_as, &["call_back_tag"])?;
    let born = text(listed_as, &["event_time"]);
    let body = listed_as.get(&kind).and_then(Value::as_object);
    let header = Header {
        kind: &kind,
        id: None,
        born: born.as_deref(),
        digest: digest(&listed.to_string()),
    };
    Some(event(header, body.unwrap_or(&Map::new())))
}

/// Names of events are words; whatever else comes is cut to one.
fn kept_kind(kind: &str) -> String {
    let letters = kind
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_');
    letters.take(64).collect()
}

fn concerns(kind: &str, body: &Map<String, Value>) -> Concerns {
    let kept = |keys: Vec<String>, of: fn(Vec<String>) -> Concerns| match keys.len() {
        // It happened, and it is not said to whom.
        0 => Concerns::Everything,
        1..=MOST => of(keys),
        _ => Concerns::Everything,
    };
    match kind {
        "user_leave_org" => kept(people(body), Concerns::Leavers),
        "user_add_org" | "user_modify_org" | "user_active_org" | "org_admin_add"
        | "org_admin_remove" => kept(people(body), Concerns::People),
        "org_dept_create" | "org_dept_modify" | "org_dept_remove" => kept(
            keys(body, &["deptId", "DeptId", "deptid"]),
            Concerns::Departments,
        ),
        "org_change" | "org_remove" | "inner_app_scopes_change" => Concerns::Everything,
        _ => Concerns::Nothing,
    }
}

/// Userids of an event.
fn people(body: &Map<String, Value>) -> Vec<String> {
    let mut found = keys(body, &["userId", "UserId", "userid"]);
    if found.is_empty()
        && let Some(differences) = body.get("diffInfo")
    {
        let all = match differences {
            Value::Array(all) => all.iter().collect(),
            one => vec![one],
        };
        let all = all.into_iter().filter_map(Value::as_object);
        found = all
            .flat_map(|one| keys(one, &["userid", "userId"]))
            .collect();
        found.sort_unstable();
        found.dedup();
    }
    found
}

/// Identifiers under one of these names: a list of them, or one alone, as texts or numbers.
fn keys(body: &Map<String, Value>, names: &[&str]) -> Vec<String> {
    let value = names.iter().find_map(|name| body.get(*name));
    let mut found: Vec<String> = match value {
        Some(Value::Array(all)) => all.iter().filter_map(key).collect(),
        Some(one) => key(one).into_iter().collect(),
        None => Vec::new(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

fn key(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_one = !text.is_empty() && text.len() <= LONGEST && !text.contains('\0');
    is_one.then_some(text)
}

/// The first of these that is there, as text.
pub fn text(body: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match body.get(*name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A moment in seconds or milliseconds since 1970. Smaller numbers are seconds, which reach this one in the year 5138. A
/// moment that not every database can store counts as none: MariaDB knows no year after 9999.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    const SECONDS: i64 = 100_000_000_000;
    let number: i64 = text.trim().parse().ok()?;
    let moment = if number < SECONDS {
        DateTime::from_timestamp(number, 0)
    } else {
        DateTime::from_timestamp_millis(number)
    };
    moment.filter(|moment| (1970..=9999).contains(&moment.year()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, body: &Value) -> Event {
        let header = Header {
            kind,
            id: None,
            born: None,
            digest: "none".to_owned(),
        };
        event(header, body.as_object().unwrap())
    }

    #[test]
    fn a_moment_that_no_database_stores_is_none() {
        assert_eq!(moment("1683533823336").unwrap().timestamp(), 1_683_533_823);
        assert_eq!(moment("1683533823").unwrap().timestamp(), 1_683_533_823);
        for wrong in ["1683533823336000000", "-1", "-99999999999999", "soon", ""] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn both_spellings_name_the_same_people_and_departments() {
        let documented = of(
            "user_add_org",
            &json!({"eventId": "c7", "timeStamp": "1685501863357", "userId": ["015001227"]}),
        );
        assert_eq!(documented.id, "c7");
        assert_eq!(
            documented.concerns,
            Concerns::People(vec!["015001227".into()])
        );
        let recorded = of(
            "user_add_org",
            &json!({"UserId": ["015001227"], "OptStaffId": "x", "TimeStamp": "1685501863357"}),
        );
        assert_eq!(recorded.id, "none");
        assert_eq!(recorded.concerns, documented.concerns);
        assert_eq!(recorded.born, documented.born);
        for body in [
            json!({"deptId": [432_825_033]}),
            json!({"DeptId": [432_825_033]}),
            json!({"DeptId": "432825033"}),
        ] {
            let concerns = of("org_dept_create", &body).concerns;
            assert_eq!(concerns, Concerns::Departments(vec!["432825033".into()]));
        }
    }

    #[test]
    fn callbacks_that_were_not_answered_are_read_from_their_list() {
        let listed = json!({
            "call_back_tag": "user_leave_org", "event_time": 1_606_126_433_000_i64,
            "user_leave_org": {"userid": ["u1"], "corpid": "corp"},
        });
        let event = unanswered(&listed).unwrap();
        assert_eq!(event.concerns, Concerns::Leavers(vec!["u1".into()]));
        assert!(event.born.is_some());
        assert_eq!(unanswered(&listed).unwrap().id, event.id);
        assert_eq!(unanswered(&json!([])), None);
        let department =
            json!({"call_back_tag": "org_dept_create", "org_dept_create": {"deptid": [5]}});
        let event = unanswered(&department).unwrap();
        assert_eq!(event.concerns, Concerns::Departments(vec!["5".into()]));
    }

    #[test]
    fn differences_name_people_where_nothing_else_does() {
        for body in [
            json!({"diffInfo": {"userid": "u1", "prev": {}, "curr": {}}}),
            json!({"diffInfo": [{"userid": "u1", "prev": {}}, {"userid": "u1"}]}),
        ] {
            let concerns = of("user_modify_org", &body).concerns;
            assert_eq!(concerns, Concerns::People(vec!["u1".into()]));
        }
    }

    #[test]
    fn what_names_nobody_or_too_many_has_all_read_again() {
        let many: Vec<_> = (0..=MOST).map(|number| number.to_string()).collect();
        for (kind, body) in [
            ("user_leave_org", json!({})),
            ("user_leave_org", json!({"userId": [null, "", {}]})),
            ("user_add_org", json!({"userId": many})),
            ("org_change", json!({})),
            ("inner_app_scopes_change", json!({"userIds": ["u1"]})),
        ] {
            assert_eq!(of(kind, &body).concerns, Concerns::Everything, "{kind}");
        }
        assert_eq!(
            of("label_user_change", &json!({})).concerns,
            Concerns::Nothing
        );
        assert_eq!(of("a\0'b", &json!({})).kind, "ab");
    }
}
