//! Reads and changes people.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    control_error::ControlError,
    delivery::announce,
    state::{
        directory::{Directory, ROOT},
        person::{Membership, Person},
        platform::Platform,
        seed,
    },
};

/// The most people that one call may create in addition to the seeded ones. For larger numbers, a
/// company can be generated instead.
const MOST: usize = 10_000;

/// How many people to create.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Crowd {
    count: usize,
}

/// `POST /_sandbox/people`: creates either a `count` of ordinary employees, numbered from 1, or one
/// person with an `id` and any values that differ from those of an ordinary employee.
pub async fn hire(
    platform: Data<Platform>,
    request: Json<Map<String, Value>>,
) -> Result<HttpResponse, ControlError> {
    let request = request.into_inner();
    let corp_id = &platform.settings().corp_id;
    let state = &mut *platform.lock();
    if request.contains_key("count") {
        let crowd: Crowd = serde_json::from_value(request.into()).map_err(invalid)?;
        if crowd.count > MOST {
            let message = format!("count must be at most {MOST}");
            return Err(ControlError::Request(message));
        }
        for number in 1..=crowd.count {
            let person = placed(&state.directory, corp_id, seed::employee(number));
            if state.directory.people().by_id(&person.id).is_none() {
                let happenings = state.directory.hire(person)?;
                announce(&platform, state, happenings);
            }
        }
        return Ok(HttpResponse::NoContent().finish());
    }
    let Some(id) = request.get("id").and_then(Value::as_str) else {
        let message = "give either a count, or the id of somebody new";
        return Err(ControlError::Request(message.to_owned()));
    };
    let name = request.get("name").and_then(Value::as_str).unwrap_or(id);
    let mobile = request.get("mobile").and_then(Value::as_str);
    let ordinary = seed::member(id, name, mobile.unwrap_or_default(), "Hired by a test");
    let mut ordinary = placed(&state.directory, corp_id, ordinary);
    if mobile.is_none() {
        (ordinary.mobile, ordinary.personal.mobile) = (None, None);
    }
    let person = merged(&ordinary, request)?;
    let happenings = state.directory.hire(person.clone())?;
    announce(&platform, state, happenings);
    Ok(HttpResponse::Ok().json(person))
}

/// The person as an employee of the sandbox's organization. Departments that it does not have are
/// replaced by its root.
fn placed(directory: &Directory, corp_id: &str, mut person: Person) -> Person {
    corp_id.clone_into(&mut person.corp_id);
    for membership in &mut person.departments {
        if directory.department(corp_id, membership.id).is_none() {
            membership.id = ROOT;
        }
    }
    person
}

/// `GET /_sandbox/people`.
pub async fn list(platform: Data<Platform>) -> HttpResponse {
    HttpResponse::Ok().json(platform.lock().directory.people().all())
}

/// `PATCH /_sandbox/people/{id}`: a JSON merge patch (RFC 7396), so `null` removes a value.
pub async fn change(
    platform: Data<Platform>,
    id: Path<String>,
    patch: Json<Map<String, Value>>,
) -> Result<Json<Person>, ControlError> {
    let mut state = platform.lock();
    let person = state
        .person(&id)
        .ok_or_else(|| ControlError::NotFound(format!("person: {id}")))?;
    let mut patch = patch.into_inner();
    if patch.get("id").is_some_and(|new| new != id.as_str()) {
        return Err(ControlError::Request(
            "the sandbox id of a person never changes".to_owned(),
        ));
    }
    // The departments belong to the organization that the person leaves.
    let moves = patch
        .get("corpId")
        .is_some_and(|new| *new != *person.corp_id);
    if moves && !patch.contains_key("departments") {
        patch.insert("departments".to_owned(), Value::Array(Vec::new()));
    }
    let changed = merged(person, patch)?;
    let happenings = state.directory.change(changed.clone())?;
    announce(&platform, &mut state, happenings);
    Ok(Json(changed))
}

/// How a person leaves.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dismissal {
    #[serde(default = "leave")]
    reason: String,
}

fn leave() -> String {
    "leave".to_owned()
}

/// `POST /_sandbox/people/{id}/dismiss`.
pub async fn dismiss(
    platform: Data<Platform>,
    id: Path<String>,
    dismissal: Json<Dismissal>,
) -> Result<HttpResponse, ControlError> {
    let mut state = platform.lock();
    let now = state.clock.now();
    let happenings = state.directory.dismiss(&id, &dismissal.reason, now)?;
    announce(&platform, &mut state, happenings);
    Ok(HttpResponse::NoContent().finish())
}

/// How a person comes back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// The new userid; generated by default.
    userid: Option<String>,
    /// The departments; the top of the organization by default.
    departments: Option<Vec<Membership>>,
}

/// `POST /_sandbox/people/{id}/rehire`.
pub async fn rehire(
    platform: Data<Platform>,
    id: Path<String>,
    back: Json<Return>,
) -> Result<Json<Person>, ControlError> {
    let mut state = platform.lock();
    let unknown = || ControlError::NotFound(format!("person: {id}"));
    let person = state.person(&id).ok_or_else(unknown)?;
    let back = back.into_inner();
    let people = state.directory.people();
    let fresh = || {
        let numbered = (2..).map(|number| format!("{}-{number}", person.userid));
        let mut free =
            numbered.filter(|userid| people.by_userid(&person.corp_id, userid).is_none());
        free.next().unwrap_or_default()
    };
    let userid = back.userid.unwrap_or_else(fresh);
    let departments = back.departments.unwrap_or_else(|| {
        vec![Membership {
            id: ROOT,
            order: 1,
            leader: false,
        }]
    });
    let happenings = state.directory.rehire(&id, userid, departments)?;
    announce(&platform, &mut state, happenings);
    state.person(&id).cloned().map(Json).ok_or_else(unknown)
}

fn merged(person: &Person, patch: Map<String, Value>) -> Result<Person, ControlError> {
    let mut record = serde_json::to_value(person).map_err(invalid)?;
    merge(&mut record, Value::Object(patch));
    serde_json::from_value(record).map_err(invalid)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err wants")]
fn invalid(error: serde_json::Error) -> ControlError {
    ControlError::Request(error.to_string())
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(&name);
                } else {
                    merge(target.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}
