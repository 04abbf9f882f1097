//! The people, to read and to change.

use actix_web::{
    HttpResponse,
    web::{Data, Json, Path},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::ControlError;
use crate::{person::Person, platform::Platform, seed};

/// A whole company; more would make every look-up slow, for people are a list.
const MOST: usize = 10_000;

/// How many to hire.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hire {
    count: usize,
}

/// `POST /_sandbox/people`: ordinary employees, numbered from 1.
pub async fn hire(
    platform: Data<Platform>,
    request: Json<Hire>,
) -> Result<HttpResponse, ControlError> {
    if request.count > MOST {
        let message = format!("count must be at most {MOST}");
        return Err(ControlError::Request(message));
    }
    let mut state = platform.lock();
    let state = &mut *state;
    for number in 1..=request.count {
        let mut person = seed::employee(number);
        person.corp_id.clone_from(&platform.settings().corp_id);
        if !state.people.iter().any(|known| known.id == person.id) {
            state.people.push(person);
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /_sandbox/people`.
pub async fn list(platform: Data<Platform>) -> HttpResponse {
    HttpResponse::Ok().json(&platform.lock().people)
}

/// `PATCH /_sandbox/people/{id}`: a JSON merge patch (RFC 7396), so `null` removes a value.
pub async fn change(
    platform: Data<Platform>,
    id: Path<String>,
    patch: Json<Map<String, Value>>,
) -> Result<Json<Person>, ControlError> {
    let mut state = platform.lock();
    let person = state
        .people
        .iter_mut()
        .find(|person| person.id == *id)
        .ok_or_else(|| ControlError::NotFound(format!("person: {id}")))?;
    if patch.get("id").is_some_and(|new| new != id.as_str()) {
        return Err(ControlError::Request(
            "the sandbox id of a person never changes".to_owned(),
        ));
    }
    let invalid = |error: serde_json::Error| ControlError::Request(error.to_string());
    let mut record = serde_json::to_value(&*person).map_err(invalid)?;
    merge(&mut record, Value::Object(patch.into_inner()));
    let changed: Person = serde_json::from_value(record).map_err(invalid)?;
    person.clone_from(&changed);
    Ok(Json(changed))
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
